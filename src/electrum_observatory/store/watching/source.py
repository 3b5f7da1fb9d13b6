"""What a data folder tells of its watches, beside a writer if there is one."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import InputError, UsageError
from electrum_observatory.model.watch import BlindSpell, Question, Stint, Watch
from electrum_observatory.model.watch_ports import NewsColumns, ReadingColumns
from electrum_observatory.store.database import DATABASE_ERRORS, DATABASE_NAME, explain, open_for_reading
from electrum_observatory.store.migrations import schema_version
from electrum_observatory.store.watching import live_rows
from electrum_observatory.store.watching.columns import joined
from electrum_observatory.store.watching.live_rows import Span

_WATCHES_SINCE = 3


class WatchReader:
    """Implements ``model.watch_ports.WatchSource``. Any number may be open at once; each belongs to one thread.

    Every method raises StoreError where the folder cannot be read.
    """

    def __init__(self, data_dir: Path, connection: apsw.Connection) -> None:
        """Use :meth:`open`."""
        self.data_dir = data_dir
        self._connection = connection
        self._has_watches = schema_version(connection) >= _WATCHES_SINCE

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Open a data folder. Raises InputError where it holds no database, StoreError where that cannot be read."""
        if not (data_dir / DATABASE_NAME).is_file():
            raise InputError(f"nothing is in {data_dir} yet: no {DATABASE_NAME} is there")
        try:
            return cls(data_dir, open_for_reading(data_dir))
        except DATABASE_ERRORS as error:
            raise explain(error, data_dir) from error

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the database. May be called twice."""
        self._connection.close()

    def watches(self) -> Sequence[Watch]:
        """Return every watch, oldest first."""
        with self._moment():
            return list(live_rows.watches(self._connection).values()) if self._has_watches else []

    def stints(self, watch_id: str) -> Sequence[Stint]:
        """Return the stints of a watch, oldest first."""
        with self._moment():
            return live_rows.stints(self._connection, self._key(watch_id))

    def spells(self, watch_id: str) -> Sequence[BlindSpell]:
        """Return the blind spells of a watch, oldest first."""
        with self._moment():
            return live_rows.spells(self._connection, self._key(watch_id))

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
        with self._moment():
            span = Span(watch_pk=self._key(watch_id), from_us=from_us, to_us=to_us)
            return joined([live_rows.readings(self._connection, span, questions=questions, endpoints=endpoints)])

    def news(self, watch_id: str, from_us: int | None = None, to_us: int | None = None) -> NewsColumns:
        """Return the tip news."""
        with self._moment():
            span = Span(watch_pk=self._key(watch_id), from_us=from_us, to_us=to_us)
            return live_rows.news(self._connection, span)[1]

    def _key(self, watch_id: str) -> int:
        known = live_rows.watches(self._connection) if self._has_watches else {}
        for key, watch in known.items():
            if watch.watch_id == watch_id:
                return key
        raise UsageError(f"no watch {watch_id!r} in {self.data_dir}")

    @contextmanager
    def _moment(self) -> Iterator[None]:
        """Read inside one transaction, so that all of it is of one moment."""
        try:
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")
        except DATABASE_ERRORS as error:
            raise explain(error, self.data_dir) from error
