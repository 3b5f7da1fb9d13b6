"""What is put on one connection of a battery visit, and what came of it.

The outcomes are noted when the connection is over: only what was answered later tells a silent server from a dead one,
and only the end tells what closed the connection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.attempts import JsonAttempt
from electrum_observatory.scanner.behaviour import BehaviourProbe, BehaviourResult, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.conversation import Asked, Conversation
from electrum_observatory.scanner.exchanges import PING_NAME, Exchanges, witnesses_before
from electrum_observatory.scanner.notebook import Moment, Notebook
from electrum_observatory.scanner.packing import requests_of
from electrum_observatory.scanner.probes import opening as opening_probe
from electrum_observatory.scanner.slowness import sign_of_a_limit
from electrum_observatory.scanner.storable import storable

FIRST_PING_ID = 900  # below the ids of all probes of behaviour, which begin at 1000
_TOLD_BY_RESULT = frozenset({FailureKind.EOF, FailureKind.CONNECTION_RESET, FailureKind.READ_TIMEOUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which connection of which visit it is, and what is left of the visit's budgets.

    Attributes:
        visit: Number of the visit, from 1.
        connection: Number within the visit, from 0.
        requests: Messages that it may send.
        errors: Error replies that it may provoke.
    """

    visit: int
    connection: int
    requests: int
    errors: int


@dataclass(slots=True, kw_only=True, eq=False)
class _Turn:
    """A question, and which messages of the conversation are its own."""

    probe: str
    version: int
    began: Moment
    first: int
    last: int | None = None
    stopped: str | None = None
    not_put: JsonAttempt | None = None
    told: Callable[[BehaviourResult], BehaviourResult] = lambda result: result


@dataclass(slots=True, kw_only=True, eq=False)
class Sheet:
    """The questions of one connection.

    Attributes:
        conversation: Where they are put.
        notebook: Where their outcomes are noted.
        subject: What they may be about.
        share: What they may cost.
        cancelled: Whether it was cut short.
    """

    conversation: Conversation
    notebook: Notebook
    subject: Subject
    share: Share
    cancelled: bool = False
    _opening: Opening = Opening.RANGE
    _negotiated: str | None = None
    _refused: bool = False
    _puts: list[_Turn] = field(default_factory=list)
    _pings: int = 0

    async def open(self, opening: Opening, began: Moment) -> None:
        """Shake hands, unless the first question does."""
        self._opening = opening
        put = self._begin(opening_probe.PROBE_ID, opening_probe.VERSION, began)
        step = opening_probe.handshake(opening, self.subject.client_name)
        if step is not None and self.share.requests > 0:  # else no question has room either
            asked = self.conversation.send(step)
            await self.conversation.settled(asked)
            self._negotiated, self._refused = opening_probe.read_handshake(asked.reply)
        self._end(put)

    async def put(self, probe: BehaviourProbe) -> None:
        """Put one question, as far as the budgets allow."""
        put = self._begin(probe.id, probe.version, self.notebook.moment())
        put.told = probe.told
        steps = probe.steps(self.subject)
        put.not_put = self._obstacle(probe, steps)
        if put.not_put is None:
            self.conversation.begin()
            await self._put_steps(probe, steps, put)
        self._end(put)

    def note_all(self) -> None:
        """Note every outcome, and count what it cost."""
        conversation, notebook = self.conversation, self.notebook
        exchanges = Exchanges(conversation)
        for put in self._puts:
            last = len(conversation.asked) if put.last is None else put.last
            attempt = self._attempt(put, last, exchanges)
            notebook.conclude(put.probe, put.version, attempt, put.began, exchanges.witnesses(put.first, last))
        notebook.add_witnesses(opening_probe.PROBE_ID, witnesses_before(conversation))
        notebook.requests += len(conversation.asked)
        notebook.errors += conversation.errors
        notebook.notifications += conversation.notifications
        notebook.ended = None if conversation.failure is None else conversation.failure.failure.kind

    async def _put_steps(self, probe: BehaviourProbe, steps: Sequence[Step], put: _Turn) -> None:
        conversation, mine = self.conversation, list[Asked]()
        for step in steps:
            await conversation.until(lambda: _waiting(mine) < self._room(probe), conversation.limits.request_s)
            put.stopped = self._reason_to_stop(probe, mine)
            if put.stopped is not None:
                break
            mine.append(conversation.send(_named(step, probe)))
            if (probe.in_flight == 1 or step.settle) and not await conversation.settled(mine[-1]):
                await self._ping()
        await conversation.until(lambda: not _waiting(mine), conversation.limits.request_s)
        if probe.cost.may_close or _waiting(mine):
            await self._ping()

    async def _ping(self) -> None:
        """Tell silence, and a connection that was closed, from one that went on."""
        conversation = self.conversation
        if conversation.failure is not None or conversation.asked[-1].step.name == PING_NAME:
            return
        if len(conversation.asked) >= self.share.requests:
            return  # then it is not known, and nothing more is sent
        self._pings += 1
        asked = conversation.send(ask(FIRST_PING_ID + self._pings, "server.ping", name=PING_NAME))
        if await conversation.settled(asked):
            conversation.give_up_waiting()
        elif conversation.failure is None:
            words = "a message was left unanswered, and so was a ping after it"
            conversation.fail(VisitError(Stage.REQUEST, FailureKind.READ_TIMEOUT, words))

    def _obstacle(self, probe: BehaviourProbe, steps: Sequence[Step]) -> JsonAttempt | None:
        """Say why a question is not put; None where it is."""
        if not steps:
            return Attempt.not_applicable(probe.not_applicable(self.subject) or "")
        if self.conversation.failure is not None:
            kind = self.conversation.failure.failure.kind
            return Attempt.not_scheduled(f"the conversation was over before it was its turn: {kind}")
        if self._refused:
            return Attempt.not_scheduled("the handshake was refused")
        sent = len(self.conversation.asked)
        if self._errors + probe.cost.errors > self.share.errors:
            words = f"{self._in_words} so far; it may bring {probe.cost.errors} more, and"
            return Attempt.not_scheduled(f"{words} {self.share.errors} are allowed")
        if sent + requests_of(probe) > self.share.requests:
            words = f"{sent} messages on this connection so far; it may take {requests_of(probe)} more, and"
            return Attempt.not_scheduled(f"{words} {self.share.requests} are allowed")
        return None

    def _room(self, probe: BehaviourProbe) -> int:
        """Return how many messages may be without a reply: as in a routine visit, no more than errors are left."""
        if probe.group is Group.AGGRESSIVE:
            return probe.in_flight
        return max(1, min(probe.in_flight, self.share.errors - self._errors))

    @property
    def _late(self) -> int:
        """Requests that nobody answered in time: each may still come to an error reply."""
        return sum(one.over and not (one.answered or one.step.may_be_silent) for one in self.conversation.asked)

    @property
    def _errors(self) -> int:
        return self.conversation.errors + self._late

    @property
    def _in_words(self) -> str:
        late = f", as many as {self._late} unanswered requests may come to included," if self._late else ""
        return f"{self._errors} error replies{late} on this connection"

    def _reason_to_stop(self, probe: BehaviourProbe, mine: Sequence[Asked]) -> str | None:
        if self.conversation.failure is not None:
            return f"the conversation was over: {self.conversation.failure.failure.kind}"
        if self._errors >= self.share.errors:
            return self._in_words
        if len(self.conversation.asked) >= self.share.requests:
            return f"{len(self.conversation.asked)} messages on this connection"
        if _waiting(mine) >= self._room(probe):
            return f"{_waiting(mine)} messages without a reply"
        return sign_of_a_limit(mine) if probe.stops_at_limits else None

    def _attempt(self, put: _Turn, last: int, exchanges: Exchanges) -> JsonAttempt:
        if put.not_put is not None:
            return put.not_put
        if self.cancelled and put.last is None:
            return Attempt.failed(Stage.REQUEST, FailureKind.CANCELLED)
        failure = None if self.conversation.failure is None else self.conversation.failure.failure
        ended_here = failure is not None and put.first <= len(self.conversation.asked) - 1 < last
        if failure is not None and ended_here and failure.kind not in _TOLD_BY_RESULT:
            return Attempt.failed(failure.stage, failure.kind, failure.detail)
        if put.stopped is not None and put.first == last:
            return Attempt.not_scheduled(put.stopped)
        result = BehaviourResult(
            visit=self.share.visit,
            connection=self.share.connection,
            place=put.first,
            opening=self._opening,
            negotiated=self._negotiated,
            exchanges=exchanges.between(put.first, last),
            stopped=put.stopped,
        )
        return Attempt.completed(storable(put.told(result)))

    def _begin(self, probe: str, version: int, began: Moment) -> _Turn:
        put = _Turn(probe=probe, version=version, began=began, first=len(self.conversation.asked))
        self._puts.append(put)
        return put

    def _end(self, put: _Turn) -> None:
        put.last = len(self.conversation.asked)


def _waiting(asked: Sequence[Asked]) -> int:
    return sum(not (one.answered or one.over) for one in asked)


def _named(step: Step, probe: BehaviourProbe) -> Step:
    name = f"{probe.id}.{step.name}" if step.name else probe.id
    return replace(step, name=name)
