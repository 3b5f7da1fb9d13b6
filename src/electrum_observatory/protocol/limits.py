"""What a line may hold before any parser sees it: nesting, members and digits are cheap to send and dear to parse."""

import re
from dataclasses import dataclass

MAX_DEPTH = 64
MAX_MEMBERS = 100_000
MAX_DIGITS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLimits:
    """What is given to a parser at all.

    Attributes:
        depth: Brackets within brackets.
        members: Elements of lists, and names and values of objects, over all of the text. Each may become an object
            of 200 bytes, of which two were sent; the longest honest lists have a few thousand.
        digits: Digits in a row, outside of strings.
    """

    depth: int = MAX_DEPTH
    members: int = MAX_MEMBERS
    digits: int = MAX_DIGITS


USUAL_LIMITS = JsonLimits()

# Linear on any input: a string that never ends is taken whole (possessive, closing quote optional) instead of being
# tried again from each escaped quote in it.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_DIGIT_OR_NOT = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_SAMPLES = 8  # of the longest run of digits
_NO_BRACKET_OR_QUOTE = bytes(set(_NO_BRACKET) - set(b'"'))
_SPACE = b" \t\r\n"


def refusal(line: bytes, limits: JsonLimits = USUAL_LIMITS) -> str | None:
    """Say why a line must not be parsed, or None.

    Depth counts brackets outside strings; digits are counted in runs outside strings. All checks are linear.
    """
    depth = limits.depth
    if len(line) > limits.members and _marks(line) > limits.members:
        why = _wide_refusal(line, limits)
        if why is not None:
            return why
    elif line.count(b"[") + line.count(b"{") > depth and not _surely_flat(line, depth) and _depth(line) > depth:
        return f"nested deeper than {depth}"
    if len(line) > limits.digits and _too_long(line, limits) and _too_long(_STRING.sub(b'""', line), limits):
        return f"a number of more than {limits.digits} digits"
    return None


def _marks(text: bytes) -> int:
    """Return how many marks there are that each bring a member with them: never fewer than members."""
    return text.count(b",") + text.count(b":") + text.count(b"[") + text.count(b"{")


def _wide_refusal(line: bytes, limits: JsonLimits) -> str | None:
    """Judge a line that may have too many members, by nothing that takes long for each of them.

    Strings are members, too: where there are few enough of them, they can be cut out one by one.
    """
    too_many = f"more than {limits.members} elements, names and values"
    text = line.replace(b"\\\\", b"").replace(b'\\"', b"")
    if text.count(b'"') // 2 > limits.members + 1:
        return too_many
    text = b'""'.join(text.split(b'"')[::2]).translate(None, _SPACE)
    most_brackets = 2 * (limits.members + 1)  # of a line that has no more members than that
    if _deepest(text.translate(None, _NO_BRACKET)[:most_brackets]) > limits.depth:
        return f"nested deeper than {limits.depth}"
    return too_many if _members(text) > limits.members else None


def _members(text: bytes) -> int:
    """Return how many members a text has whose strings and spaces were taken out."""
    return _marks(text) - text.count(b"[]") - text.count(b"{}")


def _too_long(line: bytes, limits: JsonLimits) -> bool:
    # A run of too many digits covers several of the samples in a row, and few lines have several that are digits.
    step = max(1, limits.digits // _SAMPLES)
    if b"0" * ((limits.digits + 1) // step) not in line[::step].translate(_DIGIT_OR_NOT):
        return False
    return b"0" * (limits.digits + 1) in line.translate(_DIGIT_OR_NOT)


def _surely_flat(line: bytes, depth: int) -> bool:
    """Say at once of an ordinary long list (300 µs less for a peer list) that it is not nested too deeply.

    Where no string holds a bracket or an escape, the quotes of each string stand side by side once all else is taken
    out, and are gone with the strings; innermost pairs of brackets then vanish, at most two levels in a turn. Of any
    other line this says nothing.
    """
    left = line.translate(None, _NO_BRACKET_OR_QUOTE).replace(b'""', b"")
    if b"\\" in line or b'"' in left:
        return False
    for _ in range(depth // 2):
        fewer = left.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(left):
            break
        left = fewer
    return not left


def _depth(line: bytes) -> int:
    return _deepest(_STRING.sub(b"", line).translate(None, _NO_BRACKET))


def _deepest(brackets: bytes) -> int:
    depth = deepest = 0
    for bracket in brackets:
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest
