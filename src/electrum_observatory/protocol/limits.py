"""What a line may hold before any parser sees it: nesting and digits are cheap to send and dear to parse."""

import re

MAX_DEPTH = 64
MAX_DIGITS = 400

# Every pattern is linear on any input: a run of digits is looked at once (the look-behind), and a string that never
# ends is taken whole (possessive, closing quote optional) instead of being tried again from each escaped quote in it.
_LONG_NUMBER = re.compile(rb"(?<!\d)\d{%d}" % (MAX_DIGITS + 1))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_STRING_OR_BRACKET = re.compile(_STRING.pattern + rb"|[\[\]{}]", re.DOTALL)


def refusal(line: bytes) -> str | None:
    """Say why a line must not be parsed, or None.

    Depth counts brackets outside strings; digits are counted in runs outside strings. Both checks are linear.
    """
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH and _depth(line) > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH}"
    if _LONG_NUMBER.search(line) and _LONG_NUMBER.search(_STRING.sub(b'""', line)):
        return f"a number of more than {MAX_DIGITS} digits"
    return None


def _depth(line: bytes) -> int:
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(line):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (b"]", b"}"):
            depth -= 1
    return deepest
