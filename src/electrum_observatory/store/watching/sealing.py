"""Sealing: every finished UTC day of a watch goes into Parquet, and only then out of the live database.

The steps, any of which may be the last one before the process dies: the files of a day take their places; the manifest
names them; the rows go, some rounds at a time; texts that nothing refers to go; free pages are given back. Whoever
seals next goes on from there: files that the manifest does not name are removed, rows that it has are not sealed again.

``python -m electrum_observatory.store.watching.sealing DIR WATCH DAY`` does the first step in a process of its own and
prints the piece.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from electrum_observatory.store.database import open_for_reading
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching import live_rows, pieces, removal
from electrum_observatory.store.watching.apart import Child, run_apart, tell_piece
from electrum_observatory.store.watching.live_rows import Span
from electrum_observatory.store.watching.overlap import live_numbers, sealed_numbers
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.removal import Told
from electrum_observatory.store.writer import Writer

DAY_US = 86_400_000_000
_DAYS = """
SELECT DISTINCT started_at_us / 86400000000 FROM watch_rounds WHERE watch_pk = :watch_pk
UNION SELECT DISTINCT received_at_us / 86400000000 FROM tip_news WHERE watch_pk = :watch_pk ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """A finished day of a watch that is still in the live database.

    Attributes:
        watch_id: The watch.
        day: UTC day.
    """

    watch_id: str
    day: str


def unsealed(data_dir: Path, before: str) -> list[Unsealed]:
    """Return the days before a day that are in the live database, and are not sealed as a whole."""
    found: list[Unsealed] = []
    connection = open_for_reading(data_dir)
    try:
        for key, watch in live_rows.watches(connection).items():
            days = [day_of(row[0] * DAY_US) for row in _rows(connection, _DAYS, {"watch_pk": key})]
            found += [Unsealed(watch_id=watch.watch_id, day=day) for day in days if day < before]
    finally:
        connection.close()
    return found


def write(data_dir: Path, one: Unsealed) -> Piece | None:
    """Write what a day has that is not sealed yet, and return the piece, which nothing names yet; None for nothing."""
    from electrum_observatory.store.watching.piece_writing import Facts, write_day

    named = pieces.read(data_dir, one.watch_id)
    connection = open_for_reading(data_dir)
    try:
        connection.execute("BEGIN")
        span = _span(connection, one)
        rounds, news = (live_numbers(connection, span.watch_pk, table) for table in ("rounds", "news"))
        sealed = set(sealed_numbers(data_dir, named, "rounds", rounds).tolist())
        readings = live_rows.readings(connection, span, without=sealed)
        told = sealed_numbers(data_dir, named, "news", news)
        news_numbers, found = live_rows.news(connection, span, without=told)
        connection.execute("COMMIT")
    finally:
        connection.close()
    if not readings.rounds and not len(news_numbers):
        return None
    part = 1 + max((piece.part for piece in named if piece.from_day == piece.to_day == one.day), default=0)
    facts = Facts(readings=readings, news=found, news_numbers=news_numbers)
    return write_day(data_dir, one.watch_id, one.day, part, facts)


def write_apart(data_dir: Path, one: Unsealed, child: Child) -> Piece | None:
    """Do as :func:`write` in a process of its own. Raises StoreError with its words where it fails."""
    return run_apart(child, __name__, str(data_dir), one.watch_id, one.day)


def remove_sealed(data_dir: Path, writer: Writer, told: Told) -> None:
    """Take out of the live database whatever is sealed."""
    connection = open_for_reading(data_dir)
    try:
        work = {
            key: [_sealed(data_dir, connection, key, watch.watch_id, table) for table in ("rounds", "news")]
            for key, watch in live_rows.watches(connection).items()
        }
    finally:
        connection.close()
    for key, (rounds, news) in work.items():
        removal.remove(writer, key, rounds, news, told)


def _sealed(data_dir: Path, connection: apsw.Connection, key: int, watch_id: str, table: str) -> list[int]:
    live = live_numbers(connection, key, table)
    found: list[int] = sealed_numbers(data_dir, pieces.read(data_dir, watch_id), table, live).tolist()
    return found


def _span(connection: apsw.Connection, one: Unsealed) -> Span:
    keys = {watch.watch_id: key for key, watch in live_rows.watches(connection).items()}
    from_us = int(np.datetime64(one.day, "us").astype(np.int64))
    return Span(watch_pk=keys[one.watch_id], from_us=from_us, to_us=from_us + DAY_US)


def _rows(connection: apsw.Connection, statement: str, values: Any) -> list[Any]:
    return connection.execute(statement, values).fetchall()


def main() -> None:
    """Write one day and print its piece."""
    data_dir, watch_id, day = sys.argv[1:]
    tell_piece(lambda: write(Path(data_dir), Unsealed(watch_id=watch_id, day=day)))


if __name__ == "__main__":
    main()
