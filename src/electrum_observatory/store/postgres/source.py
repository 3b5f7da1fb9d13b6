"""What a PostgreSQL store tells of its watches, beside any writers: each answer is of one moment."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from psycopg import Cursor

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import BlindSpell, Question, Stint, Watch
from electrum_observatory.model.watch_ports import NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.postgres import rows, summary, told
from electrum_observatory.store.postgres.guest import Guest
from electrum_observatory.store.postgres.rows import Span
from electrum_observatory.store.watching.summary import WatchSummary


class PostgresWatchReader(Guest):
    """Implements ``model.watch_ports.WatchSource``."""

    reading = True

    def watches(self) -> Sequence[Watch]:
        """Return every watch, oldest first."""
        with self._transaction() as cursor:
            return list(told.watches(cursor).values())

    def stints(self, watch_id: str) -> Sequence[Stint]:
        """Return the stints of a watch, oldest first."""
        with self._transaction() as cursor:
            return told.stints(cursor, self._key(cursor, watch_id))

    def spells(self, watch_id: str) -> Sequence[BlindSpell]:
        """Return the blind spells of a watch, oldest first."""
        with self._transaction() as cursor:
            return told.spells(cursor, self._key(cursor, watch_id))

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
        with self._transaction() as cursor:
            span = Span.of(self._key(cursor, watch_id), from_us, to_us)
            return rows.readings(cursor, span, questions=questions, endpoints=endpoints)

    def news(self, watch_id: str, from_us: int | None = None, to_us: int | None = None) -> NewsColumns:
        """Return the tip news."""
        return self.numbered_news(watch_id, from_us, to_us)[1]

    def numbered_news(
        self, watch_id: str, from_us: int | None = None, to_us: int | None = None
    ) -> tuple[Numbers, NewsColumns]:
        """Return the tip news with the number of each within the watch."""
        with self._transaction() as cursor:
            return rows.news(cursor, Span.of(self._key(cursor, watch_id), from_us, to_us))

    def round_times(self, watch_id: str) -> tuple[Numbers, Numbers]:
        """Return number and start (UTC microseconds) of every round."""
        with self._transaction() as cursor:
            return rows.round_times(cursor, self._key(cursor, watch_id))

    def summaries(self, data_dir: Path) -> Sequence[WatchSummary]:
        """Return how much there is of every watch, oldest first, here and in the sealed days of a data folder."""
        with self._transaction() as cursor:
            return summary.summaries(cursor, data_dir)

    def _key(self, cursor: Cursor[Any], watch_id: str) -> int:
        found = cursor.execute("SELECT watch_pk FROM watches WHERE watch_id = %s", (watch_id,)).fetchone()
        if found is None:
            raise UsageError(f"no watch {watch_id!r} in {self._place}")
        return int(found[0])
