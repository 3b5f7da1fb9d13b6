"""One round: everybody is asked at one moment, and each is given the state in which it was found.

A server that is held says itself how it is. For one that is not, the latest look counts (the last dial that ended, or
the end of its connection), if it was taken since the round before began; without such a look the round says nothing of
it. Nor does silence say anything where we ourselves were blind since the server was last heard: its connection may have
died of that.
"""

import asyncio
import random
from dataclasses import dataclass, field

from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Availability, BlindSpell, Question, Reading, Round
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.watching.asked import Asked
from electrum_observatory.scanner.watching.availability import availability_after
from electrum_observatory.scanner.watching.blindness import Sight
from electrum_observatory.scanner.watching.config import WatchingConfig
from electrum_observatory.scanner.watching.fleet import Fleet
from electrum_observatory.scanner.watching.roster import Look, Server
from electrum_observatory.scanner.watching.schedule import Due

_SLICE_S = 0.01
_READ_AT_ONCE = 50
_AFTER_THE_LAST_S = 0.05
_WITNESSES = 5
_WITNESS_S = 5.0
_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A round that is over.

    Attributes:
        round: What it was.
        readings: Whom it says something of; none where nobody was seen.
        spell: The blind spell that it began or belongs to; None where there was none.
    """

    round: Round
    readings: list[Reading]
    spell: BlindSpell | None


@dataclass(slots=True)
class _Asking:
    """The questions of a round on their way."""

    started_us: int
    started_ns: int
    left: int = 0
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    asked: dict[Server, Asked] = field(default_factory=dict)

    def done(self) -> None:
        self.left -= 1
        if not self.left:
            self.finished.set()


class RoundMaker:
    """Makes rounds, one at a time."""

    def __init__(
        self, *, fleet: Fleet, sight: Sight, lag: LoopLag, clock: Clock, rng: random.Random, config: WatchingConfig
    ) -> None:
        """Take whom to ask, and everything that judges what came."""
        self._fleet = fleet
        self._sight = sight
        self._lag = lag
        self._clock = clock
        self._rng = rng
        self._config = config
        self._since_ns = clock.monotonic_ns()

    async def make(self, number: int, due: Due) -> Made:
        """Ask everybody who is held, wait for replies, and judge everybody."""
        asking = _Asking(self._clock.now_us(), self._clock.monotonic_ns())
        late_us = (asking.started_ns - due.at_ns) // _NS_PER_US
        await self._ask(asking, due.questions)
        await self._wait(asking)
        ended_ns = self._end_of(asking)
        lost = await self._call_witnesses(asking)
        await asyncio.sleep(min(_AFTER_THE_LAST_S, 2 * self._config.lag_every_s))  # so that the last lag is known
        readings = await self._readings(asking, ended_ns)
        self._since_ns = asking.started_ns
        made = Round(
            number=number,
            due_at_us=asking.started_us - late_us,
            started_at_us=asking.started_us,
            started_monotonic_ns=asking.started_ns,
            boot_id=self._clock.boot_id,
            duration_us=(ended_ns - asking.started_ns) // _NS_PER_US,
            questions=due.questions,
            lag_max_us=self._worst_lag(asking.started_ns, ended_ns),
        )
        nobody = self._judge(readings, self._clock.monotonic_ns())
        return Made(round=made, readings=[] if nobody else readings, spell=nobody or lost)

    async def _ask(self, asking: _Asking, questions: tuple[Question, ...]) -> None:
        """Let the questions leave in slices, in an order of this round's own, so that nobody is always first."""
        servers = self._fleet.held()
        self._rng.shuffle(servers)
        slices = max(1, round(self._config.spread_s / _SLICE_S))
        size = -(-len(servers) // slices)
        loop = asyncio.get_running_loop()
        began = loop.time()
        asking.left = 1  # of our own, until all are asked
        for number, start in enumerate(range(0, len(servers), size or 1)):
            await asyncio.sleep(max(0.0, began + number * _SLICE_S - loop.time()))
            for server in servers[start : start + size]:
                self._ask_one(server, asking, questions)
        asking.done()

    def _ask_one(self, server: Server, asking: _Asking, questions: tuple[Question, ...]) -> None:
        if server.held is None:
            return
        asking.left += 1
        asked = server.held.ask(questions, asking.done, self._config.scripts)
        if asked is None:
            asking.done()
        else:
            asking.asked[server] = asked

    async def _wait(self, asking: _Asking) -> None:
        passed_s = (self._clock.monotonic_ns() - asking.started_ns) / _NS_PER_S
        try:
            async with asyncio.timeout(max(0.0, self._config.deadline_s - passed_s)):
                await asking.finished.wait()
        except TimeoutError:
            return

    async def _call_witnesses(self, asking: _Asking) -> BlindSpell | None:
        """Where some stayed silent, ask a few who did answer for a sign of life: is it them, or our network since?

        Returns the spell where nobody at all can be heard any more.
        """
        witnesses = [server for server, asked in asking.asked.items() if asked.replies and server.held is not None]
        if asking.left <= 0 or not witnesses:
            return None
        self._sight.sign.clear()
        for server in witnesses[:_WITNESSES]:
            if server.held is not None:
                server.held.ping()
        try:
            async with asyncio.timeout(min(_WITNESS_S, self._config.deadline_s)):
                await self._sight.sign.wait()
        except TimeoutError:
            return self._sight.note_no_witness(self._clock.monotonic_ns())
        return None

    def _end_of(self, asking: _Asking) -> int:
        if asking.left > 0:
            return self._clock.monotonic_ns()
        return max((one.last_ns for one in asking.asked.values() if one.last_ns), default=asking.started_ns)

    async def _readings(self, asking: _Asking, ended_ns: int) -> list[Reading]:
        readings: list[Reading] = []
        for number, server in enumerate(self._fleet.roster):
            if number % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)  # a thousand in one go would be lag of our own making
            asked = asking.asked.get(server)
            reading = self._found(server) if asked is None else self._answered(server, asked, asking, ended_ns)
            if reading is not None:
                readings.append(reading)
                self._note(server, reading)
        return readings

    def _answered(self, server: Server, asked: Asked, asking: _Asking, ended_ns: int) -> Reading | None:
        if server.held is not None:
            server.held.round_over(self._config.deadline_s)
        availability = _availability(asked)
        if availability is None or (
            availability is Availability.UNKNOWN and self._sight.was_blind(asked.heard_ns, ended_ns)
        ):
            return None
        first_ns = asked.first_ns
        server.reply_us = None if first_ns is None else (first_ns - asked.sent_ns) // _NS_PER_US
        return Reading(
            endpoint=server.endpoint,
            availability=availability,
            failure=asked.failure,
            sent_us=(asked.sent_ns - asking.started_ns) // _NS_PER_US,
            lag_us=max((self._worst_lag(at_ns, at_ns) for at_ns in asked.stamps()), default=0),
            answers=asked.answers(),
        )

    def _found(self, server: Server) -> Reading | None:
        look = server.look
        availability = None if look is None else self._seen(look)
        if look is None or availability is None:
            return None
        server.reply_us = None
        return Reading(endpoint=server.endpoint, availability=availability, failure=look.failure)

    def _seen(self, look: Look) -> Availability | None:
        if look.ended_ns < self._since_ns:
            return None
        if look.failure is None:
            return Availability.UP
        found = availability_after(look.failure)
        blind = found is Availability.UNKNOWN and self._sight.was_blind(look.began_ns, look.ended_ns)
        return None if blind else found

    def _note(self, server: Server, reading: Reading) -> None:
        server.availability = reading.availability
        if reading.availability is Availability.UP:
            server.failures = 0
            server.last_up_ns = self._clock.monotonic_ns()

    def _judge(self, readings: list[Reading], now_ns: int) -> BlindSpell | None:
        states = [reading.availability for reading in readings]
        return self._sight.judge_round(
            up=states.count(Availability.UP),
            refused=states.count(Availability.REFUSED),
            watched=len(self._fleet.roster),
            ended_ns=now_ns,
        )

    def _worst_lag(self, from_ns: int, to_ns: int) -> int:
        return self._lag.worst_between(from_ns / _NS_PER_S - self._config.lag_every_s, to_ns / _NS_PER_S)


def _availability(asked: Asked) -> Availability | None:
    """Return how a server was found that was asked; None where trouble of ours kept its answers from us."""
    if asked.replies:
        return Availability.REFUSED if asked.full else Availability.UP
    return None if asked.failure is None else availability_after(asked.failure)
