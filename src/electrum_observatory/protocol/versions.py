"""Protocol versions: dotted numbers, compared number by number."""

import re

PROTOCOL_MIN = "1.4"
PROTOCOL_MAX = "1.6"
"""With 1.7 negotiated, ElectrumX 2.0 drops every ``scripthash.*`` method, so nobody here ever asks for it."""

_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,3}", re.ASCII)


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return ``(1, 4, 2)`` for "1.4.2", trailing zeros dropped ("1.6.0" equals "1.6"); None for what is no version."""
    if _VERSION.fullmatch(text) is None:
        return None
    parts = [int(part) for part in text.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
