"""Times as people read them in a terminal."""

from electrum_observatory.store.times import to_iso


def when(microseconds: int | None) -> str | None:
    """Return ``2026-11-20 22:15:00`` (UTC); None for None. JSON output keeps all digits."""
    text = to_iso(microseconds)
    return None if text is None else text[:19].replace("T", " ")
