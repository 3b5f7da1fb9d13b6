"""One conversation: requests out, lines in, replies matched to fixed ids in whatever order they come.

Nothing here knows what a question means, and nothing here turns an exception into a fact.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Json, Witness
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection, ReceivedLine
from electrum_observatory.protocol.limits import USUAL_LIMITS, JsonLimits
from electrum_observatory.protocol.messages import (
    Notification,
    Parser,
    Reply,
    Unintelligible,
    decode_server_message,
    encode_request,
)
from electrum_observatory.protocol.peers import PEER_ROWS
from electrum_observatory.scanner.attempts import trouble_of
from electrum_observatory.scanner.oddities import Oddities
from electrum_observatory.scanner.probes.base import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """What one conversation may cost either side; see ``scanner.config`` for the meaning of each."""

    requests: int
    errors: int
    in_flight: int
    messages: int
    request_s: float
    json: JsonLimits = USUAL_LIMITS


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; its line is the same in every visit.

    Attributes:
        id: Fixed, and no other request's of the visit.
        method: Name of the method.
        line: The bytes that ask.
    """

    id: int
    method: str
    line: bytes

    @classmethod
    def of(cls, request_id: int, method: str, params: Sequence[Json] = ()) -> Self:
        """Spell a request."""
        return cls(request_id, method, encode_request(request_id, method, params))


Ended: TypeAlias = Callable[[Request, Received | Failure], None]


@dataclass(slots=True, eq=False)
class Question:
    """A request on its way.

    Attributes:
        request: What is asked.
        ended: Told once what came of the request: the reply, or why there is none.
        dropped: Nobody waits for it any more: it need not be sent, and what comes of it is told to nobody.
        sent_monotonic_ns: When it left.
        due: Until when the reply may come, on the loop's clock.
    """

    request: Request
    ended: Ended
    dropped: bool = False
    sent_monotonic_ns: int = 0
    due: float = 0.0

    def end(self, outcome: Received | Failure) -> None:
        """Tell what came of it, where that is still of interest."""
        if not self.dropped:
            self.dropped = True
            self.ended(self.request, outcome)


class Session:
    """Matches replies to requests on one connection.

    Requests leave in the order they were submitted. Never more are without a reply than error replies we can still
    afford, so the budget of errors holds whatever the server answers and however late: a request whose time is up may
    still be answered by an error. The first failure ends the conversation for everybody.

    Attributes:
        negotiated: Protocol version of the handshake; None until it is done.
        stage: Stage that failures of the conversation belong to: negotiate until the handshake is done.
        requests: Requests sent.
        errors: Error replies received.
        notifications: Messages without id.
        late: Replies that came after their deadline.
        tolerant: Replies that only the tolerant parser accepted (NaN, lone surrogates, huge integers): such tolerance
            tells programs apart.
    """

    def __init__(self, connection: Connection, clock: Clock, limits: SessionLimits) -> None:
        self.negotiated: str | None = None
        self.stage = Stage.NEGOTIATE
        self.requests = 0
        self.errors = 0
        self.notifications = 0
        self.late = 0
        self.tolerant = 0
        self._connection = connection
        self._clock = clock
        self._limits = limits
        self._messages = 0
        self._answered = 0
        self._oddities = Oddities()
        self._waiting: deque[Question] = deque()
        self._in_flight: dict[int, Question] = {}
        self._given_up: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._failure: VisitError | None = None

    @property
    def failure(self) -> VisitError | None:
        """What ended the conversation; None while it goes on."""
        return self._failure

    @property
    def oddities(self) -> Sequence[Witness]:
        """The first few lines that answered no request or that the strict parser refused, as witnesses."""
        return self._oddities.kept

    def answered(self) -> int:
        """Return how many requests were replied to in time; whatever else came did not move the conversation on."""
        return self._answered

    @property
    def unanswered(self) -> int:
        """Requests whose time was up and to which nothing came until now."""
        return len(self._given_up)

    def handshake_done(self, negotiated: str) -> None:
        """Failures belong to requests from now on, as does one that came in the same read as the handshake's reply."""
        self.negotiated, self.stage = negotiated, Stage.REQUEST
        if self._failure is not None and self._failure.failure.stage is Stage.NEGOTIATE:
            self._failure = VisitError(self.stage, self._failure.failure.kind, self._failure.failure.detail)

    def line_received(self, line: ReceivedLine) -> None:
        """Take a line, unless the conversation is over."""
        if self._failure is None and (trouble := trouble_of(self._take, line, stage=self.stage)) is not None:
            self.fail(trouble)

    def connection_ended(self, error: VisitError) -> None:
        """Nothing comes any more."""
        self.fail(error)

    def submit(self, request: Request, ended: Ended) -> Question:
        """Queue a request; it leaves as soon as budget and flight allow. ``ended`` is told what came of it."""
        question = Question(request, ended)
        self._waiting.append(question)
        self._send_what_fits()
        return question

    async def request(self, request: Request) -> Received:
        """Ask and wait for the reply. Raises VisitError where there is none."""
        answer: asyncio.Future[Received | Failure] = asyncio.get_running_loop().create_future()

        def ended(_request: Request, outcome: Received | Failure) -> None:
            if not answer.done():  # else whoever asked was cancelled
                answer.set_result(outcome)

        question = self.submit(request, ended)
        try:
            outcome = await answer
        finally:
            question.dropped = True
        if isinstance(outcome, Failure):
            raise VisitError(outcome.stage, outcome.kind, outcome.detail)
        return outcome

    def fail(self, error: VisitError) -> None:
        """End the conversation: everything asked and not answered fails alike. The first failure counts."""
        if self._failure is not None:
            return
        failure = error.failure
        stage = self.stage if failure.stage is Stage.REQUEST else failure.stage
        self._failure = VisitError(stage, failure.kind, failure.detail)
        self._connection.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for question in (*self._in_flight.values(), *self._waiting):
            question.end(self._failure.failure)
        self._in_flight.clear()
        self._waiting.clear()

    def _send_what_fits(self) -> None:
        while self._waiting:
            refusal = self._failure or self._spent()
            if refusal is None and len(self._in_flight) >= self._room():
                return
            question = self._waiting.popleft()
            if refusal is not None:
                question.end(refusal.failure)
            elif not question.dropped:
                self._send(question)

    def _send(self, question: Question) -> None:
        self._in_flight[question.request.id] = question
        self.requests += 1
        question.sent_monotonic_ns = self._clock.monotonic_ns()
        loop = asyncio.get_running_loop()
        question.due = loop.time() + self._limits.request_s
        if self._timer is None:
            self._timer = loop.call_at(question.due, self._look_at_the_time)
        try:
            self._connection.send(question.request.line)
        except VisitError as error:
            self.fail(error)

    def _room(self) -> int:
        return min(self._limits.in_flight, self._limits.errors - self.errors) - len(self._given_up)

    def _spent(self) -> VisitError | None:
        if self.requests >= self._limits.requests:
            return VisitError(self.stage, FailureKind.BUDGET_SPENT, f"{self.requests} requests in one visit")
        if self.errors >= self._limits.errors:
            return VisitError(self.stage, FailureKind.BUDGET_SPENT, f"{self.errors} error replies in one visit")
        if not self._in_flight and self._room() < 1:
            words = f"{len(self._given_up)} requests without a reply, each of which may still come to an error"
            return VisitError(self.stage, FailureKind.BUDGET_SPENT, words)
        return None

    def _look_at_the_time(self) -> None:
        """Give up what is overdue. One timer for all: whoever was asked first is due first."""
        loop = asyncio.get_running_loop()
        for question in [one for one in self._in_flight.values() if one.due <= loop.time()]:
            self._expire(question)
        oldest = next(iter(self._in_flight.values()), None)
        self._timer = None if oldest is None else loop.call_at(oldest.due, self._look_at_the_time)

    def _expire(self, question: Question) -> None:
        self._in_flight.pop(question.request.id, None)
        self._given_up.add(question.request.id)
        words = f"no reply to {question.request.method} within {self._limits.request_s:g} s"
        question.end(Failure(stage=self.stage, kind=FailureKind.READ_TIMEOUT, detail=words))
        self._send_what_fits()

    def _take(self, line: ReceivedLine) -> None:
        self._messages += 1
        if self._messages > self._limits.messages:
            raise VisitError(
                self.stage, FailureKind.TOO_MANY_MESSAGES, f"more than {self._limits.messages} lines in one visit"
            )
        match decode_server_message(line.data, self._limits.json, PEER_ROWS.decode):
            case Reply() as reply:
                self._match(reply, line)
            case Notification():
                self.notifications += 1
                self._oddities.note("notification", line)
            case Unintelligible() as message:
                self._oddities.note_unread(message, line)
                raise VisitError(self.stage, _kind_of(message), message.why)

    def _match(self, reply: Reply, line: ReceivedLine) -> None:
        if reply.error is not None:
            self.errors += 1
        if reply.parser is Parser.TOLERANT:
            self.tolerant += 1
            self._oddities.note("tolerant", line)
        request_id = reply.request_id if type(reply.request_id) is int else None
        if request_id in self._given_up:
            self._given_up.discard(request_id)
            self.late += 1
            self._oddities.note("late", line)
            self._send_what_fits()
            return
        question = None if request_id is None else self._in_flight.get(request_id)
        if question is None or line.received_monotonic_ns < question.sent_monotonic_ns:  # before it was asked: a guess
            self._oddities.note("unasked", line)
            said = "" if reply.error is None else f", saying {reply.error.message[:120]!r}"
            words = f"a reply to id {str(reply.request_id)[:40]}, which awaits none{said}"
            raise VisitError(self.stage, FailureKind.BAD_MESSAGE, words)
        del self._in_flight[question.request.id]
        self._answered += 1
        question.end(
            Received(
                reply=reply,
                received_monotonic_ns=line.received_monotonic_ns,
                sent_monotonic_ns=question.sent_monotonic_ns,
            )
        )
        self._send_what_fits()


def _kind_of(message: Unintelligible) -> FailureKind:
    if message.line.startswith(b"HTTP/"):
        return FailureKind.HTTP_REPLY
    return FailureKind.BAD_MESSAGE if message.is_json else FailureKind.NOT_JSON
