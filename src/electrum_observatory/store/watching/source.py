"""What a data folder tells of its watches, beside a writer if there is one."""

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import apsw
import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import InputError, StoreError, UsageError
from electrum_observatory.model.watch import BlindSpell, Question, Stint, Watch
from electrum_observatory.model.watch_ports import NewsColumns, ReadingColumns
from electrum_observatory.store.database import DATABASE_ERRORS, DATABASE_NAME, explain, open_for_reading
from electrum_observatory.store.migrations import schema_version
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching import live_rows, pieces
from electrum_observatory.store.watching.columns import joined, joined_news, without_rounds
from electrum_observatory.store.watching.live_rows import Span
from electrum_observatory.store.watching.overlap import sealed_numbers
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.round_columns import RoundColumns
from electrum_observatory.store.watching.summary import WatchSummary, summaries

if TYPE_CHECKING:
    from electrum_observatory.store.watching.piece_writing import Facts

_WATCHES_SINCE = 3
_TRIES = 4
T = TypeVar("T")


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
            first = shlex.join(["observatory", "monitor", "--data", str(data_dir)])
            raise InputError(f"nothing has been watched in {data_dir} yet: run `{first}` first")
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
        with self._moment():  # live facts first: what is sealed meanwhile is then met twice, and never missed
            span = Span(watch_pk=self._key(watch_id), from_us=from_us, to_us=to_us)
            live = live_rows.readings(self._connection, span, questions=questions, endpoints=endpoints)
        numbers = np.array([made.number for made in live.rounds], dtype=np.int64)

        def whole(named: Sequence[Piece]) -> ReadingColumns:
            twice = sealed_numbers(self.data_dir, named, "rounds", numbers)
            over = [piece for piece in named if _touches(piece, from_us, to_us)]
            if not over:
                return joined([without_rounds(live, twice)])
            from electrum_observatory.store.watching.piece_reading import Wanted, read_readings

            wanted = Wanted(from_us=from_us, to_us=to_us, questions=questions, endpoints=endpoints)
            return joined([*(read_readings(self.data_dir, one, wanted) for one in over), without_rounds(live, twice)])

        return self._with_pieces(watch_id, whole)

    def news(self, watch_id: str, from_us: int | None = None, to_us: int | None = None) -> NewsColumns:
        """Return the tip news."""
        with self._moment():
            span = Span(watch_pk=self._key(watch_id), from_us=from_us, to_us=to_us)
            numbers, live = live_rows.news(self._connection, span)

        def whole(named: Sequence[Piece]) -> NewsColumns:
            twice = sealed_numbers(self.data_dir, named, "news", numbers)
            parts = [(numbers, live)]
            if over := [piece for piece in named if piece.news is not None and _touches(piece, from_us, to_us)]:
                from electrum_observatory.store.watching.piece_reading import Wanted, read_news

                wanted = Wanted(from_us=from_us, to_us=to_us)
                parts = [*(read_news(self.data_dir, one, wanted) for one in over), (numbers, live)]
            every = np.concatenate([told for told, _ in parts])
            kept = ~np.isin(every, twice) | (np.arange(len(every)) < len(every) - len(numbers))
            order = np.argsort(every, kind="stable")
            return joined_news([found for _, found in parts], order[kept[order]])

        return self._with_pieces(watch_id, whole)

    def live_facts(self, watch_id: str) -> tuple["Facts", Sequence[Piece]]:
        """Return what is in the live database alone, and the sealed pieces that hold all the rest."""
        from electrum_observatory.store.watching.piece_writing import Facts

        with self._moment():
            span = Span(watch_pk=self._key(watch_id))
            live = live_rows.readings(self._connection, span)
            told, news = live_rows.news(self._connection, span)
        numbers = RoundColumns.of(live.rounds).number

        def whole(named: Sequence[Piece]) -> tuple[Facts, Sequence[Piece]]:
            live_only = without_rounds(live, sealed_numbers(self.data_dir, named, "rounds", numbers))
            kept = np.flatnonzero(~np.isin(told, sealed_numbers(self.data_dir, named, "news", told)))
            return Facts(readings=live_only, news=joined_news([news], kept), news_numbers=told[kept]), named

        return self._with_pieces(watch_id, whole)

    def pieces(self, watch_id: str) -> Sequence[Piece]:
        """Return the sealed pieces of a watch, by day."""
        return pieces.read(self.data_dir, watch_id)

    def summaries(self) -> Sequence[WatchSummary]:
        """Return how much there is of every watch, oldest first."""
        with self._moment():
            return summaries(self._connection, pieces.read(self.data_dir)) if self._has_watches else []

    def _with_pieces(self, watch_id: str, work: Callable[[Sequence[Piece]], T]) -> T:
        """Read sealed pieces; once more where somebody compacts or removes them just now."""
        for _ in range(_TRIES):
            try:
                return work(pieces.read(self.data_dir, watch_id))
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:  # pyarrow's errors of broken files are of both kinds
                raise StoreError(f"a sealed file of {watch_id} in {self.data_dir} cannot be read: {error}") from error
        raise StoreError(f"sealed files of {watch_id} are missing in {self.data_dir}: put data/obs back as it was")

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


def _touches(piece: Piece, from_us: int | None, to_us: int | None) -> bool:
    """Whether the days of a piece touch a time."""
    ended = from_us is not None and piece.to_day < day_of(from_us)
    begins = to_us is not None and piece.from_day > day_of(to_us - 1)
    return not (ended or begins)
