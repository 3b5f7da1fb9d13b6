"""Taking facts of a watch out of the live database, a little at a time: what is measured meanwhile waits little."""

import json
from collections.abc import Sequence

import apsw

_READINGS = """
DELETE FROM watch_readings WHERE reading_pk >= (
    SELECT first_reading_pk FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number
) AND reading_pk < (
    SELECT first_reading_pk + readings FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number
)
"""
_ROUND = "DELETE FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number"
_NEWS = "DELETE FROM tip_news WHERE watch_pk = ? AND number IN (SELECT value FROM json_each(?))"
_COLUMNS = ("histogram_text", "tip_text", "fee_floor_text", "estimates_text", "ping_text")
_REFERRED = " UNION ALL ".join(f"SELECT {one} FROM watch_readings WHERE {one} IS NOT NULL" for one in _COLUMNS)  # noqa: S608
_TEXTS = f"DELETE FROM watch_texts WHERE text_pk NOT IN ({_REFERRED} UNION ALL SELECT header_text FROM tip_news)"  # noqa: S608
_PAGES = 4_000
"""Pages of 4 KiB that are given back at once."""


def remove_rounds(connection: apsw.Connection, watch_pk: int, numbers: Sequence[int]) -> None:
    """Remove rounds with their readings."""
    for number in numbers:
        key = {"watch_pk": watch_pk, "number": number}
        connection.execute(_READINGS, key)
        connection.execute(_ROUND, key)


def remove_news(connection: apsw.Connection, watch_pk: int, numbers: Sequence[int]) -> None:
    """Remove tip news."""
    connection.execute(_NEWS, (watch_pk, json.dumps(list(numbers))))


def remove_spells(connection: apsw.Connection, watch_pk: int, before_us: int) -> int:
    """Remove the blind spells that ended before a moment; returns how many."""
    connection.execute("DELETE FROM blind_spells WHERE watch_pk = ? AND to_us < ?", (watch_pk, before_us))
    return int(connection.changes())


def remove_texts(connection: apsw.Connection) -> None:
    """Remove the texts that nothing refers to any more."""
    connection.execute(_TEXTS)


def give_back(connection: apsw.Connection) -> bool:
    """Give some free pages back to the disk; returns whether there may be more."""
    connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    free = connection.execute("PRAGMA freelist_count").fetchall()[0][0]
    return bool(free)
