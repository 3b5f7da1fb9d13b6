"""Days out of PostgreSQL into the sealed Parquet of a data folder, and both read as one.

Sealing takes nothing out of the database: old months are forgotten where somebody asks for it (``retention``), and what
was sealed stays readable beside what is left.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.watch import BlindSpell, Question, Stint, Watch
from electrum_observatory.model.watch_ports import NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.postgres.source import PostgresWatchReader
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.columns import joined, joined_news, numbers, without_rounds
from electrum_observatory.store.watching.overlap import sealed_numbers
from electrum_observatory.store.watching.pieces import Piece

DAY_US = 86_400_000_000


def seal_days(reader: PostgresWatchReader, data_dir: Path, before: str) -> Iterator[Piece]:
    """Write the finished days of every watch that have a round which is not sealed yet; yields each new piece.

    Whoever calls holds the lock of the data folder. A day's news is sealed with its rounds.

    Args:
        reader: The database.
        data_dir: Where the pieces go.
        before: UTC day, ``2026-11-20``; only days before it are sealed.

    Raises:
        StoreError: The server cannot be read, or the folder cannot be written; what was yielded is sealed.
    """
    try:
        pieces.tidy(data_dir)
        for watch in reader.watches():
            for day in _unsealed_days(reader, data_dir, watch.watch_id):
                if day < before:
                    piece = _seal_day(reader, data_dir, watch.watch_id, day)
                    pieces.replace(data_dir, (), (piece,))
                    yield piece
    except OSError as error:
        raise StoreError(f"cannot seal days in {data_dir}: {error.strerror or error}") from error


def _unsealed_days(reader: PostgresWatchReader, data_dir: Path, watch_id: str) -> list[str]:
    counted, at_us = reader.round_times(watch_id)
    sealed = sealed_numbers(data_dir, pieces.read(data_dir, watch_id), "rounds", counted)
    days = np.unique(at_us[~np.isin(counted, sealed)] // DAY_US)
    return [day_of(int(day) * DAY_US) for day in days]


def _seal_day(reader: PostgresWatchReader, data_dir: Path, watch_id: str, day: str) -> Piece:
    from electrum_observatory.store.watching.piece_writing import Facts, write_day

    named = pieces.read(data_dir, watch_id)
    from_us = int(np.datetime64(day, "us").astype(np.int64))
    readings = reader.readings(watch_id, from_us, from_us + DAY_US)
    counted = numbers(made.number for made in readings.rounds)
    told, news = reader.numbered_news(watch_id, from_us, from_us + DAY_US)
    fresh = np.flatnonzero(~np.isin(told, sealed_numbers(data_dir, named, "news", told)))
    facts = Facts(
        readings=without_rounds(readings, sealed_numbers(data_dir, named, "rounds", counted)),
        news=joined_news([news], fresh),
        news_numbers=told[fresh],
    )
    part = 1 + max((piece.part for piece in named if piece.from_day == piece.to_day == day), default=0)
    return write_day(data_dir, watch_id, day, part, facts)


class ArchivedWatches:
    """Implements ``model.watch_ports.WatchSource`` over a database and the sealed days of a data folder.

    A round that is in both is told once, as it was sealed: its month may have been dropped since.
    """

    def __init__(self, reader: PostgresWatchReader, data_dir: Path) -> None:
        """Take a reader, which is closed at the end, and a data folder, which need not be there."""
        self._reader = reader
        self._data_dir = data_dir

    def __enter__(self) -> Self:
        """Return the source itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the reader."""
        self._reader.close()

    def watches(self) -> Sequence[Watch]:
        """Return every watch of the database, oldest first."""
        return self._reader.watches()

    def stints(self, watch_id: str) -> Sequence[Stint]:
        """Return the stints of a watch, oldest first."""
        return self._reader.stints(watch_id)

    def spells(self, watch_id: str) -> Sequence[BlindSpell]:
        """Return the blind spells of a watch, oldest first."""
        return self._reader.spells(watch_id)

    def readings(
        self,
        watch_id: str,
        from_us: int | None = None,
        to_us: int | None = None,
        *,
        questions: Collection[Question] = tuple(Question),
        endpoints: Collection[Endpoint] | None = None,
    ) -> ReadingColumns:
        """Return the readings; of unasked-for questions no texts."""
        live = self._reader.readings(watch_id, from_us, to_us, questions=questions, endpoints=endpoints)
        over = self._over(watch_id, from_us, to_us)
        if not over:
            return live
        from electrum_observatory.store.watching.piece_reading import Wanted, read_readings

        wanted = Wanted(from_us=from_us, to_us=to_us, questions=questions, endpoints=endpoints)
        counted = numbers(made.number for made in live.rounds)
        twice = sealed_numbers(self._data_dir, over, "rounds", counted)
        return joined([*(read_readings(self._data_dir, one, wanted) for one in over), without_rounds(live, twice)])

    def news(self, watch_id: str, from_us: int | None = None, to_us: int | None = None) -> NewsColumns:
        """Return the tip news."""
        told, live = self._reader.numbered_news(watch_id, from_us, to_us)
        over = [piece for piece in self._over(watch_id, from_us, to_us) if piece.news is not None]
        if not over:
            return live
        from electrum_observatory.store.watching.piece_reading import Wanted, read_news

        wanted = Wanted(from_us=from_us, to_us=to_us)
        parts = [(told, live), *(read_news(self._data_dir, one, wanted) for one in over)]
        first: Numbers = np.unique(np.concatenate([counted for counted, _ in parts]), return_index=True)[1]
        return joined_news([found for _, found in parts], first)

    def _over(self, watch_id: str, from_us: int | None, to_us: int | None) -> list[Piece]:
        """Return the pieces whose days touch a time."""
        return [
            piece
            for piece in pieces.read(self._data_dir, watch_id)
            if (from_us is None or piece.to_day >= day_of(from_us))
            and (to_us is None or piece.from_day <= day_of(to_us - 1))
        ]
