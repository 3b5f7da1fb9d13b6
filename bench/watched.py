"""``python -m bench.watched FILE``: watch every endpoint named into a live store, and say what that cost this process.

The file is a :class:`Plan` as JSON; the answer, a :class:`Kept`, goes to standard output. A process of its own, so that
its memory and its loop are the monitor's and nobody else's.
"""

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from bench.own_cost import usage
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.watch import Availability, Question, Reading, Round, Stint, TipNews, Watch
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.loop import run
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.watching.config import WATCH_LIMITS, Cadences, Dials, WatchingConfig
from electrum_observatory.scanner.watching.monitor import Monitor
from electrum_observatory.scanner.watching.observer import Unobserved
from electrum_observatory.store.live import LiveStore

_WATCH_ID = "20261120T120000Z-local-0a1b2c"
_READY_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to watch.

    Attributes:
        overlay: Path of the lab's address book.
        endpoints: Whom.
        data: Path of the data folder to keep it in.
        cadence_s: From round to round.
        jitter_s: See ``WatchingConfig``.
        deadline_s: Likewise.
        rounds: How many rounds to make, the first, which comes right after the dials, not counted.
    """

    overlay: str
    endpoints: tuple[str, ...]
    data: str
    cadence_s: float
    jitter_s: float
    deadline_s: float
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came of it, over the rounds after the first.

    Attributes:
        ready_s: Seconds from the start until everybody had been dialled and the first round was kept.
        ready_cpu_s: CPU seconds of the process in that time.
        watched_s: Seconds from then on until the last round was kept.
        watched_cpu_s: CPU seconds of the process in that time.
        cycle_s: The longest round.
        up: The fewest servers that were up in a round.
        answered: The fewest that answered the histogram question in a round.
        histograms_s: The longest time, of all rounds, from the first histogram's arrival to the 99th percentile.
        sent_s: The longest time, of all rounds, from the first question's leaving to the last.
        lag_p50_ms: Median lateness of the loop at the stamps of replies and news.
        lag_p99_ms: 99th percentile of the same.
        lag_max_ms: The worst of the same.
        news: Tips that servers told of by themselves.
        spells: Blind spells; none is expected.
        rss_mb: Resident memory at the end.
        peak_mb: Peak resident memory.
    """

    ready_s: float
    ready_cpu_s: float
    watched_s: float
    watched_cpu_s: float
    cycle_s: float
    up: int
    answered: int
    histograms_s: float
    sent_s: float
    lag_p50_ms: float
    lag_p99_ms: float
    lag_max_ms: float
    news: int
    spells: int
    rss_mb: float
    peak_mb: float


class _Observer(Unobserved):
    """Keeps of each round what is told of it in the end."""

    def __init__(self) -> None:
        self.rounds: list[Round] = []
        self.up: list[int] = []
        self.histogram_us: list[list[int]] = []
        self.sent_us: list[list[int]] = []
        self.lag_us: list[int] = []
        self.news = self.spells = 0
        self.came = asyncio.Event()

    def round_made(self, made: Round, readings: Sequence[Reading]) -> None:
        sent = {one.endpoint: one.sent_us for one in readings if one.sent_us is not None}
        self.rounds.append(made)
        self.up.append(sum(one.availability is Availability.UP for one in readings))
        self.sent_us.append(list(sent.values()))
        self.histogram_us.append(
            [
                sent[one.endpoint] + one.answers[Question.HISTOGRAM].after_us
                for one in readings
                if one.endpoint in sent and Question.HISTOGRAM in one.answers
            ]
        )
        self.lag_us += [one.lag_us for one in readings if one.answers]
        self.came.set()

    def news_came(self, news: Sequence[TipNews]) -> None:
        told = [one for one in news if not one.first]
        self.news += len(told)
        self.lag_us += [one.lag_us for one in told]

    def was_blind(self, spell: object) -> None:  # noqa: ARG002
        self.spells += 1

    def forget(self) -> None:
        """Begin anew: the rounds from here on count."""
        self.rounds, self.up, self.sent_us, self.histogram_us, self.lag_us = [], [], [], [], []
        self.news = 0

    async def reach(self, rounds: int) -> None:
        while len(self.rounds) < rounds:
            self.came.clear()
            await self.came.wait()


def _monitor(plan: Plan, overlay: Overlay, store: LiveStore, observer: _Observer) -> Monitor:
    clock = SystemClock()
    now_us = clock.now_us()
    return Monitor(
        watch=Watch(
            watch_id=_WATCH_ID,
            vantage="local",
            network="bitcoin",
            started_at_us=now_us,
            config={},
            config_sha256="00" * 32,
        ),
        stint=Stint(
            started_at_us=now_us,
            started_monotonic_ns=clock.monotonic_ns(),
            boot_id=clock.boot_id,
            tool_version="bench",
        ),
        dialer=Dialer(clock=clock, policy=AddressPolicy(), overlay=overlay, limits=WATCH_LIMITS),
        sink=store.watching(),
        clock=clock,
        rng=random.Random(1),
        config=WatchingConfig(
            cadences=Cadences(**{f"{question}_s": plan.cadence_s for question in Question}),
            dials=Dials(spacing_s=min(10.0, plan.cadence_s)),
            jitter_s=plan.jitter_s,
            deadline_s=plan.deadline_s,
        ),
        observer=observer,
        slept_ns=clock.slept_ns,
    )


async def keep(plan: Plan) -> Kept:
    """Watch everybody until the rounds were made."""
    overlay = Overlay.from_json(json.loads(await asyncio.to_thread(Path(plan.overlay).read_text, encoding="utf-8")))
    observer = _Observer()
    loop = asyncio.get_running_loop()
    began = loop.time()
    with LiveStore.open(Path(plan.data), SystemClock()) as store:
        monitor = _monitor(plan, overlay, store, observer)
        monitor.set_watched(Endpoint.parse(one) for one in plan.endpoints)
        watching = asyncio.create_task(monitor.run())
        async with asyncio.timeout(_READY_SECONDS):
            await observer.reach(1)
        ready_s, ready_cpu_s = loop.time() - began, usage()["cpu_s"]
        observer.forget()
        async with asyncio.timeout(_READY_SECONDS + plan.rounds * plan.cadence_s):
            await observer.reach(plan.rounds)
        watched_s, cost = loop.time() - began - ready_s, usage()
        watching.cancel()
        await asyncio.wait([watching])
    return _kept(observer, cost, ready_s, ready_cpu_s, watched_s)


def _kept(observer: _Observer, cost: dict[str, float], ready_s: float, ready_cpu_s: float, watched_s: float) -> Kept:
    lag_p50, lag_p99, lag_max = np.percentile(observer.lag_us or [0], [50, 99, 100]) / 1e3
    return Kept(
        ready_s=ready_s,
        ready_cpu_s=ready_cpu_s,
        watched_s=watched_s,
        watched_cpu_s=cost["cpu_s"] - ready_cpu_s,
        cycle_s=max(one.duration_us for one in observer.rounds) / 1e6,
        up=min(observer.up),
        answered=min(map(len, observer.histogram_us)),
        histograms_s=max(float(np.percentile(one, 99)) - min(one) for one in observer.histogram_us if one) / 1e6,
        sent_s=max(max(one) - min(one) for one in observer.sent_us if one) / 1e6,
        lag_p50_ms=float(lag_p50),
        lag_p99_ms=float(lag_p99),
        lag_max_ms=float(lag_max),
        news=observer.news,
        spells=observer.spells,
        rss_mb=cost["resident_bytes"] / 1e6,
        peak_mb=cost["peak_bytes"] / 1e6,
    )


def main() -> None:
    """Do what the file says."""
    raise_descriptor_limit()
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(run(keep(plan))))


if __name__ == "__main__":
    main()
