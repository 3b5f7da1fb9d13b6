"""What a line may hold before any parser sees it: nesting and digits are cheap to send and dear to parse."""

import re

MAX_DEPTH = 64
MAX_DIGITS = 400

# Linear on any input: a string that never ends is taken whole (possessive, closing quote optional) instead of being
# tried again from each escaped quote in it.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_DIGIT_OR_NOT = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_LONG_NUMBER = b"0" * (MAX_DIGITS + 1)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def refusal(line: bytes) -> str | None:
    """Say why a line must not be parsed, or None.

    Depth counts brackets outside strings; digits are counted in runs outside strings. Both checks are linear.
    """
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH and _depth(line) > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH}"
    if _has_long_number(line) and _has_long_number(_STRING.sub(b'""', line)):
        return f"a number of more than {MAX_DIGITS} digits"
    return None


def _has_long_number(line: bytes) -> bool:
    return _LONG_NUMBER in line.translate(_DIGIT_OR_NOT)


def _depth(line: bytes) -> int:
    depth = deepest = 0
    for bracket in _STRING.sub(b"", line).translate(None, _NO_BRACKET):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest
