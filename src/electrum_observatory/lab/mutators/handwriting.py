"""Altering a program's line in the program's own hand: separators, key order, number texts and padding stay.

A line is read with the text of its numbers kept, altered, and written back; what was not touched comes out as it was.
"""

import json
from dataclasses import dataclass

from electrum_observatory.model.observation import Json

LEAST_PACKET_BYTES = 1024


class WrittenNumber(float):
    """A number with a fraction or an exponent, as it was written."""

    text: str

    def __new__(cls, text: str) -> "WrittenNumber":
        """Keep the text."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Handwriting:
    """How a program writes JSON, as far as altered values need it.

    Attributes:
        spaced: A space follows each comma and colon.
        escaped: What is not ASCII is escaped.
    """

    spaced: bool
    escaped: bool

    def write(self, value: Json) -> bytes:
        """Write a value: keys in their order, numbers that were read with their text."""
        return self._text(value).encode()

    def _text(self, value: Json) -> str:
        comma, colon = (", ", ": ") if self.spaced else (",", ":")
        if isinstance(value, dict):
            return "{" + comma.join(f"{self._text(key)}{colon}{self._text(value[key])}" for key in value) + "}"
        if isinstance(value, list | tuple):
            return "[" + comma.join(map(self._text, value)) + "]"
        if isinstance(value, WrittenNumber):
            return value.text
        return json.dumps(value, ensure_ascii=self.escaped)


def hand_of(line: bytes) -> Handwriting:
    """Return the hand in which a reply is written; programs in Python begin with ``jsonrpc`` and escape."""
    return Handwriting(spaced=b'": ' in line[:40], escaped=line.startswith(b'{"jsonrpc"'))


def refusal(reply: dict[str, Json], code: int, message: str) -> dict[str, Json]:
    """Return an error reply in place of a reply, its members where the program would have put them."""
    error: Json = {"code": code, "message": message}
    if next(iter(reply)) == "jsonrpc":
        return {"jsonrpc": "2.0", "error": error, "id": reply.get("id")}
    return {"error": error, "id": reply.get("id"), "jsonrpc": "2.0"}


def read(line: bytes) -> Json:
    """Read a line, numbers as they were written. Raises ValueError."""
    return json.loads(line, parse_float=WrittenNumber)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What a program sent at once, taken apart.

    Attributes:
        lines: Its lines without padding and terminator.
        terminator: What ended each of them.
        padded: Whether spaces before the last bracket filled it up to a power of two.
    """

    lines: tuple[bytes, ...]
    terminator: bytes
    padded: bool

    def written(self) -> bytes:
        """Return the bytes that leave: padded again where it was padded."""
        whole = b"".join(line + self.terminator for line in self.lines)
        if not self.padded:
            return whole
        size = max(LEAST_PACKET_BYTES, 1 << len(whole).bit_length())
        return whole[:-2] + b" " * (size - len(whole)) + whole[-2:]


def unpack(data: bytes, *, framed: bool) -> Packet:
    """Take apart what a program sent; ``framed`` is a WebSocket message, which is one line without terminator."""
    if framed:
        return Packet(lines=(data,), terminator=b"", padded=False)
    terminator = b"\r\n" if data.endswith(b"\r\n") else b"\n"
    *lines, _rest = data.split(terminator)
    last = lines[-1]
    body = last[:-1].rstrip(b" ")
    size = len(data)
    padded = size >= LEAST_PACKET_BYTES and size & (size - 1) == 0 and body != last[:-1]
    if padded:
        lines[-1] = body + last[-1:]
    return Packet(lines=tuple(lines), terminator=terminator, padded=padded)
