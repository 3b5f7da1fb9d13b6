"""A dialogue as turns: each request with its reply and with what had happened on the connection before it.

Replies are matched by id within a connection; what cannot be matched without doubt is left unmatched, since a wrong
match would be a false reading. Names that a server gives itself play no part here.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from electrum_observatory.analysis.builds.requests import Request, read_request
from electrum_observatory.model.dialogue import Dialogue, Exchange
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.protocol.dialect import Read, read_line
from electrum_observatory.protocol.versions import parse_version

_WITHOUT_SCRIPTHASHES = (1, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A request, its reply, and what it stands in.

    Attributes:
        exchange: Name of the exchange, for witnesses.
        request: What was asked.
        reply: The line that answers it, read; None where none was recorded or none could be matched.
        alone: Whether nothing else was asked in the exchange.
        lines: How many lines came in the exchange, readable or not.
        notifications: Methods of the notifications among them.
        silent: The server chose not to answer (it answered something later).
        closed: It closed after the exchange; None where not known.
        first: It is the first message of the connection; None where not known.
        after_v2: The connection began with another message, of version 2.0; None where not known.
        shaken: A handshake was answered before; None where not known.
        negotiated: Protocol version that the handshake before it agreed on; None where none did, or not known.
        ready: Whether a handshake was answered before, on a version below 1.7 (which changes what methods exist).
    """

    exchange: str
    request: Request
    reply: Read | None
    alone: bool
    lines: int
    notifications: tuple[str, ...]
    silent: bool
    closed: bool | None
    first: bool | None
    after_v2: bool | None
    shaken: bool | None
    negotiated: str | None
    ready: bool = field(init=False)

    def __post_init__(self) -> None:
        """Read once what every question asks of a turn."""
        object.__setattr__(self, "ready", self.shaken is True and _has_scripthashes(self.negotiated or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What was said on one connection.

    Attributes:
        transport: What was dialled.
        terminators: Whether line ends were recorded.
        turns: The requests in order. One that was sent in pieces is read where its pieces fit together.
        lines: Every line that is a JSON object or a batch of them, each with the name of its exchange.
    """

    transport: Transport
    terminators: bool
    turns: tuple[Turn, ...]
    lines: tuple[tuple[str, Read], ...]


def read_turns(dialogue: Dialogue) -> Conversation:
    """Return what was said on one connection."""
    return _Reader(dialogue).read()


class _Reader:
    """Walks a connection and remembers what was said on it."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._messages = 0 if dialogue.from_start else None
        self._first_is_v2 = False
        self._shaken: bool | None = False if dialogue.from_start else None
        self._negotiated: str | None = None
        self._begun: list[bytes] = []
        self._last: dict[str | None, int] = {}
        self._websocket = dialogue.transport in (Transport.WS, Transport.WSS)

    def read(self) -> Conversation:
        heard = [
            tuple(read for line in exchange.lines if (read := read_line(line.data)) is not None)
            for exchange in self._dialogue.exchanges
        ]
        self._last = {key: place for place, reads in enumerate(heard) for read in reads if (key := _id_key(read.value))}
        turns = [
            turn
            for place, exchange in enumerate(self._dialogue.exchanges)
            for turn in self._turns(place, exchange, heard[place])
        ]
        return Conversation(
            transport=self._dialogue.transport,
            terminators=self._dialogue.terminators,
            turns=tuple(turns),
            lines=tuple(
                (exchange.name, read)
                for exchange, reads in zip(self._dialogue.exchanges, heard, strict=True)
                for read in reads
            ),
        )

    def _turns(self, place: int, exchange: Exchange, reads: Sequence[Read]) -> Iterator[Turn]:
        replies = [read for read in reads if not _notification(read)]
        notifications = tuple(str(read.value["method"]) for read in reads if _notification(read))
        requests = self._requests(exchange.sent)
        for request, reply in zip(requests, _match(requests, replies), strict=True):
            if request is None:
                self._count(None, None)
                continue
            first = None if self._messages is None else self._messages == 0
            if first:
                self._first_is_v2 = request.member("jsonrpc") == "2.0"
            yield Turn(
                exchange=exchange.name,
                request=request,
                reply=reply,
                alone=len(requests) == 1,
                lines=len(exchange.lines),
                notifications=notifications,
                silent=exchange.silent and len(requests) == 1 and not self._is_answered_after(place, request),
                closed=exchange.closed,
                first=first,
                after_v2=None if first is None else not first and self._first_is_v2,
                shaken=self._shaken,
                negotiated=self._negotiated,
            )
            self._count(request, reply)

    def _is_answered_after(self, place: int, request: Request) -> bool:
        return self._last.get(_id_key(request.value), place) > place

    def _requests(self, sent: bytes) -> list[Request | None]:
        """Return the messages that a piece of what was sent ends; None for one that may be of another piece, too."""
        if self._websocket:
            return [read_request(sent.strip(b"\r\n"))] if sent else []
        *whole, begun = sent.split(b"\n")
        requests: list[Request | None] = [read_request(part.removesuffix(b"\r")) for part in whole]
        if self._begun and whole:
            joined = read_request(b"".join((*self._begun, whole[0].removesuffix(b"\r"))))
            requests[0] = joined if joined.is_json else None
            self._begun.clear()
        if begun:
            self._begun.append(begun)
        return requests

    def _count(self, request: Request | None, reply: Read | None) -> None:
        if self._messages is not None:
            self._messages += 1
        if request is None or request.method != "server.version" or reply is None or self._shaken:
            return
        result = reply.value.get("result") if isinstance(reply.value, dict) else None
        if isinstance(result, list) and len(result) == 2 and isinstance(result[1], str):
            self._shaken, self._negotiated = True, result[1]


@lru_cache(maxsize=256)
def _has_scripthashes(negotiated: str) -> bool:
    return (parse_version(negotiated) or _WITHOUT_SCRIPTHASHES) < _WITHOUT_SCRIPTHASHES


def _notification(read: Read) -> bool:
    return isinstance(read.value, dict) and "method" in read.value and "id" not in read.value


def _match(requests: Sequence[Request | None], replies: Sequence[Read]) -> list[Read | None]:
    """Return for each request the reply that is surely its own."""
    if len(requests) == 1 and len(replies) == 1:
        return [replies[0] if _may_answer(requests[0], replies[0]) else None]
    asked = Counter(_id_key(request.value) for request in requests if request is not None)
    answered: dict[str | None, list[Read]] = {}
    for read in replies:
        answered.setdefault(_id_key(read.value), []).append(read)
    return [_by_id(request, asked, answered) for request in requests]


def _may_answer(request: Request | None, reply: Read) -> bool:
    """Whether the ids allow it: a reply to something asked earlier carries another id."""
    if request is None or not isinstance(reply.value, dict) or not isinstance(request.value, dict):
        return True
    asked, answered = request.value.get("id"), reply.value.get("id")
    return answered is None or bool(asked == answered)


def _by_id(
    request: Request | None, asked: Mapping[str | None, int], answered: Mapping[str | None, Sequence[Read]]
) -> Read | None:
    wanted = None if request is None else _id_key(request.value)
    if wanted is None or asked[wanted] > 1:
        return None
    found = answered.get(wanted, ())
    return found[0] if len(found) == 1 else None


def _id_key(value: Any) -> str | None:
    if not isinstance(value, dict) or value.get("id") is None:
        return None
    identity = value["id"]
    return str(identity) if type(identity) is int else json.dumps(identity)
