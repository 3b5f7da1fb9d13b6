"""Defences against JSON and messages that break parsers, answer nothing or have a wrong type."""

import re
from dataclasses import replace
from typing import Any

import msgspec

from electrum_observatory.protocol import messages
from electrum_observatory.protocol.messages import Notification, Reply, ServerMessage
from electrum_observatory.scanner.probes.server_version import ServerVersionResult
from electrum_observatory.scanner.session import Session
from tests.hostile.defence import Defence


def decoded_trustingly(line: bytes, *_: object) -> ServerMessage:
    """Read a line as if every line were a message in UTF-8."""
    members = msgspec.json.decode(line)
    if "method" in members:
        return Notification(method=members["method"], params=members["params"], line=line)
    return messages.decode_server_message(line)


def result_text_trusting_the_error(line: bytes) -> bytes | None:
    """Find the result's bytes as if whatever stands in the error member could be decoded."""
    members = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    if "result" not in members or msgspec.json.decode(members.get("error", b"null")) is not None:
        return None
    return bytes(members["result"]).strip()


def first_result_text(line: bytes) -> bytes | None:
    """Find the result's bytes by the first key of that name."""
    found = re.search(rb'"result":([^,}]*)', line)
    return found[1] if found else None


def match_the_oldest(self: Session, reply: Reply, line: Any) -> None:
    """Take any reply for the answer to the question that waits longest."""
    oldest = next(iter(self._in_flight), None)
    if oldest is not None:
        _match(self, Reply(**{**_members(reply), "request_id": oldest}), line)


def match_what_is_equal(self: Session, reply: Reply, line: Any) -> None:
    """Match ids by equality, as Python's dictionaries do: 10.0 is 10, and True is 1."""
    _match(self, Reply(**{**_members(reply), "request_id": int(reply.request_id)}), line)


def match_if_awaited(self: Session, reply: Reply, line: Any) -> None:
    """Pass over replies that nobody awaits, and never mind when a reply came."""
    if reply.request_id in self._in_flight:
        _match(self, reply, replace(line, received_monotonic_ns=2**62))


def take_what_is_a_message(self: Session, line: Any) -> None:
    """Pass over whatever is neither a reply nor a notification."""
    message = messages.decode_server_message(line.data)
    if isinstance(message, Reply):
        self._match(message, line)


def handshake_believed(reply: Reply, *, offered: tuple[str, ...], retried_plain: bool) -> ServerVersionResult:
    """Take whatever came for a handshake."""
    return ServerVersionResult(software=None, protocol="1.4", offered=offered, retried_plain=retried_plain, error=None)


def _members(reply: Reply) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in Reply.__slots__}


_match = Session._match

MESSAGE_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="depth_cap",
        what="Nothing that is nested deeper than 64 reaches a parser.",
        target="electrum_observatory.protocol.limits:_deepest",
        replacement=lambda *_: 0,
    ),
    Defence(
        id="digit_cap",
        what="No number of more than 400 digits reaches a parser.",
        target="electrum_observatory.protocol.limits:_too_long",
        replacement=lambda *_: False,
    ),
    Defence(
        id="finite_numbers",
        what="NaN, infinities and numbers beyond 64 bits are no results.",
        target="electrum_observatory.scanner.reading:finite_number",
        replacement=lambda value: value,
    ),
    Defence(
        id="last_key_counts",
        what="The bytes that are kept as the result are those of the member that the parsers took.",
        target="electrum_observatory.protocol.messages:_tolerant_result_text",
        replacement=first_result_text,
    ),
    Defence(
        id="storable_text",
        what="Halves of surrogate pairs become U+FFFD before anything is stored.",
        target="electrum_observatory.scanner.storable:_plain",
        replacement=lambda value: value,
    ),
    Defence(
        id="unreadable_lines_are_no_exceptions",
        what="A line that cannot be decoded is a fact about the server and no exception.",
        target="electrum_observatory.scanner.session:decode_server_message",
        replacement=decoded_trustingly,
    ),
    Defence(
        id="unread_results_are_no_exceptions",
        what="The store finds the result's bytes without trusting the members around it.",
        target="electrum_observatory.store.blobs:result_text",
        replacement=result_text_trusting_the_error,
    ),
    Defence(
        id="replies_are_matched",
        what="A reply counts only for the question that has its id and awaits it.",
        target="electrum_observatory.scanner.session:Session._match",
        replacement=match_the_oldest,
    ),
    Defence(
        id="unasked_replies_end_the_conversation",
        what="A reply that nobody awaits ends the conversation and is kept; so does one that came before its question.",
        target="electrum_observatory.scanner.session:Session._match",
        replacement=match_if_awaited,
    ),
    Defence(
        id="ids_are_integers",
        what="An id is ours only as the integer that we sent.",
        target="electrum_observatory.scanner.session:Session._match",
        replacement=match_what_is_equal,
    ),
    Defence(
        id="strange_lines_end_the_conversation",
        what="A line that is no message ends the conversation and is kept.",
        target="electrum_observatory.scanner.session:Session._take",
        replacement=take_what_is_a_message,
    ),
    Defence(
        id="message_budget",
        what="All lines of a visit are counted, notifications included.",
        target="electrum_observatory.scanner.session:Session._take",
        replacement=take_what_is_a_message,
    ),
    Defence(
        id="types_are_checked",
        what="A result of a wrong type is the server's failure, by a name of its own.",
        target="electrum_observatory.scanner.reading:unexpected",
        replacement=lambda reply, wanted: None,
    ),
    Defence(
        id="handshake_types_are_checked",
        what="So is a handshake of a wrong type.",
        target="electrum_observatory.scanner.probes.server_version:unexpected",
        replacement=lambda reply, wanted: None,
    ),
    Defence(
        id="refused_handshakes_end_the_visit",
        what="Whoever refuses the handshake is asked nothing else.",
        target="electrum_observatory.scanner.probes.server_version:read_server_version",
        replacement=handshake_believed,
    ),
    Defence(
        id="error_budget",
        what="A visit ends when it has provoked six errors.",
        target="electrum_observatory.scanner.session:Session._room",
        replacement=lambda self: self._limits.in_flight,
    ),
)
