"""One held subscription: what is asked of a server, what it may say, and when we stop believing that it is there."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from electrum_observatory import __version__
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Json
from electrum_observatory.net.connection import Connection, ReceivedLine
from electrum_observatory.protocol.messages import (
    Notification,
    Reply,
    ServerMessage,
    Unintelligible,
    decode_server_message,
    encode_request,
)
from electrum_observatory.protocol.versions import PROTOCOL_MIN
from electrum_observatory.scanner.line_allowance import LineAllowance

_VERSION_ID = 0
_FIRST_TOPIC_ID = 1
_FIRST_PING_ID = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something to subscribe to.

    Attributes:
        method: The method, which its notifications carry too.
        params: Its parameters; notifications of such a topic begin with them.
    """

    method: str
    params: tuple[Json, ...] = ()


HEADERS = Topic(method="blockchain.headers.subscribe")
"""News of blocks; every implementation has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRules:
    """Deadlines and rates of one subscription.

    Attributes:
        dial_s: Longest wait for a connection, all handshakes included.
        reply_s: Longest wait for the reply to anything asked; padding servers answer a second late.
        keepalive_s: After so long without a line, a ping is sent. Sparrow and BitBoxApp ping every 60 s; servers drop
            clients that were silent for ten minutes.
        lines_per_minute: Lines a server may send within a minute; a burst of blocks stays far below.
        bytes_per_minute: Bytes of lines within a minute.
        client_name: What we call ourselves.
    """

    dial_s: float = 45.0
    reply_s: float = 20.0
    keepalive_s: float = 60.0
    lines_per_minute: int = 120
    bytes_per_minute: int = 256_000
    client_name: str = f"electrum-observatory/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a server said of a topic.

    Attributes:
        endpoint: Who said it.
        topic: What it is about.
        content: The result of the subscription where ``first``, else the parameters of the notification.
        first: Whether it is the reply to the subscription itself.
        line: The bytes, terminator and padding included.
        received_monotonic_ns: When its last byte arrived.
    """

    endpoint: Endpoint
    topic: Topic
    content: Json
    first: bool
    line: bytes
    received_monotonic_ns: int


class Subscription:
    """A connection that was handed over. Everything happens in callbacks of the event loop.

    Attributes:
        endpoint: Whom it is held with.
        established: Whether the server has answered every subscription.
        notices: How many times it told us something.
    """

    __slots__ = (
        "_allowance",
        "_answered",
        "_awaited",
        "_connection",
        "_ended",
        "_next_ping",
        "_over",
        "_rules",
        "_timer",
        "_told",
        "_topics",
        "endpoint",
        "established",
        "notices",
    )

    def __init__(
        self,
        connection: Connection,
        *,
        topics: Sequence[Topic],
        rules: SubscriptionRules,
        told: Callable[[Notice], None],
        ended: Callable[[Endpoint, Failure], None],
    ) -> None:
        """Take the connection, what to ask, the rules, and whom to tell."""
        self.endpoint = connection.facts.endpoint
        self.established = False
        self.notices = 0
        self._connection = connection
        self._topics = tuple(topics)
        self._rules = rules
        self._told = told
        self._ended = ended
        self._awaited: dict[int, str] = {}
        self._next_ping = _FIRST_PING_ID
        self._allowance = LineAllowance(
            lines_per_minute=rules.lines_per_minute, bytes_per_minute=rules.bytes_per_minute
        )
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def begin(self) -> None:
        """Shake hands; the subscriptions follow once the server has agreed on a version.

        One version alone is offered, the lowest: every program takes it, and the topics are the same in all.
        """
        self._connection.hand_over(self)
        self._ask(_VERSION_ID, "server.version", (self._rules.client_name, PROTOCOL_MIN))

    def drop(self) -> None:
        """End it from our side; nobody is told."""
        self._over = True
        self._stop_timer()
        self._connection.abort()

    def line_received(self, line: ReceivedLine) -> None:
        """Take one line of the server."""
        if self._over:
            return
        try:
            self._allowance.take(line, self._stage)
            self._take(decode_server_message(line.data), line)
        except VisitError as error:
            self._fail(error)

    def connection_ended(self, error: VisitError) -> None:
        """The connection is gone."""
        self._fail(error)

    def _take(self, message: ServerMessage, line: ReceivedLine) -> None:
        match message:
            case Reply() as reply:
                self._take_reply(reply, line)
            case Notification() as notification:
                self._take_notification(notification, line)
            case Unintelligible() as strange:
                kind = FailureKind.BAD_MESSAGE if strange.is_json else FailureKind.NOT_JSON
                raise VisitError(self._stage, kind, strange.why)
        self._set_timer()

    def _take_reply(self, reply: Reply, line: ReceivedLine) -> None:
        request_id = reply.request_id
        method = self._awaited.pop(request_id, None) if type(request_id) is int else None
        if method is None or type(request_id) is not int:
            raise VisitError(self._stage, FailureKind.BAD_MESSAGE, "a reply that awaits no request")
        if request_id >= _FIRST_PING_ID:
            return  # whatever it says, it is a sign of life
        if reply.error is not None:
            words = f"{method} was refused: {reply.error.message[:120]!r}"
            raise VisitError(self._stage, FailureKind.UNEXPECTED_RESULT, words)
        if request_id == _VERSION_ID:
            for number, topic in enumerate(self._topics, start=_FIRST_TOPIC_ID):
                self._ask(number, topic.method, topic.params)
            return
        self.established = not self._awaited
        self._tell(self._topics[request_id - _FIRST_TOPIC_ID], reply.result, line, first=True)

    def _take_notification(self, notification: Notification, line: ReceivedLine) -> None:
        for topic in self._topics:
            if _is_about(notification, topic):
                self._tell(topic, notification.params, line, first=False)
                return
        words = f"a notification that nobody subscribed to: {notification.method[:60]!r}"
        raise VisitError(self._stage, FailureKind.BAD_MESSAGE, words)

    def _tell(self, topic: Topic, content: Json, line: ReceivedLine, *, first: bool) -> None:
        self.notices += 1
        self._told(
            Notice(
                endpoint=self.endpoint,
                topic=topic,
                content=content,
                first=first,
                line=line.data,
                received_monotonic_ns=line.received_monotonic_ns,
            )
        )

    def _ask(self, request_id: int, method: str, params: Sequence[Json] = ()) -> None:
        self._awaited[request_id] = method
        try:
            self._connection.send(encode_request(request_id, method, params))
        except VisitError as error:
            self._fail(error)
            return
        self._set_timer()

    def _set_timer(self) -> None:
        """Wait for what was asked, or else until it is time to ask for a sign of life."""
        self._stop_timer()
        if not self._over:
            seconds = self._rules.reply_s if self._awaited else self._rules.keepalive_s
            self._timer = asyncio.get_running_loop().call_later(seconds, self._on_time)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_time(self) -> None:
        if self._awaited:
            asked = ", ".join(sorted(self._awaited.values()))
            words = f"no reply to {asked} within {self._rules.reply_s:g} s"
            self._fail(VisitError(self._stage, FailureKind.READ_TIMEOUT, words))
            return
        self._ask(self._next_ping, "server.ping")
        self._next_ping += 1

    @property
    def _stage(self) -> Stage:
        return Stage.REQUEST if self.established else Stage.NEGOTIATE

    def _fail(self, error: VisitError) -> None:
        if self._over:
            return
        self._over = True
        self._stop_timer()
        self._connection.abort()
        self._ended(self.endpoint, error.failure)


def _is_about(notification: Notification, topic: Topic) -> bool:
    if notification.method != topic.method:
        return False
    params = notification.params
    return isinstance(params, list) and params[: len(topic.params)] == list(topic.params)
