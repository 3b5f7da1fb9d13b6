"""Times in files: ISO 8601 in UTC with all six digits of the microsecond, so that the way back is exact."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_iso(microseconds: int | None) -> str | None:
    """Return ``2026-11-20T22:15:00.000000Z``; None for None."""
    if microseconds is None:
        return None
    return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day_of(microseconds: int) -> str:
    """Return the UTC day, ``2026-11-20``."""
    return (_EPOCH + timedelta(microseconds=microseconds)).strftime("%Y-%m-%d")


def to_us(moment: datetime | None) -> int | None:
    """Return UTC microseconds since the epoch; None for None. The moment must know its zone."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND
