"""One held server: the handshake and the proof of its network, a subscription to tips, and the questions of rounds.

Request ids are fixed, so a reply to an earlier round looks like one to this round. Therefore an id is owed from the
moment it is asked until it is answered, whenever that is: while a question has an id that is owed, it is not asked
again on this connection, and what comes late is dropped with the round that it belonged to. A server that answers
nothing at all in a round is taken for gone, and its connection with all that it owes is ended.

Nothing is awaited here: lines come by callback, and one timer carries the next thing to wait for.
"""

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

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
from electrum_observatory.protocol.watch_questions import requests_of
from electrum_observatory.scanner.attempts import trouble_of
from electrum_observatory.scanner.line_allowance import LineAllowance
from electrum_observatory.scanner.watching.asked import Asked
from electrum_observatory.scanner.watching.config import Manners
from electrum_observatory.scanner.watching.proof import Needed, Proof
from electrum_observatory.scanner.watching.tips import TIPS, Tip, read_tip

_FIRST_PING_ID = 1_000
_SECOND_NS = 1_000_000_000


class Keeper(Protocol):
    """Whom a held server tells; called from the event loop, never awaited."""

    def proved(self, held: "HeldServer") -> None:
        """It has shaken hands, serves the expected network, and told its tip."""

    def heard(self, held: "HeldServer", line: ReceivedLine) -> None:
        """It sent a line, whatever it says."""

    def told(self, held: "HeldServer", tip: Tip, line: ReceivedLine, *, first: bool) -> None:
        """It told of a tip: in reply to the subscription where ``first``, else by itself."""

    def ended(self, held: "HeldServer", failure: Failure) -> None:
        """It is over; called once, except after :meth:`HeldServer.drop`."""


class HeldServer:
    """A connection that was handed over.

    Attributes:
        endpoint: Whom it is held with.
        proven: Whether the server serves the expected network and told its tip.
        last_ns: When its latest line came, or when it was handed over.
        height: Of its latest tip; None before the first.
    """

    __slots__ = (
        "_allowance",
        "_asked",
        "_awaited",
        "_awaited_since_ns",
        "_clock",
        "_connection",
        "_keepalive_ns",
        "_keeper",
        "_manners",
        "_next_ping",
        "_over",
        "_owed",
        "_proof",
        "_timer",
        "endpoint",
        "height",
        "last_ns",
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
        self._keepalive_ns = round(keepalive_s * _SECOND_NS)
        self._proof = proof
        self._clock = clock
        self._keeper = keeper
        self._allowance = LineAllowance(
            lines_per_minute=manners.lines_per_minute, bytes_per_minute=manners.bytes_per_minute, minute_s=minute_s
        )
        self._awaited: dict[int, str] = {}
        self._awaited_since_ns = 0
        self._owed: dict[int, tuple[Asked, Question]] = {}
        self._asked: Asked | None = None
        self._next_ping = _FIRST_PING_ID
        self.last_ns = clock.monotonic_ns()
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    @property
    def software(self) -> str | None:
        """What it calls itself; None before the handshake."""
        return self._proof.software

    @property
    def protocol(self) -> str | None:
        """The negotiated protocol version; None before the handshake."""
        return self._proof.protocol

    @property
    def offered_range(self) -> bool:
        """Whether a range of versions was offered."""
        return self._proof.offered_range

    def begin(self) -> None:
        """Shake hands; all else follows once the server has agreed on a version."""
        self._connection.hand_over(self)
        self._require(self._proof.opening())
        self._set_timer()

    def drop(self) -> None:
        """End it from our side; only the round that is under way is told."""
        self._over = True
        self._stop_timer()
        self._connection.abort()
        if self._asked is not None:
            self._asked.broke(Failure(stage=self._stage, kind=FailureKind.CANCELLED))

    def ask(
        self, questions: Sequence[Question], done: Callable[[], None], scripts: tuple[str, ...] = ()
    ) -> Asked | None:
        """Ask the questions of a round, in one write; return None where that cannot be, or can be no more.

        What it still owes of an earlier round is not asked. Where nothing is left to ask, it has owed all of it for a
        whole round, and is ended.
        """
        if self._over or not self.proven or self.protocol is None:
            return None
        wanted = _spelled(tuple(questions), self.protocol, scripts)
        asked = {question: lines for question, lines in wanted.items() if not any(one in self._owed for one in lines)}
        if not asked:
            self._fail(VisitError(Stage.REQUEST, FailureKind.READ_TIMEOUT, "no reply since the round before"))
            return None
        self._asked = Asked(asked, sent_ns=self._clock.monotonic_ns(), heard_ns=self.last_ns, done=done)
        for question, lines in asked.items():
            self._owed |= dict.fromkeys(lines, (self._asked, question))
            for line in lines.values():
                self._send(line)
        return self._asked

    def ping(self) -> None:
        """Ask for a sign of life, unless one is awaited."""
        if self.proven and not self._awaited and not self._over:
            self._require(Needed(self._next_ping, "server.ping"))
            self._next_ping += 1

    def round_over(self, waited_s: float) -> None:
        """Close the round; a server that answered nothing of it is ended."""
        if self._asked is None:
            return
        if not self._asked.replies:
            words = f"no reply to anything within {waited_s:.3g} s"
            self._fail(VisitError(Stage.REQUEST, FailureKind.READ_TIMEOUT, words))
        self._asked.close()
        self._asked = None

    def line_received(self, line: ReceivedLine) -> None:
        """Take one line of the server."""
        if self._over:
            return
        self.last_ns = line.received_monotonic_ns
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
        if request_id is not None and request_id in self._owed:
            asked, question = self._owed.pop(request_id)
            asked.take(question, request_id, reply, line)
        elif request_id is not None and request_id in self._awaited:
            self._take_required(request_id, self._awaited.pop(request_id), reply, line)
        else:
            words = "" if reply.error is None else f": {reply.error.message[:120]!r}"
            raise VisitError(self._stage, FailureKind.BAD_MESSAGE, f"a reply that awaits no request{words}")

    def _take_required(self, request_id: int, method: str, reply: Reply, line: ReceivedLine) -> None:
        """Take the reply to what the connection itself needs: its proof, or a sign of life."""
        if request_id >= _FIRST_PING_ID:
            return  # whatever it says, it is a sign of life
        if reply.error is not None:
            words = f"{method} was refused: {reply.error.message[:120]!r}"
            raise VisitError(self._stage, FailureKind.UNEXPECTED_RESULT, words)
        for needed in self._proof.take(request_id, reply, line):
            self._require(needed)
        if not self._awaited and self._proof.told is not None:
            self.proven = True
            self._keeper.proved(self)
            self._tell(*self._proof.told, first=True)

    def _take_news(self, notification: Notification, line: ReceivedLine) -> None:
        params = notification.params
        if notification.method != TIPS or self.protocol is None:
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
        if not self._awaited:
            self._awaited_since_ns = self._clock.monotonic_ns()
        self._awaited[needed.request_id] = needed.method
        self._send(encode_request(needed.request_id, needed.method, needed.params))

    def _send(self, line: bytes) -> None:
        try:
            self._connection.send(line)
        except VisitError as error:
            self._fail(error)

    def _set_timer(self) -> None:
        """Look again when it may be time to give up waiting, or to ask for a sign of life."""
        if self._over:
            return
        now_ns = self._clock.monotonic_ns()
        wait_ns = self._waits_until_ns() - now_ns
        self._timer = asyncio.get_running_loop().call_later(max(wait_ns, 0) / _SECOND_NS, self._on_time)

    def _waits_until_ns(self) -> int:
        if self._awaited:
            return self._awaited_since_ns + round(self._manners.reply_s * _SECOND_NS)
        return self.last_ns + self._keepalive_ns

    def _on_time(self) -> None:
        self._timer = None
        if self._clock.monotonic_ns() < self._waits_until_ns():  # lines came meanwhile; timers are not reset for each
            self._set_timer()
            return
        if self._awaited:
            asked = ", ".join(sorted(self._awaited.values()))
            words = f"no reply to {asked} within {self._manners.reply_s:g} s"
            self._fail(VisitError(self._stage, FailureKind.READ_TIMEOUT, words))
            return
        self.ping()
        self._set_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _stage(self) -> Stage:
        return Stage.REQUEST if self.proven else Stage.NEGOTIATE

    def _fail(self, error: VisitError) -> None:
        if self._over:
            return
        self._over = True
        self._stop_timer()
        self._connection.abort()
        if self._asked is not None:
            self._asked.broke(error.failure)
        self._keeper.ended(self, error.failure)


@functools.lru_cache(maxsize=64)  # programs speak a handful of versions, and a thousand servers are asked at once
def _spelled(
    questions: tuple[Question, ...], protocol: str, scripts: tuple[str, ...]
) -> Mapping[Question, Mapping[int, bytes]]:
    """Return the lines that ask each question, by request id."""
    return {
        question: {
            one.request_id: encode_request(one.request_id, one.method, one.params)
            for one in requests_of(question, protocol, scripts)
        }
        for question in questions
    }
