"""Reads recordings of conversations (docs/formats.md), plain or xz, as dialogues: one row is one connection.

Bytes stand as text of one character each (latin-1). Reads are put together and cut into lines again, since where a read
ends is the network's doing. A long message that the recorder cut short stays as it was recorded, without its end: it
has no terminator, and its exchange says ``(cut)``, so nobody takes it for what was sent.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.store.importers.unpacking import unpacked_lines

CUT = re.compile(r"\.\.\.\[\d+ bytes\]\Z")
"""How a recorder ends a message of which it kept only the beginning."""

Recording: TypeAlias = Mapping[tuple[str, Transport], tuple[Dialogue, ...]]
"""Recorded server and transport → its connections, in the order of the file."""

_TRANSPORTS = {"t": Transport.TCP, "s": Transport.SSL, "w": Transport.WS, "ws": Transport.WS, "wss": Transport.WSS}
_TRANSPORTS |= {"tcp": Transport.TCP, "ssl": Transport.SSL}
_MAX_ROWS = 100_000
_MAX_STEPS = 1_000
_MAX_READS = 100_000
_SHOWN = 200

_Milliseconds: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=_SHOWN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStep:
    """One message, and what was read until the next.

    Attributes:
        send: What was sent, one character for each byte; empty where the recorder only listened.
        recv: Each read: milliseconds after the message, and the bytes.
        eof_ms: When the server closed, if it did then.
    """

    send: str
    recv: Annotated[list[tuple[_Milliseconds, str]], Field(max_length=_MAX_READS)] = field(default_factory=list)
    eof_ms: _Milliseconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRow:
    """One connection; members that are not named here are left alone.

    Attributes:
        server: What the recorder called the server.
        transport: t, s, w (or tcp, ssl, ws, wss).
        probe: What the recorder called the question.
        pre: The handshake that was sent first; null where the question began the connection.
        steps: In the order sent, the handshake among them.
        closed_by_server: Whether it closed before the recorder did; null where that was not recorded.
        alive_after: Whether it still answered at the end; null where that was not asked.
    """

    server: _Name
    transport: Literal["t", "s", "w", "tcp", "ssl", "ws", "wss"]
    probe: _Name
    pre: str | None = None
    steps: Annotated[list[RecordedStep], Field(min_length=1, max_length=_MAX_STEPS)]
    closed_by_server: bool | None = None
    alive_after: bool | None = None


_ROW = TypeAdapter(RecordedRow)


def read_recording(path: Path) -> Recording:
    """Return the connections of each recorded server.

    Raises:
        InputError: The file cannot be read, holds nothing, or a row is not of the format (the line is named).
    """
    found: dict[tuple[str, Transport], list[Dialogue]] = {}
    for number, line in unpacked_lines(path):
        if not line.strip():
            continue
        if number > _MAX_ROWS:
            raise InputError(f"{path} line {number}: more than {_MAX_ROWS} rows")
        row = _row(path, number, line)
        transport = _TRANSPORTS[row.transport]
        dialogue = _dialogue(row, transport, f"{path.name} line {number}")
        found.setdefault((row.server, transport), []).append(dialogue)
    if not found:
        raise InputError(f"{path} is empty: a recording has one JSON object on each line")
    return {key: tuple(dialogues) for key, dialogues in found.items()}


def is_recording_row(value: object) -> bool:
    """Whether a decoded first line looks like one of a recording."""
    return isinstance(value, dict) and {"server", "transport", "probe", "steps"} <= value.keys()


def _row(path: Path, number: int, line: bytes) -> RecordedRow:
    try:
        return _ROW.validate_python(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InputError(f"{path} line {number}: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} line {number}: not JSON: {str(error)[:_SHOWN]}") from error


def _dialogue(row: RecordedRow, transport: Transport, origin: str) -> Dialogue:
    answered = [bool(step.recv) for step in row.steps]
    exchanges = tuple(
        Exchange(
            name=_name(row, place, step.send),
            sent=_sent(step.send),
            lines=_lines(step.recv, transport),
            closed=_closed(row, place),
            alive_after=_alive_after(row, answered[place + 1 :]),
        )
        for place, step in enumerate(row.steps)
    )
    return Dialogue(transport=transport, exchanges=exchanges, from_start=_from_start(row), origin=origin)


def _name(row: RecordedRow, place: int, send: str) -> str:
    cut = " (cut)" if CUT.search(send) else ""
    return f"{row.probe}#{place}{cut}"


def _sent(send: str) -> bytes:
    return _as_bytes(CUT.sub("", send))


def _as_bytes(text: str) -> bytes:
    """Undo latin-1; text that cannot be latin-1 was written as it read in UTF-8, half a character as three bytes."""
    for encoding, errors in (("latin-1", "strict"), ("utf-8", "surrogateescape")):
        try:
            return text.encode(encoding, errors)
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8", "surrogatepass")


def _lines(reads: Sequence[tuple[float, str]], transport: Transport) -> tuple[Line, ...]:
    if transport in (Transport.WS, Transport.WSS):
        return tuple(Line(data=_as_bytes(text), after_ms=after_ms) for after_ms, text in reads)
    return tuple(_split(reads))


def _split(reads: Sequence[tuple[float, str]]) -> Iterator[Line]:
    """Cut into lines; a line came when its last byte did, and may have begun in an earlier read."""
    begun: list[bytes] = []
    after_ms = 0.0
    for after_ms, text in reads:
        *whole, rest = _as_bytes(text).split(b"\n")
        for line in whole:
            yield Line(data=b"".join((*begun, line, b"\n")), after_ms=after_ms)
            begun.clear()
        begun.append(rest)
    if any(begun):
        yield Line(data=b"".join(begun), after_ms=after_ms)


def _closed(row: RecordedRow, place: int) -> bool | None:
    if row.steps[place].eof_ms is not None:
        return True
    if place + 1 < len(row.steps):
        return False
    return row.closed_by_server


def _alive_after(row: RecordedRow, answered_later: Sequence[bool]) -> bool | None:
    if any(answered_later):
        return True
    return False if row.alive_after is False else None


def _from_start(row: RecordedRow) -> bool:
    """A handshake that is told of but not among the steps came before them."""
    return row.pre is None or row.steps[0].send.strip() == row.pre.strip()
