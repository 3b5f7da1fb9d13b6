"""A conversation that is recorded to the byte: whatever is sent, and every line that comes, strange ones too.

Unlike a :class:`Session` it does not insist on replies to ids: servers answer malformed requests with null ids, with
arrays, with silence or not at all. It holds the same caps (lines, bytes, nesting), and ends at what is no JSON.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection, ReceivedLine
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.protocol.limits import USUAL_LIMITS, JsonLimits
from electrum_observatory.protocol.messages import Notification, Reply, decode_server_message
from electrum_observatory.scanner.attempts import trouble_of
from electrum_observatory.scanner.behaviour import Step

_CLOSED = frozenset({FailureKind.EOF, FailureKind.CONNECTION_RESET})
_KEPT_UNREAD_BYTES = 65_536  # what cannot be read says no more by its length
_KEPT_BEFORE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationLimits:
    """What a conversation may cost us; see ``scanner.config`` for the meaning of each."""

    request_s: float
    silence_s: float
    messages: int
    bytes_per_probe: int
    json: JsonLimits = USUAL_LIMITS


@dataclass(slots=True, eq=False)
class Asked:
    """One message that was sent.

    Attributes:
        step: The message.
        sent_ns: When it left; monotonic.
        lines: What came of it so far.
        answered: Whether something that is no notification came.
        reply: What answered it, decoded, where it is an ordinary reply.
        over: Nothing is expected any more, though nothing came: a later message was answered.
    """

    step: Step
    sent_ns: int
    lines: list[ReceivedLine] = field(default_factory=list)
    answered: bool = False
    reply: Reply | None = None
    over: bool = False


class _Kind(StrEnum):
    REPLY = "reply"
    NOTIFICATION = "notification"
    NOT_JSON = "not_json"


@dataclass(frozen=True, slots=True)
class _Said:
    kind: _Kind
    errors: int = 0
    request_id: Json = None
    reply: Reply | None = None
    why: str = ""


class Conversation:
    """Our side of one connection. Implements ``net.connection.LineReceiver``.

    Attributes:
        asked: Everything sent so far, in order.
        before: The first few lines that came before anything was asked.
        errors: Error replies, those inside of arrays and whatever is no message included.
        notifications: Messages without id.
        limits: What it may cost us.
    """

    def __init__(self, connection: Connection, clock: Clock, limits: ConversationLimits) -> None:
        self.asked: list[Asked] = []
        self.before: list[ReceivedLine] = []
        self.errors = 0
        self.notifications = 0
        self._connection = connection
        self._clock = clock
        self.limits = limits
        self._by_id: dict[int, Asked] = {}
        self._messages = self._answered = self._bytes = 0
        self._failure: VisitError | None = None
        self._changed: asyncio.Future[None] | None = None

    @property
    def failure(self) -> VisitError | None:
        """What ended it; None while it goes on."""
        return self._failure

    @property
    def closed(self) -> bool:
        """Whether the server closed the connection."""
        return self._failure is not None and self._failure.failure.kind in _CLOSED

    def answered(self) -> int:
        """Return how many messages were answered."""
        return self._answered

    def begin(self) -> None:
        """Begin another question: its bytes are counted anew."""
        self._bytes = 0

    def send(self, step: Step) -> Asked:
        """Send a message. Where the conversation is over, it is not sent; look at ``failure``."""
        asked = Asked(step, self._clock.monotonic_ns())
        try:
            self._connection.send(step.line)
        except VisitError as error:
            self.fail(error)
            return asked
        self.asked.append(asked)
        if step.request_id is not None:
            self._by_id[step.request_id] = asked
        return asked

    async def settled(self, asked: Asked) -> bool:
        """Wait until a message is answered, or the conversation is over, or it is time to give up waiting.

        Returns whether it was answered.
        """
        limits = self.limits
        await self.until(lambda: asked.answered, limits.silence_s if asked.step.may_be_silent else limits.request_s)
        return asked.answered

    def give_up_waiting(self) -> None:
        """Expect nothing more of what was sent: a later message was answered."""
        for asked in self.asked:
            asked.over = True

    async def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait for something, for the end, or for so long."""
        try:
            with Deadline(seconds):
                while not done() and self._failure is None:
                    await self._change()
        except TimeoutError:
            return

    def line_received(self, line: ReceivedLine) -> None:
        """Take a line, unless the conversation is over."""
        if self._failure is None and (trouble := trouble_of(self._take, line, stage=Stage.REQUEST)) is not None:
            self.fail(trouble)

    def connection_ended(self, error: VisitError) -> None:
        """Nothing comes any more."""
        self.fail(error)

    def fail(self, error: VisitError) -> None:
        """End the conversation; the first reason counts."""
        if self._failure is None:
            self._failure = error
            self._connection.abort()
        self._wake()

    def _take(self, line: ReceivedLine) -> None:
        self._messages += 1
        self._bytes += len(line.data)
        if self._messages > self.limits.messages:
            words = f"more than {self.limits.messages} lines in one conversation"
            raise VisitError(Stage.REQUEST, FailureKind.TOO_MANY_MESSAGES, words)
        if self._bytes > self.limits.bytes_per_probe:
            words = f"more than {self.limits.bytes_per_probe} bytes in answer to one question"
            raise VisitError(Stage.REQUEST, FailureKind.TOO_MANY_BYTES, words)
        said = _read(line.data, self.limits.json)
        self.errors += said.errors
        self.notifications += said.kind is _Kind.NOTIFICATION
        unread = said.kind is _Kind.NOT_JSON and len(line.data) > _KEPT_UNREAD_BYTES
        self._keep(said, replace(line, data=line.data[:_KEPT_UNREAD_BYTES]) if unread else line)
        if said.kind is _Kind.NOT_JSON:
            kind = FailureKind.HTTP_REPLY if line.data.startswith(b"HTTP/") else FailureKind.NOT_JSON
            raise VisitError(Stage.REQUEST, kind, said.why)
        self._wake()

    def _keep(self, said: _Said, line: ReceivedLine) -> None:
        asked = self._answer_to(said)
        if asked is None or line.received_monotonic_ns < asked.sent_ns:
            if len(self.before) < _KEPT_BEFORE:
                self.before.append(line)
            return
        asked.lines.append(line)
        if said.kind is _Kind.REPLY and not asked.answered:
            asked.answered = True
            asked.reply = said.reply
            self._answered += 1

    def _answer_to(self, said: _Said) -> Asked | None:
        """Return the message that a line belongs to: by its id, or else the first that waits, or the last of all."""
        if type(said.request_id) is int and said.request_id in self._by_id:
            return self._by_id[said.request_id]
        waiting = (one for one in self.asked if not (one.answered or one.over))
        return next(waiting, self.asked[-1] if self.asked else None)

    async def _change(self) -> None:
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)


def _read(line: bytes, limits: JsonLimits) -> _Said:
    """Say what sort of line it is. A batch is one reply; JSON that is no message at all counts as an error reply."""
    message = decode_server_message(line, limits)
    if isinstance(message, Reply):
        return _Said(_Kind.REPLY, int(message.error is not None), message.request_id, message)
    if isinstance(message, Notification):
        return _Said(_Kind.NOTIFICATION)
    if not message.is_json:
        return _Said(_Kind.NOT_JSON, errors=1, why=message.why)
    return _Said(_Kind.REPLY, errors=_errors_in_batch(line))


def _errors_in_batch(line: bytes) -> int:
    try:
        elements = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 1
    if not isinstance(elements, list):
        return 1
    return sum(isinstance(one, dict) and one.get("error") is not None for one in elements)
