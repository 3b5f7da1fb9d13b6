"""A second opinion on what the codec says, written for being obvious, not for being fast."""

import json
import math
import re
from typing import Any

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_MARK = re.compile(rb'["\\\[\]{}]|[0-9]+')


class NotJson(Exception):  # noqa: N818  it is no error: half of all inputs are none
    """The standard library does not accept the bytes."""


def lines_of(data: bytes, longest: int) -> tuple[list[bytes], bool]:
    """The lines of a stream before one that is too long, and whether there is one, ended or not."""
    found: list[bytes] = []
    for line in _LINE.findall(data):
        if len(line) > longest:
            return found, True
        if line.endswith(b"\n"):
            found.append(line)
    return found, False


def depth_and_digits(line: bytes) -> tuple[int, int]:
    """The deepest nesting and the longest run of digits outside strings, one mark after the other."""
    depth = deepest = longest = 0
    in_string, escaped_at = False, -1
    for found in _MARK.finditer(line):
        mark = found.group()
        if in_string:
            if found.start() != escaped_at:
                in_string = mark != b'"'
                escaped_at = found.end() if mark == b"\\" else -1
        elif mark.isdigit():
            longest = max(longest, len(mark))
        elif mark == b'"':
            in_string = True
        else:
            depth += (mark in b"[{") - (mark in b"]}")
            deepest = max(deepest, depth)
    return deepest, longest


def read_tolerantly(line: bytes) -> Any:
    """The value of a line for the standard library. Raises NotJson."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NotJson from error


def alike(one: Any, other: Any) -> bool:
    """Whether two decoded values are the same: types of numbers and the order of members too, and NaN equals itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return bool(one == other) or (math.isnan(one) and math.isnan(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


def harmless(value: Any) -> Any:
    """A value without what JSON libraries disagree about, member by member: see ``scanner.storable``."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {harmless(key): harmless(member) for key, member in value.items()}
        case list() | tuple():
            return [*map(harmless, value)]
        case float():
            return value if math.isfinite(value) else None
        case int():
            return value if -(2**63) <= value < 2**63 else str(value)
    return value
