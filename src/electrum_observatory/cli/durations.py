"""Durations as people write them: ``5m``, ``1h30m``, ``1d``; a bare number is seconds."""

import re

from electrum_observatory.model.errors import UsageError

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?[wdhms])+|\d+(?:\.\d+)?")
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms]?)")


def seconds_of(text: str) -> float:
    """Return the seconds that a duration lasts.

    Raises:
        UsageError: It is none.
    """
    written = text.strip().lower()
    if _WHOLE.fullmatch(written) is None:
        raise UsageError(f"{text!r} is no duration: write 30s, 5m, 1h30m, 1d or 1w")
    return sum(float(number) * _UNITS[unit or "s"] for number, unit in _PART.findall(written))


def duration_words(seconds: float) -> str:
    """Return a duration in at most two units: ``4 min 05 s``, ``3 h 20 min``, ``2 d 4 h``."""
    whole = max(0, round(seconds))
    days, hours, minutes, rest = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    return f"{rest} s"
