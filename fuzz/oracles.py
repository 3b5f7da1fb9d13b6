"""A second opinion on what the codec says, written for being obvious, not for being fast."""

import json
import math
from typing import Any


class NotJson(Exception):  # noqa: N818  it is no error: half of all inputs are none
    """The standard library does not accept the bytes."""


def depth_and_digits(line: bytes) -> tuple[int, int]:
    """The deepest nesting and the longest run of digits outside strings, one byte after the other."""
    depth = deepest = digits = longest = 0
    in_string = escaped = False
    for char in map(chr, line):
        digits = digits + 1 if char in "0123456789" and not in_string else 0
        longest = max(longest, digits)
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        else:
            depth += (char in "[{") - (char in "]}")
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
