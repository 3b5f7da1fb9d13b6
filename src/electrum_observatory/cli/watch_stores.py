"""Where a watch is kept: the data folder's own database, or PostgreSQL where a URL names one.

A URL may hold a password: it is never printed, logged or kept in a watch's configuration.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.ports import Clock
from electrum_observatory.model.watch_ports import WatchSink, WatchSource

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
    with _sink(data, store_url, clock) as sink:
        yield sink


@contextmanager
def open_watch_source(data: Path, store_url: str | None = None) -> Iterator[WatchSource]:
    """Open the live store, and the sealed days of the data folder, for reading. Raises as :func:`open_watch_sink`."""
    with _source(data, store_url) as source:
        yield source


def _sink(data: Path, store_url: str | None, clock: Clock) -> AbstractContextManager[WatchSink]:
    found: Any
    if store_url is None:
        found = import_module("electrum_observatory.store.watching.sink").SqliteWatchSink.open(data, clock)
    else:
        found = _postgres("sink").PostgresWatchSink.open(_checked(store_url), clock)
    return found  # type: ignore[no-any-return]


def _source(data: Path, store_url: str | None) -> AbstractContextManager[WatchSource]:
    found: Any
    if store_url is None:
        found = import_module("electrum_observatory.store.watching.source").WatchReader.open(data)
    else:
        found = _postgres("source").PostgresWatchReader.open(_checked(store_url))
    return found  # type: ignore[no-any-return]


def _checked(store_url: str) -> str:
    if not store_url.startswith(SCHEMES):
        raise UsageError("--store: not a URL such as postgresql://user@host/database")
    return store_url


def _postgres(module: str) -> Any:
    try:
        return import_module(f"electrum_observatory.store.postgres.{module}")
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise UsageError("PostgreSQL needs a library: pip install 'electrum-observatory[postgres]'") from error
