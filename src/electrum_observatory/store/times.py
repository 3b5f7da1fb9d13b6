"""Times in files: ISO 8601 in UTC with all six digits of the microsecond, so that the way back is exact."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


def to_iso(microseconds: int | None) -> str | None:
    """Return ``2026-11-20T22:15:00.000000Z``; None for None."""
    if microseconds is None:
        return None
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}Z"


def day_of(microseconds: int) -> str:
    """Return the UTC day, ``2026-11-20``."""
    return _day(microseconds // _DAY)


def to_us(moment: datetime | None) -> int | None:
    """Return UTC microseconds since the epoch; None for None. The moment must know its zone."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


# Rows that stand together share their second and their day, and spelling a date costs more than all else in a row.


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).strftime("%Y-%m-%d")
