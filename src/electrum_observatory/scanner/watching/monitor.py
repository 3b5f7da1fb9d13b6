"""The monitor: keeps a watch, from the first dial to the last heartbeat."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Blindness, BlindSpell, Stint, Watch
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.scanner.attempts import cause_of
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.ports import Dialing
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.watching.blindness import ClockWatch, Sight
from electrum_observatory.scanner.watching.config import WatchingConfig
from electrum_observatory.scanner.watching.fleet import Fleet
from electrum_observatory.scanner.watching.observer import MonitorObserver, ServerView, Unobserved
from electrum_observatory.scanner.watching.outbox import Outbox
from electrum_observatory.scanner.watching.rounds import RoundMaker
from electrum_observatory.scanner.watching.schedule import Due, Schedule
from electrum_observatory.scanner.watching.tidying import tidied_by_hand, tidy

_HOUSE_S = 0.5
_CLOCKS_S = 1.0
_LAGS_KEPT_S = 60.0
_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000


class Monitor:
    """One stint of a watch."""

    def __init__(
        self,
        *,
        watch: Watch,
        stint: Stint,
        dialer: Dialing,
        sink: WatchSink,
        clock: Clock,
        rng: random.Random,
        config: WatchingConfig | None = None,
        rules: Rules | None = None,
        observer: MonitorObserver | None = None,
        first_round: int = 1,
        was_up: Collection[Endpoint] = (),
        slept_ns: Callable[[], int] | None = None,
    ) -> None:
        """Take the borders.

        Args:
            watch: What is kept; its network's genesis is expected of every server.
            stint: This process, as the sink is told.
            dialer: Opens connections; to be made with ``config.WATCH_LIMITS``.
            sink: Where facts go.
            clock: Stamps.
            rng: Draws jitter and orders.
            config: Cadences and budgets, in real seconds: a lab's have gone through ``in_time_of``.
            rules: Who opted out or is left out; address and port policies are the dialler's.
            observer: Whom to tell what is seen.
            first_round: Number of the first round: one more than the watch has.
            was_up: Who was up before this stint: where none of many is in its first round, our own network is lost.
            slept_ns: How long this machine has slept since its boot; None where that cannot be told, and a sleep then
                looks like a step of the wall clock.
        """
        self._watch = watch
        self._stint = stint
        self._sink = sink
        self._clock = clock
        self._rng = rng
        self._config = config or WatchingConfig()
        self._observer = observer or Unobserved()
        self._number = first_round
        self._was_up = {one.canonical for one in was_up}
        self._due: Due | None = None
        lag_every_s = self._config.lag_every_s
        self._lag = LoopLag(
            interval_s=lag_every_s,
            kept=max(1, round(_LAGS_KEPT_S / lag_every_s)),
            now=lambda: clock.monotonic_ns() / _NS_PER_S,
        )
        self._sight = Sight(clock, self._config.silence_s)
        self._clocks = ClockWatch(clock, slept_ns)
        self._outbox = Outbox(sink=sink, clock=clock, lag=self._lag, lag_every_s=lag_every_s)
        self._fleet = Fleet(
            dialer=dialer,
            clock=clock,
            rng=rng,
            config=self._config,
            rules=rules or Rules(),
            genesis_hash=NETWORKS[watch.network].genesis_hash,
            sight=self._sight,
            outbox=self._outbox,
            observer=self._observer,
        )
        self._rounds = RoundMaker(
            fleet=self._fleet, sight=self._sight, lag=self._lag, clock=clock, rng=rng, config=self._config
        )

    @property
    def servers(self) -> Sequence[ServerView]:
        """Everybody who is watched, as known now, in the order in which they came."""
        return [server.view() for server in self._fleet.roster]

    @property
    def next_round_us(self) -> int | None:
        """When the next round is due, UTC microseconds; None while none is planned."""
        return None if self._due is None else self._wall_us(self._due.at_ns)

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Watch these endpoints; to be called before :meth:`run` or :meth:`once`, and whenever there is a new list.

        New ones are dialled in their turn. Whoever is not on the list any more stays until it was missing and not up
        for ``forget_after_s``; no call drops more than a tenth. Whoever opted out since is dropped at once.
        """
        self._fleet.set_watched(endpoints)
        self._sight.expect(sum(server.endpoint.canonical in self._was_up for server in self._fleet.roster))

    async def run(self) -> None:
        """Keep the watch until cancelled; the stint is then ended in the sink.

        Raises:
            StoreError: The sink cannot keep what is seen.
        """
        await self._keep(self._make_rounds)

    async def once(self) -> None:
        """Dial everybody, make one round, and end the stint. Raises StoreError as :meth:`run` does."""
        await self._keep(self._make_one_round)

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._sink.begin_stint(self._watch, self._stint)
        try:
            await self._work_beside_the_house(work)
        except asyncio.CancelledError:
            await self._end()
            raise
        except BaseExceptionGroup as group:
            raise cause_of(group) from group
        await self._end()

    async def _work_beside_the_house(self, work: Callable[[], Awaitable[None]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            house = [tasks.create_task(one) for one in (self._lag.measure(), self._keep_house(), self._watch_clocks())]
            async with self._fleet:
                await self._fleet.all_seen(self._config.settle_s)
                with tidied_by_hand():
                    await work()
            for task in house:
                task.cancel()

    async def _end(self) -> None:
        await self._outbox.empty(self._observer)
        await self._sink.end_stint(self._clock.now_us(), self._clock.monotonic_ns())

    async def _make_one_round(self) -> None:
        now_ns = self._clock.monotonic_ns()
        await self._make_round(Due(at_ns=now_ns, questions=self._config.questions, skip_after_ns=now_ns))

    async def _make_rounds(self) -> None:
        schedule = Schedule(
            self._config.every_s,
            start_ns=self._clock.monotonic_ns(),
            jitter_s=self._config.jitter_s,
            together_s=self._config.deadline_s,
            rng=self._rng,
        )
        due = schedule.next()
        while True:
            due = self._due = self._in_time(schedule, due)
            await self._until(due.at_ns)
            if self._clock.monotonic_ns() > due.skip_after_ns:
                continue  # this process did not get to run when it was time
            await self._make_round(due)
            due = schedule.next()

    def _in_time(self, schedule: Schedule, first: Due) -> Due:
        """Return the next round whose time has not passed; what is skipped is a blind spell of ours."""
        due = first
        now_ns = self._clock.monotonic_ns()
        while now_ns > due.skip_after_ns:
            due = schedule.next()
        if due is not first:
            from_us, to_us = self._wall_us(first.at_ns), self._wall_us(now_ns)
            self._outbox.spell(BlindSpell(why=Blindness.LATE, from_us=from_us, to_us=to_us))
        return due

    async def _until(self, at_ns: int) -> None:
        await asyncio.sleep(max(0, at_ns - self._clock.monotonic_ns()) / _NS_PER_S)

    async def _make_round(self, due: Due) -> None:
        made = await self._rounds.make(self._number, due)
        self._number += 1
        if made.spell is not None:
            self._outbox.spell(made.spell)
        await self._sink.record_round(made.round, made.readings)
        self._observer.round_made(made.round, made.readings)
        tidy()

    async def _keep_house(self) -> None:
        """Hand news to the sink as it comes; now and then tell it that we are here, and look whether others are."""
        rest_s = min(_HOUSE_S, self._config.heartbeat_s)
        next_ns = 0
        while True:
            await self._outbox.empty(self._observer, goes_on=self._sight.lost)
            now_ns = self._clock.monotonic_ns()
            if now_ns >= next_ns:
                await self._sink.heartbeat(self._clock.now_us(), now_ns)
                self._fleet.look_out()
                next_ns = now_ns + round((self._config.heartbeat_s - rest_s) * _NS_PER_S)
            await asyncio.sleep(rest_s)

    async def _watch_clocks(self) -> None:
        while True:
            await asyncio.sleep(_CLOCKS_S)
            spell = self._clocks.look()
            self._sight.note_awake(self._clock.monotonic_ns())
            if spell is not None:
                if spell.why is Blindness.SUSPENDED:
                    self._sight.note_stall(self._clocks.before_ns, self._clock.monotonic_ns())
                self._outbox.spell(spell)

    def _wall_us(self, at_ns: int) -> int:
        return self._clock.now_us() + (at_ns - self._clock.monotonic_ns()) // _NS_PER_US
