"""Taking facts of a watch out of the live database, a little at a time: what is measured meanwhile waits little."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import apsw

from electrum_observatory.store.recorder import Recorder
from electrum_observatory.store.writer import Job, Writer

_ROUNDS_AT_ONCE, _NEWS_AT_ONCE = 12, 10_000
_READINGS = """
DELETE FROM watch_readings WHERE reading_pk >= (
    SELECT first_reading_pk FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number
) AND reading_pk < (
    SELECT first_reading_pk + readings FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number
)
"""
_ROUND = "DELETE FROM watch_rounds WHERE watch_pk = :watch_pk AND number = :number"
_NEWS = "DELETE FROM tip_news WHERE watch_pk = ? AND number IN (SELECT value FROM json_each(?))"
_COLUMNS = ("histogram_text", "tip_text", "fee_floor_text", "estimates_text", "ping_text", "pending_text")
_REFERRED = " UNION ALL ".join(f"SELECT {one} FROM watch_readings WHERE {one} IS NOT NULL" for one in _COLUMNS)  # noqa: S608
_TEXTS = f"DELETE FROM watch_texts WHERE text_pk NOT IN ({_REFERRED} UNION ALL SELECT header_text FROM tip_news)"  # noqa: S608
_PAGES = 4_000
"""Pages of 4 KiB that are given back at once."""


Told: TypeAlias = Callable[[str], None]
"""Is told each step once it is done: "written DAY", "named DAY", "removed some", "removed", "given back"."""


def remove(writer: Writer, watch_pk: int, rounds: Sequence[int], news: Sequence[int], told: Told) -> None:
    """Remove rounds with their readings, and tip news, by their numbers within the watch."""
    for statement, numbers, count in ((_remove_rounds, rounds, _ROUNDS_AT_ONCE), (_remove_news, news, _NEWS_AT_ONCE)):
        for some in _chunks(numbers, count):
            writer.run_now(_removing(statement, watch_pk, some))
            told("removed some")


def remove_spells(writer: Writer, watch_pk: int, before_us: int) -> None:
    """Remove the blind spells that ended before a moment."""
    statement = "DELETE FROM blind_spells WHERE watch_pk = ? AND to_us < ?"
    writer.run_now(Job(work=lambda recorder: recorder.connection.execute(statement, (watch_pk, before_us)).fetchall()))


def tidy(writer: Writer, told: Told) -> None:
    """Take out texts that nothing refers to any more, and give the room back to the disk."""

    def texts(recorder: Recorder) -> None:
        recorder.watch.forget()
        recorder.connection.execute(_TEXTS)

    writer.run_now(Job(work=texts))
    told("removed")
    while writer.run_now(Job(work=lambda recorder: _give_back(recorder.connection))):
        pass
    told("given back")


def _removing(statement: Callable[[apsw.Connection, int, Sequence[int]], None], key: int, some: Sequence[int]) -> Job:
    return Job(work=lambda recorder: statement(recorder.connection, key, some))


def _remove_rounds(connection: apsw.Connection, watch_pk: int, numbers: Sequence[int]) -> None:
    for number in numbers:
        key = {"watch_pk": watch_pk, "number": number}
        connection.execute(_READINGS, key)
        connection.execute(_ROUND, key)


def _remove_news(connection: apsw.Connection, watch_pk: int, numbers: Sequence[int]) -> None:
    connection.execute(_NEWS, (watch_pk, json.dumps(list(numbers))))


def _give_back(connection: apsw.Connection) -> bool:
    """Give some free pages back; returns whether there are more."""
    before = _free_pages(connection)
    connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    return 0 < _free_pages(connection) < before


def _free_pages(connection: apsw.Connection) -> int:
    found: Any = connection.execute("PRAGMA freelist_count").fetchall()[0][0]
    return int(found)


def _chunks(numbers: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), count):
        yield numbers[start : start + count]
