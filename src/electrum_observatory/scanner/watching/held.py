"""One held server: the handshake and the proof of its network, a subscription to tips, and the questions of rounds.

A server that answers nothing at all in a round is taken for gone, and its connection with all that it owes is ended.
Nothing is awaited here: lines come by callback, and ``patience`` has the one timer.
"""

from collections.abc import Callable, Sequence

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch import Question
from electrum_observatory.net.connection import Connection, ReceivedLine
from electrum_observatory.protocol.messages import (
    Notification,
    Reply,
    ServerMessage,
    Unintelligible,
    decode_server_message,
    encode_request,
)
from electrum_observatory.scanner.attempts import trouble_of
from electrum_observatory.scanner.line_allowance import LineAllowance
from electrum_observatory.scanner.watching.asked import Asked
from electrum_observatory.scanner.watching.config import Manners
from electrum_observatory.scanner.watching.keeper import Keeper
from electrum_observatory.scanner.watching.owed import Owed
from electrum_observatory.scanner.watching.patience import Patience
from electrum_observatory.scanner.watching.proof import Needed, Proof
from electrum_observatory.scanner.watching.tips import TIPS, Tip, read_tip

_FIRST_PING_ID = 1_000


class HeldServer:
    """A connection that was handed over.

    Attributes:
        endpoint: Whom it is held with.
        proof: What it has answered first: its name, the negotiated version, its tip.
        proven: Whether the server serves the expected network and told its tip.
        height: Of its latest tip; None before the first.
    """

    __slots__ = (
        "_allowance",
        "_clock",
        "_connection",
        "_keeper",
        "_manners",
        "_next_ping",
        "_over",
        "_owed",
        "_patience",
        "endpoint",
        "height",
        "proof",
        "proven",
    )

    def __init__(
        self,
        connection: Connection,
        *,
        manners: Manners,
        proof: Proof,
        keepalive_s: float,
        minute_s: float,
        clock: Clock,
        keeper: Keeper,
    ) -> None:
        """Take the connection and the rules.

        Args:
            connection: What was dialled.
            manners: What to say and to take.
            proof: What has to be answered first.
            keepalive_s: Seconds of silence after which a ping is sent.
            minute_s: What the caps are counted over.
            clock: Stamps what is sent.
            keeper: Whom to tell.
        """
        self.endpoint = connection.facts.endpoint
        self.proven = False
        self.height: int | None = None
        self._connection = connection
        self._manners = manners
        self.proof = proof
        self._clock = clock
        self._keeper = keeper
        self._allowance = LineAllowance(
            lines_per_minute=manners.lines_per_minute, bytes_per_minute=manners.bytes_per_minute, minute_s=minute_s
        )
        self._patience = Patience(
            clock=clock, reply_s=manners.reply_s, keepalive_s=keepalive_s, quiet=self.ping, late=self._is_late
        )
        self._owed = Owed()
        self._next_ping = _FIRST_PING_ID
        self._over = False

    @property
    def last_ns(self) -> int:
        """When its latest line came, or when it was handed over."""
        return self._patience.last_ns

    def begin(self) -> None:
        """Shake hands; all else follows once the server has agreed on a version."""
        self._connection.hand_over(self)
        self._require(self.proof.opening())
        if not self._over:
            self._patience.begin()

    def drop(self) -> None:
        """End it from our side; only the round that is under way is told."""
        self._over = True
        self._patience.end()
        self._connection.abort()
        self._owed.broke(Failure(stage=self._stage, kind=FailureKind.CANCELLED))

    def ask(
        self, questions: Sequence[Question], done: Callable[[], None], scripts: tuple[str, ...] = ()
    ) -> Asked | None:
        """Ask the questions of a round, in one write; return None where that cannot be, or can be no more.

        What it still owes of an earlier round is not asked. Where nothing is left to ask, it has owed all of it for a
        whole round, and is ended.
        """
        if self._over or not self.proven or self.proof.protocol is None:
            return None
        begun = self._owed.begin(
            questions,
            self.proof.protocol,
            scripts,
            sent_ns=self._clock.monotonic_ns(),
            heard_ns=self.last_ns,
            done=done,
        )
        if begun is None:
            self._fail(VisitError(Stage.REQUEST, FailureKind.READ_TIMEOUT, "no reply since the round before"))
            return None
        asked, lines = begun
        for line in lines:
            self._send(line)
        return asked

    def ping(self) -> None:
        """Ask for a sign of life, unless one is awaited."""
        if self.proven and not self._patience.awaits and not self._over:
            self._require(Needed(self._next_ping, "server.ping"))
            self._next_ping += 1

    def round_over(self, waited_s: float) -> None:
        """Close the round; a server that answered nothing of it is ended."""
        asked = self._owed.asked
        if asked is not None and not asked.replies:
            words = f"no reply to anything within {waited_s:.3g} s"
            self._fail(VisitError(Stage.REQUEST, FailureKind.READ_TIMEOUT, words))
        self._owed.close()

    def line_received(self, line: ReceivedLine) -> None:
        """Take one line of the server."""
        if self._over:
            return
        self._patience.last_ns = line.received_monotonic_ns
        self._keeper.heard(self, line)
        if (trouble := trouble_of(self._take_line, line, stage=self._stage)) is not None:
            self._fail(trouble)

    def connection_ended(self, error: VisitError) -> None:
        """The connection is gone."""
        self._fail(error)

    def _take_line(self, line: ReceivedLine) -> None:
        self._allowance.take(line, self._stage)
        self._take(decode_server_message(line.data), line)

    def _take(self, message: ServerMessage, line: ReceivedLine) -> None:
        match message:
            case Reply() as reply:
                self._take_reply(reply, line)
            case Notification() as notification:
                self._take_news(notification, line)
            case Unintelligible() as strange:
                kind = FailureKind.BAD_MESSAGE if strange.is_json else FailureKind.NOT_JSON
                raise VisitError(self._stage, kind, strange.why)

    def _take_reply(self, reply: Reply, line: ReceivedLine) -> None:
        request_id = reply.request_id if type(reply.request_id) is int else None
        if request_id is not None and self._owed.take(request_id, reply, line):
            return
        method = None if request_id is None else self._patience.take(request_id)
        if request_id is None or method is None:
            words = "" if reply.error is None else f": {reply.error.message[:120]!r}"
            raise VisitError(self._stage, FailureKind.BAD_MESSAGE, f"a reply that awaits no request{words}")
        self._take_required(request_id, method, reply, line)

    def _take_required(self, request_id: int, method: str, reply: Reply, line: ReceivedLine) -> None:
        """Take the reply to what the connection itself needs: its proof, or a sign of life."""
        if request_id >= _FIRST_PING_ID:
            return  # whatever it says, it is a sign of life
        if reply.error is not None:
            words = f"{method} was refused: {reply.error.message[:120]!r}"
            raise VisitError(self._stage, FailureKind.UNEXPECTED_RESULT, words)
        for needed in self.proof.take(request_id, reply, line):
            self._require(needed)
        if not self._patience.awaits and self.proof.told is not None:
            self.proven = True
            self._keeper.proved(self)
            self._tell(*self.proof.told, first=True)

    def _take_news(self, notification: Notification, line: ReceivedLine) -> None:
        params = notification.params
        if notification.method != TIPS or self.proof.protocol is None:
            words = f"a notification that nobody subscribed to: {notification.method[:60]!r}"
            raise VisitError(self._stage, FailureKind.BAD_MESSAGE, words)
        content = params[0] if isinstance(params, list) and params else None
        tip = read_tip(content, self._stage)
        if self.proven:  # else it may be news of another chain
            self._tell(tip, line, first=False)

    def _tell(self, tip: Tip, line: ReceivedLine, *, first: bool) -> None:
        self.height = tip.height
        self._keeper.told(self, tip, line, first=first)

    def _require(self, needed: Needed) -> None:
        self._patience.expect(needed.request_id, needed.method)
        self._send(encode_request(needed.request_id, needed.method, needed.params))

    def _send(self, line: bytes) -> None:
        try:
            self._connection.send(line)
        except VisitError as error:
            self._fail(error)

    def _is_late(self, words: str) -> None:
        self._fail(VisitError(self._stage, FailureKind.READ_TIMEOUT, words))

    @property
    def _stage(self) -> Stage:
        return Stage.REQUEST if self.proven else Stage.NEGOTIATE

    def _fail(self, error: VisitError) -> None:
        if self._over:
            return
        self._over = True
        self._patience.end()
        self._connection.abort()
        self._owed.broke(error.failure)
        self._keeper.ended(self, error.failure)
