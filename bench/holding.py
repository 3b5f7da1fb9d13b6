"""``python -m bench.holding FILE``: hold subscriptions to every endpoint named, and say what that cost this process.

The file is a :class:`Plan` as JSON; the answer, a :class:`Held`, goes to standard output. A process of its own, so that
its memory and its loop are the holder's and nobody else's.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.own_cost import usage
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.loop import run
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.subscription import Notice
from electrum_observatory.scanner.subscriptions import SUBSCRIPTION_LIMITS, Subscriptions

_SAMPLE_S = 0.005
_READY_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to hold, and for how long once all are established."""

    overlay: str
    endpoints: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What came of it.

    Attributes:
        established: Subscriptions that were answered.
        held_at_the_end: Subscriptions that still stood after the idle time.
        failures: Kinds of those that ended, with their numbers.
        establish_s: Seconds until all were answered.
        idle_s: Seconds they were held from then on.
        idle_cpu_s: CPU seconds of the process in that time.
        notices: News of blocks that came in that time.
        fewest_notices: The fewest that came from one server.
        rss_mb: Resident memory at the end of that time.
        peak_mb: Peak resident memory.
        lag_p50_ms: Median lateness of the event loop in that time, sampled every five milliseconds.
        lag_p99_ms: 99th percentile of the same.
        lag_max_ms: The worst of the same.
    """

    established: int
    held_at_the_end: int
    failures: dict[str, int]
    establish_s: float
    idle_s: float
    idle_cpu_s: float
    notices: int
    fewest_notices: int
    rss_mb: float
    peak_mb: float
    lag_p50_ms: float
    lag_p99_ms: float
    lag_max_ms: float


class _Watcher:
    """Counts, and knows when every server has answered or failed."""

    def __init__(self, endpoints: int) -> None:
        self.settled = asyncio.Event()
        self.established = 0
        self.news: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self._left = endpoints

    def told(self, notice: Notice) -> None:
        if notice.first:
            self.established += 1
            self.news[notice.endpoint.canonical] = 0
            self._settle()
        else:
            self.news[notice.endpoint.canonical] += 1

    def ended(self, endpoint: Endpoint, failure: Failure) -> None:
        kind = f"{failure.stage}/{failure.kind}"
        self.failures[kind] = self.failures.get(kind, 0) + 1
        if endpoint.canonical not in self.news:
            self._settle()

    def _settle(self) -> None:
        self._left -= 1
        if not self._left:
            self.settled.set()


async def hold(plan: Plan) -> Held:
    """Subscribe to all, wait until each has answered, and then watch the loop for the time that is asked."""
    overlay = Overlay.from_json(json.loads(await asyncio.to_thread(Path(plan.overlay).read_text, encoding="utf-8")))
    dialer = Dialer(clock=SystemClock(), policy=AddressPolicy(), overlay=overlay, limits=SUBSCRIPTION_LIMITS)
    watcher = _Watcher(len(plan.endpoints))
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with Subscriptions(dialer=dialer, watcher=watcher) as subscriptions:
        for endpoint in plan.endpoints:
            subscriptions.add(Endpoint.parse(endpoint))
        async with asyncio.timeout(_READY_SECONDS):
            await watcher.settled.wait()
        establish_s = loop.time() - began
        watcher.news = dict.fromkeys(watcher.news, 0)
        cpu_s = usage()["cpu_s"]
        lags = await _lags(plan.seconds)
        cost = usage()
        return Held(
            established=watcher.established,
            held_at_the_end=len(subscriptions.held),
            failures=watcher.failures,
            establish_s=establish_s,
            idle_s=plan.seconds,
            idle_cpu_s=cost["cpu_s"] - cpu_s,
            notices=sum(watcher.news.values()),
            fewest_notices=min(watcher.news.values(), default=0),
            rss_mb=cost["resident_bytes"] / 1e6,
            peak_mb=cost["peak_bytes"] / 1e6,
            lag_p50_ms=lags[len(lags) // 2] * 1e3,
            lag_p99_ms=lags[len(lags) * 99 // 100] * 1e3,
            lag_max_ms=lags[-1] * 1e3,
        )


async def _lags(seconds: float) -> list[float]:
    """Return how late the loop came back from each of many short waits, smallest first.

    By the system's clock: the loop's own stands still while it is busy.
    """
    end = time.monotonic() + seconds
    lags: list[float] = []
    while (now := time.monotonic()) < end:
        await asyncio.sleep(_SAMPLE_S)
        lags.append(max(0.0, time.monotonic() - now - _SAMPLE_S))
    return sorted(lags)


def main() -> None:
    """Do what the file says."""
    raise_descriptor_limit()
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(run(hold(plan))))


if __name__ == "__main__":
    main()
