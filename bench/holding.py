"""``python -m bench.holding FILE``: hold a connection with every endpoint named, and say what that cost this process.

The fleet of the product's monitor holds them, each subscribed to blocks; there are no rounds, so that nothing but news
and signs of life goes over them. The file is a :class:`Plan` as JSON; the answer, a :class:`Held`, goes to
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
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import BlindSpell, Reading, Round, Stint, TipNews, Watch
from electrum_observatory.model.watch_ports import NewsColumns, ReadingColumns
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.loop import run
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.blindness import Sight
from electrum_observatory.scanner.watching.config import WATCH_LIMITS, WatchingConfig
from electrum_observatory.scanner.watching.fleet import Fleet
from electrum_observatory.scanner.watching.observer import Unobserved
from electrum_observatory.scanner.watching.outbox import Outbox

_SAMPLE_S = 0.005
_READY_SECONDS = 300
_HOUSE_S = 0.5
_CONFIG = WatchingConfig()


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
    """Counts what servers tell; the reply to a subscription begins a connection."""

    def __init__(self) -> None:
        self.begun = Counter[str]()
        self.news = Counter[str]()

    def news_came(self, news: Sequence[TipNews]) -> None:
        """Count."""
        for one in news:
            (self.begun if one.first else self.news)[one.endpoint.canonical] += 1


class _Holding:
    """A fleet, and what its monitor does for it beside the rounds."""

    def __init__(self, overlay: Overlay) -> None:
        clock = SystemClock(overlay.time_scale)
        self.counting = _Counting()
        self._lag = LoopLag(interval_s=_CONFIG.lag_every_s, now=time.monotonic)
        self._outbox = Outbox(sink=_Nowhere(), clock=clock, lag=self._lag, lag_every_s=_CONFIG.lag_every_s)
        self.fleet = Fleet(
            dialer=Dialer(clock=clock, policy=AddressPolicy(), overlay=overlay, limits=WATCH_LIMITS),
            clock=clock,
            rng=random.Random(0),
            config=_CONFIG,
            rules=Rules(),
            genesis_hash=NETWORKS["bitcoin"].genesis_hash,
            sight=Sight(clock, _CONFIG.silence_s),
            outbox=self._outbox,
            observer=self.counting,
        )

    def standing(self) -> set[str]:
        """Return with whom a connection stands."""
        return {one.endpoint.canonical for one in self.fleet.held()}

    async def keep_house(self) -> None:
        """Measure our lateness and hand news over, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._lag.measure())
            while True:
                await self._outbox.empty(self.counting)
                await asyncio.sleep(_HOUSE_S)


async def hold(plan: Plan) -> Held:
    """Subscribe to all, wait until each has answered, and then watch the loop for the time that is asked."""
    overlay = Overlay.from_json(json.loads(await asyncio.to_thread(Path(plan.overlay).read_text, encoding="utf-8")))
    holding = _Holding(overlay)
    counting = holding.counting
    house = asyncio.create_task(holding.keep_house())
    began = time.monotonic()
    async with holding.fleet as fleet:
        fleet.set_watched(map(Endpoint.parse, plan.endpoints))
        await fleet.all_seen(_READY_SECONDS)
        establish_s = time.monotonic() - began
        established = holding.standing()
        counting.news = Counter(dict.fromkeys(established, 0))
        cpu_s = usage()["cpu_s"]
        lags = await _lags(plan.seconds)
        cost = usage()
        standing = holding.standing()
        failures = Counter(f"{one.failure.stage}/{one.failure.kind}" for one in fleet.roster if one.failure)
    house.cancel()
    await asyncio.wait([house])
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
