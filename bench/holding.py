"""``python -m bench.holding FILE``: hold a connection with every endpoint named, and say what that cost this process.

The monitor of the product holds them, with its subscriptions to blocks; its rounds are a day apart, so that nothing but
news and signs of life goes over them. The file is a :class:`Plan` as JSON; the answer, a :class:`Held`, goes to
standard output. A process of its own, so that its memory and its loop are the holder's and nobody else's.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.own_cost import usage
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import BlindSpell, Question, Reading, Round, Stint, TipNews, Watch
from electrum_observatory.model.watch_ports import NewsColumns, ReadingColumns
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.loop import run
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.watching.config import WATCH_LIMITS, Cadences, Dials, WatchingConfig
from electrum_observatory.scanner.watching.monitor import Monitor
from electrum_observatory.scanner.watching.observer import Standing, Unobserved

_SAMPLE_S = 0.005
_READY_SECONDS = 300
_DAY_S = 86_400.0
_CONFIG = WatchingConfig(
    cadences=Cadences(**{f"{question}_s": _DAY_S for question in Question}),
    dials=Dials(at_once=256, per_second=1_000.0),
    settle_s=_READY_SECONDS,
)


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
        held_throughout: Those of them that stood at the end of the idle time without having broken meanwhile.
        failures: Kinds of what broke last, with their numbers.
        establish_s: Seconds until all were answered and asked in one round.
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
    held_throughout: int
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


class _Nowhere:
    """Implements ``model.watch_ports.WatchSink``: what is measured is holding, not storing."""

    async def begin_stint(self, watch: Watch, stint: Stint) -> None:
        """Keep nothing."""

    async def record_round(self, made: Round, readings: Sequence[Reading]) -> None:
        """Keep nothing."""

    async def record_news(self, news: Sequence[TipNews]) -> None:
        """Keep nothing."""

    async def record_blind(self, spell: BlindSpell) -> None:
        """Keep nothing."""

    async def heartbeat(self, at_us: int, monotonic_ns: int) -> None:
        """Keep nothing."""

    async def end_stint(self, at_us: int, monotonic_ns: int) -> None:
        """Keep nothing."""

    def begin_stint_now(self, watch: Watch, stint: Stint) -> None:
        """Keep nothing."""

    def record_columns(self, columns: ReadingColumns) -> int:
        """Keep nothing."""
        return len(columns.round_at)

    def record_news_columns(self, news: NewsColumns) -> int:
        """Keep nothing."""
        return len(news.endpoint_at)


class _Counting(Unobserved):
    """Counts, and knows when everybody was looked at."""

    def __init__(self) -> None:
        self.everybody_seen = asyncio.Event()
        self.begun = Counter[str]()
        self.news = Counter[str]()

    def round_made(self, made: Round, readings: Sequence[Reading]) -> None:  # noqa: ARG002
        """The first round comes once everybody was looked at."""
        self.everybody_seen.set()

    def news_came(self, news: Sequence[TipNews]) -> None:
        """The reply to a subscription begins a connection."""
        for one in news:
            (self.begun if one.first else self.news)[one.endpoint.canonical] += 1


async def hold(plan: Plan) -> Held:
    """Subscribe to all, wait until each has answered, and then watch the loop for the time that is asked."""
    overlay = Overlay.from_json(json.loads(await asyncio.to_thread(Path(plan.overlay).read_text, encoding="utf-8")))
    counting = _Counting()
    monitor = _monitor(overlay, counting)
    monitor.set_watched(map(Endpoint.parse, plan.endpoints))
    began = time.monotonic()
    holding = asyncio.create_task(monitor.run())
    try:
        async with asyncio.timeout(_READY_SECONDS):
            await counting.everybody_seen.wait()
        establish_s = time.monotonic() - began
        established = _held(monitor)
        counting.news = Counter(dict.fromkeys(established, 0))
        cpu_s = usage()["cpu_s"]
        lags = await _lags(plan.seconds)
        cost = usage()
        standing = _held(monitor)
        failures = Counter(f"{one.failure.stage}/{one.failure.kind}" for one in monitor.servers if one.failure)
    finally:
        holding.cancel()
        await asyncio.wait([holding])
    return Held(
        established=len(established),
        held_throughout=sum(one in standing and counting.begun[one] == 1 for one in established),
        failures=dict(failures),
        establish_s=establish_s,
        idle_s=plan.seconds,
        idle_cpu_s=cost["cpu_s"] - cpu_s,
        notices=counting.news.total(),
        fewest_notices=min(counting.news.values(), default=0),
        rss_mb=cost["resident_bytes"] / 1e6,
        peak_mb=cost["peak_bytes"] / 1e6,
        lag_p50_ms=lags[len(lags) // 2] * 1e3,
        lag_p99_ms=lags[len(lags) * 99 // 100] * 1e3,
        lag_max_ms=lags[-1] * 1e3,
    )


def _monitor(overlay: Overlay, observer: _Counting) -> Monitor:
    clock = SystemClock(overlay.time_scale)
    now_us = clock.now_us()
    return Monitor(
        watch=Watch(
            watch_id="20261120T120000Z-bench-000000",
            vantage="bench",
            network="bitcoin",
            started_at_us=now_us,
            config={},
            config_sha256="0" * 64,
        ),
        stint=Stint(
            started_at_us=now_us,
            started_monotonic_ns=clock.monotonic_ns(),
            boot_id=clock.boot_id,
            tool_version="0",
        ),
        dialer=Dialer(clock=clock, policy=AddressPolicy(), overlay=overlay, limits=WATCH_LIMITS),
        sink=_Nowhere(),
        clock=clock,
        rng=random.Random(0),
        config=_CONFIG,
        observer=observer,
    )


def _held(monitor: Monitor) -> set[str]:
    return {one.endpoint.canonical for one in monitor.servers if one.standing is Standing.HELD}


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
