"""From a recorded conversation to results: for each message what came, and what is known of the connection after it."""

import base64
from collections.abc import Iterable

from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.behaviour import AskedExchange
from electrum_observatory.scanner.conversation import Asked, Conversation

PING_NAME = "ping_after"
"""What the exchange of a ping is called that only tells whether a server is still there."""

_NS_PER_MS = 1_000_000


class Exchanges:
    """The messages of a conversation that is over.

    A last ping that nobody answered is left out: what came before it made the server silent or closed the connection.
    """

    def __init__(self, conversation: Conversation) -> None:
        asked = conversation.asked
        self._asked = asked[:-1] if len(asked) > 1 and _is_ping(asked[-1]) and not asked[-1].lines else asked
        self._answered_last = max((place for place, one in enumerate(asked) if one.answered), default=-1)
        self._closed = conversation.closed
        failure = conversation.failure
        self._died = failure is not None and failure.failure.kind is FailureKind.READ_TIMEOUT

    def between(self, first: int, last: int) -> tuple[AskedExchange, ...]:
        """Return the exchanges at these places of the connection."""
        return tuple(
            self._exchange(place, one, place - first) for place, one in enumerate(self._asked[first:last], first)
        )

    def witnesses(self, first: int, last: int) -> tuple[Witness, ...]:
        """Return the lines of these exchanges, labelled by place of the exchange and of the line."""
        return _witnesses(
            (f"{place}.{number}", line)
            for place, one in enumerate(self._asked[first:last])
            for number, line in enumerate(one.lines)
        )

    def _exchange(self, place: int, asked: Asked, number: int) -> AskedExchange:
        sent, is_base64 = _text(asked.step.line)
        closed, alive = self._afterwards(place)
        return AskedExchange(
            name=asked.step.name,
            sent=sent,
            sent_base64=is_base64,
            lines=tuple(f"{number}.{line}" for line in range(len(asked.lines))),
            after_ms=tuple((line.received_monotonic_ns - asked.sent_ns) / _NS_PER_MS for line in asked.lines),
            closed=closed,
            alive_after=alive,
        )

    def _afterwards(self, place: int) -> tuple[bool | None, bool | None]:
        """Return whether the server closed after this message, and whether it answered a later one."""
        if place < self._answered_last:
            return False, True
        if place == len(self._asked) - 1 and (self._closed or self._died):
            return self._closed, False
        return None, None


def witnesses_before(conversation: Conversation) -> tuple[Witness, ...]:
    """Return the lines that came before anything was asked."""
    return _witnesses((f"before.{number}", line) for number, line in enumerate(conversation.before))


def _witnesses(lines: Iterable[tuple[str, ReceivedLine]]) -> tuple[Witness, ...]:
    return tuple(
        Witness(
            kind=WitnessKind.REPLY,
            data=line.data,
            label=label,
            received_monotonic_ns=line.received_monotonic_ns,
        )
        for label, line in lines
    )


def _is_ping(asked: Asked) -> bool:
    return asked.step.name == PING_NAME


def _text(line: bytes) -> tuple[str, bool]:
    try:
        return line.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(line).decode("ascii"), True
