"""The wire form of a line apart from its meaning: key order, spacing, terminator, padding, escaping, number texts.

Programs that say the same spell it differently, and no configuration changes how. Nothing here knows a program.
The padding of ElectrumX ≥ 1.18 is a run of spaces right before the final bracket, so that the line stays JSON.
Source: spesmilo/electrumx ``server/transport.py`` PaddedRSTransport.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from electrum_observatory.protocol.limits import refusal

_SHORTEST_RUN = b"  "
_LONGEST_END = len(_SHORTEST_RUN + b"}\r\n")


class Unpadded(NamedTuple):
    """A line with its padding run taken out, and what is needed to put it back.

    Attributes:
        line: The bytes without the run; terminator included.
        pad_at: Offset at which the run stood; None where the line was not padded.
        pad_length: Number of spaces in the run; 0 where the line was not padded.
    """

    line: bytes
    pad_at: int | None
    pad_length: int


def unpad(line: bytes) -> Unpadded:
    """Take out the run of spaces right before the final bracket. A single space is ordinary JSON style, not padding."""
    if _SHORTEST_RUN not in line[-_LONGEST_END:]:
        return Unpadded(line, None, 0)
    body = line.removesuffix(b"\n").removesuffix(b"\r")
    end = len(body) - 1
    if not body.endswith((b"}", b"]")) or not body.endswith(_SHORTEST_RUN, 0, end):
        return Unpadded(line, None, 0)
    start = len(body[:end].rstrip(b" "))
    return Unpadded(line[:start] + line[end:], start, end - start)


def repad(unpadded: Unpadded) -> bytes:
    """Put the run back: ``repad(unpad(line)) == line`` for every line."""
    if unpadded.pad_at is None:
        return unpadded.line
    return unpadded.line[: unpadded.pad_at] + b" " * unpadded.pad_length + unpadded.line[unpadded.pad_at :]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireForm:
    """How a line is spelt. Whatever the line has no place for is None: an unread aspect, never a value.

    Attributes:
        keys: Names of the outermost object in order; of the first element where the line is a batch.
        error_keys: Names inside the error member in order; None where there is no error object.
        result_keys: Names inside the result in order; of its first element where the result is a list of objects.
        error_form: "object", "string", or "null" beside a result; None without the member.
        separators: "compact", "spaced" (one space after each comma and colon) or "mixed"; what joins the elements of
            a batch is not among them.
        joiner: What stands between the elements of a batch.
        terminator: "lf", "crlf" or "none".
        pad_length: Spaces in the padding run; 0 without one.
        length: Bytes, padding and terminator included.
        escaping: "escaped" (backslash, u, four digits) or "raw"; None where no character is beyond ASCII.
        floats: Texts of the numbers that are not integers, in order, the id's among them; at most 64.
        id_text: The id as written; None without one, or where it is no single number, word or string.
    """

    keys: tuple[str, ...]
    error_keys: tuple[str, ...] | None
    result_keys: tuple[str, ...] | None
    error_form: str | None
    separators: str | None
    joiner: str | None
    terminator: str
    pad_length: int
    length: int
    escaping: str | None
    floats: tuple[str, ...]
    id_text: str | None


class Read(NamedTuple):
    """A line that is JSON: what it says and how it is spelt."""

    value: Any
    form: WireForm


# A string that never ends is taken whole, instead of being tried again from each escaped quote in it.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
# A run of white space is tried once, from its beginning, so that a megabyte of it costs no more than its length.
_SEPARATOR = re.compile(r"(?<![ \t\r\n])[ \t\r\n]*+[,:][ \t\r\n]*+")
_MARK = re.compile(r"[\[{]|[\]}]|(?<![ \t])[ \t]*+,[ \t]*+")
_UNICODE_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_ID = re.compile(r'"id"\s*:\s*("[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s,}\[\]{]+)')
_FLOAT = re.compile(r"[0-9][.eE]")
_FLOATS_KEPT = 64


def read_line(line: bytes) -> Read | None:
    """Read a line's meaning and spelling; None for what is no JSON object or batch of objects, or too much to parse."""
    unpadded = unpad(line)
    body, terminator = _terminated(unpadded.line)
    if refusal(body) is not None:
        return None
    floats: list[str] = []
    try:
        text = body.decode("utf-8")
        bare = _STRING.sub('""', text)
        # A decoder of one's own takes longer to build than an ordinary line to read.
        hook = (lambda number: _noted(floats, number)) if _FLOAT.search(bare) else None
        value = json.loads(text, parse_float=hook)
    except (ValueError, RecursionError):
        return None
    outer = value[0] if isinstance(value, list) and value else value
    if not isinstance(outer, dict):
        return None
    separators, joiner = _separators(bare, batch=isinstance(value, list))
    error, result = outer.get("error"), outer.get("result")
    form = WireForm(
        keys=tuple(outer),
        error_keys=tuple(error) if isinstance(error, dict) else None,
        result_keys=_first_keys(result),
        error_form=_error_form(outer),
        separators=separators,
        joiner=joiner,
        terminator=terminator,
        pad_length=unpadded.pad_length,
        length=len(line),
        escaping=_escaping(text),
        floats=tuple(floats[:_FLOATS_KEPT]),
        id_text=_id_text(text, outer),
    )
    return Read(value, form)


def _terminated(line: bytes) -> tuple[bytes, str]:
    for end, name in ((b"\r\n", "crlf"), (b"\n", "lf")):
        if line.endswith(end):
            return line.removesuffix(end), name
    return line, "none"


def _noted(floats: list[str], number: str) -> float:
    if len(floats) < _FLOATS_KEPT:
        floats.append(number)
    return float(number)


def _first_keys(result: object) -> tuple[str, ...] | None:
    first = result[0] if isinstance(result, list) and result else result
    return tuple(first) if isinstance(first, dict) else None


def _error_form(outer: dict[str, object]) -> str | None:
    if "error" not in outer:
        return None
    error = outer["error"]
    return "null" if error is None else "string" if isinstance(error, str) else "object"


def _separators(bare: str, *, batch: bool) -> tuple[str | None, str | None]:
    """Return how commas and colons of a text without strings are spaced, and what joins the elements of a batch."""
    joiner: str | None = None
    if batch:
        joints = {bare[start:end] for start, end in _joints(bare)}
        joiner = joints.pop() if len(joints) == 1 else "mixed" if joints else None
        bare = "".join(_without_joints(bare))
    found = set(_SEPARATOR.findall(bare))
    if not found:
        return None, joiner
    if found <= {",", ":"}:
        return "compact", joiner
    return ("spaced" if found <= {", ", ": "} else "mixed"), joiner


def _joints(bare: str) -> Iterator[tuple[int, int]]:
    """Yield where the outermost list of a text without strings has its commas, with the white space around."""
    depth = 0
    for mark in _MARK.finditer(bare):
        if mark.group() in "[{":
            depth += 1
        elif mark.group() in "]}":
            depth -= 1
        elif depth == 1:
            yield mark.span()


def _without_joints(bare: str) -> Iterator[str]:
    at = 0
    for start, end in _joints(bare):
        yield bare[at:start]
        at = end
    yield bare[at:]


def _escaping(text: str) -> str | None:
    if not text.isascii():
        return "raw"
    return "escaped" if "\\u" in text and _UNICODE_ESCAPE.search(text) else None


def _id_text(text: str, outer: dict[str, object]) -> str | None:
    """Return the id as written. The member is looked for where programs put it: first or last in the object."""
    if "id" not in outer or isinstance(outer["id"], list | dict):
        return None
    found = _ID.match(text, text.find('"id"')) if next(iter(outer)) == "id" else None
    if found is None:
        for found in _ID.finditer(text):  # noqa: B007 - the last one is wanted: results come before the id
            pass
    return None if found is None or not _same(found.group(1), outer["id"]) else found.group(1)


def _same(text: str, value: object) -> bool:
    if type(value) is int and text == str(value):
        return True
    try:
        return bool(json.loads(text) == value)
    except ValueError:
        return False
