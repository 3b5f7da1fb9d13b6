"""One session of somebody who comes after a monitor has made the tables: a reader, or who forgets old months."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, ClassVar, Self

import psycopg
from psycopg import Connection, Cursor

from electrum_observatory.store.postgres.migrations import check_tables
from electrum_observatory.store.postgres.place import Place, is_lost


class Guest:
    """Belongs to one thread; any number may be open at once.

    Every method that asks the server raises StoreError where it cannot be reached; the next call tries a new session.

    Attributes:
        reading: Whether the session reads only, and sees one moment throughout a transaction.
    """

    reading: ClassVar[bool]

    def __init__(self, place: Place, connection: Connection[Any]) -> None:
        """Use :meth:`open`."""
        self._place = place
        self._connection = connection

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to a database that a sink has made tables in.

        Raises:
            UsageError: The URL is none, or no watch was ever kept there.
            StoreError: The server cannot be reached or refuses, or another version of this program made the tables.
        """
        place = Place(url)
        try:
            opened = cls(place, place.connect(reading=cls.reading))
        except psycopg.Error as error:
            raise place.explain(error) from error
        try:
            with opened._transaction() as cursor:
                check_tables(cursor.connection, str(place))
        except BaseException:
            opened.close()
            raise
        return opened

    def __enter__(self) -> Self:
        """Return the session itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the session. May be called twice."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Cursor[Any]]:
        try:
            if is_lost(self._connection):
                self._connection = self._place.connect(reading=self.reading)
            with self._connection.transaction(), self._connection.cursor() as cursor:
                yield cursor
        except psycopg.Error as error:
            raise self._place.explain(error) from error
