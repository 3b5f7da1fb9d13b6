"""Where a watch is kept: the data folder's own database, or PostgreSQL where a URL names one.

A URL may hold a password: it is never printed, logged or kept in a watch's configuration.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from electrum_observatory.cli.libraries import need
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch_ports import WatchSink, WatchSource
from electrum_observatory.store.database import DATABASE_NAME
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.source import WatchReader
from electrum_observatory.store.watching.summary import WatchSummary

SCHEMES = ("postgresql://", "postgres://")


@contextmanager
def open_watch_sink(data: Path, store_url: str | None, clock: Clock) -> Iterator[WatchSink]:
    """Open the live store of watches for writing; it is closed at the end.

    Args:
        data: The data folder.
        store_url: ``postgresql://…``; None for the database of the data folder.
        clock: Dates migrations.

    Raises:
        UsageError: The URL is none, or PostgreSQL's library is missing.
        StoreError: The store is locked, unreachable, not writable or made by a newer program.
    """
    if store_url is None:
        with LiveStore.open(data, clock) as store:
            yield store.watching()
        return
    check_url(store_url)
    from electrum_observatory.store.postgres.sink import PostgresWatchSink

    with PostgresWatchSink.open(store_url, clock) as sink:
        yield sink


@contextmanager
def open_watch_source(data: Path, store_url: str | None = None) -> Iterator[WatchSource]:
    """Open a watch store for reading: the data folder or PostgreSQL, either with the folder's sealed days.

    Raises:
        UsageError: The URL is none, or PostgreSQL's library is missing.
        InputError: Nothing is in the data folder.
        StoreError: The store cannot be read.
    """
    if store_url is None:
        with WatchReader.open(data) as reader:
            yield reader
        return
    check_url(store_url)
    from electrum_observatory.store.postgres.archive import ArchivedWatches
    from electrum_observatory.store.postgres.source import PostgresWatchReader

    with ArchivedWatches(PostgresWatchReader.open(store_url), data) as source:
        yield source


def watch_summaries(data: Path, store_url: str | None) -> Sequence[WatchSummary]:
    """Return how much there is of every watch, oldest first; raises as :func:`open_watch_source`."""
    if store_url is None:
        with WatchReader.open(data) as reader:
            return reader.summaries()
    check_url(store_url)
    from electrum_observatory.store.postgres.source import PostgresWatchReader

    with PostgresWatchReader.open(store_url) as database:
        return database.summaries(data)


def check_url(store_url: str) -> None:
    """Refuse what is no URL of PostgreSQL, without repeating it, and a missing library. Raises UsageError."""
    if not store_url.startswith(SCHEMES):
        raise UsageError("--store: not a URL such as postgresql://user@host/database")
    need(("psycopg",), "PostgreSQL", "postgres")


def check_not_written(data: Path, watch_id: str) -> None:
    """Refuse to write a made-up watch for a second time: its rounds have numbers. Raises UsageError."""
    if not (data / DATABASE_NAME).is_file():
        return
    with WatchReader.open(data) as reader:
        written = [one for one in reader.summaries() if one.watch.watch_id == watch_id]
    if any(one.live_rounds or one.pieces for one in written):
        raise UsageError(
            f"{data} has rounds of {watch_id} already: choose another folder with --data, or another --seed"
        )


def seal_postgres(data: Path, store_url: str, clock: Clock) -> list[Piece]:
    """Write the finished days of a database into the Parquet of a data folder, made where it is missing.

    Raises:
        UsageError: As :func:`open_watch_source`.
        StoreError: The folder is locked or cannot be written, or the server cannot be read.
    """
    check_url(store_url)
    from electrum_observatory.store.postgres.archive import seal_days
    from electrum_observatory.store.postgres.source import PostgresWatchReader

    with PostgresWatchReader.open(store_url) as reader, LiveStore.open(data, clock):  # which locks the folder
        return list(seal_days(reader, data, day_of(clock.now_us())))
