"""Retention: whole months that are over are taken out of the database, beside monitors that go on writing.

A month goes at once, by dropping its partitions, where nobody else's facts are in them; else the rows of a watch are
deleted, and its texts stay until the month goes. Watches and their stints, a row or two a day, stay.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from psycopg import Cursor, sql

from electrum_observatory.store.postgres import told
from electrum_observatory.store.postgres.guest import Guest
from electrum_observatory.store.postgres.months import Month, month_of
from electrum_observatory.store.postgres.schema import PARTITIONED

_LATE_US = 3_600_000_000
"""Within an hour the last round of a month is surely kept, whatever its monitor had to wait for."""

_PATIENCE: LiteralString = "SET LOCAL lock_timeout TO '5s'"
"""Who drops waits for readers, and writers wait behind: not so long that a monitor would give up."""

_ROUNDS: LiteralString = """
SELECT watch_pk, to_char(to_timestamp(started_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY_MM'), count(*) FROM rounds
WHERE watch_pk = ANY(%s) AND started_at_us < %s GROUP BY 1, 2 ORDER BY 1, 2
"""
_PARTITIONS: LiteralString = """
SELECT right(relname, 7) FROM pg_inherits JOIN pg_class ON inhrelid = pg_class.oid WHERE inhparent = %s::regclass
"""
_OTHERS: LiteralString = """
SELECT EXISTS (
    SELECT FROM rounds WHERE watch_pk <> ALL(%(mine)s) AND started_at_us >= %(from_us)s AND started_at_us < %(to_us)s
) OR EXISTS (
    SELECT FROM news WHERE watch_pk <> ALL(%(mine)s) AND received_at_us >= %(from_us)s AND received_at_us < %(to_us)s
)
"""
_READINGS: LiteralString = """
DELETE FROM readings USING rounds
WHERE readings.started_at_us >= %(from_us)s AND readings.started_at_us < %(to_us)s
AND readings.round_pk = rounds.round_pk AND watch_pk = ANY(%(mine)s)
"""
_NEWS: LiteralString = """
DELETE FROM news WHERE watch_pk = ANY(%(mine)s) AND received_at_us >= %(from_us)s AND received_at_us < %(to_us)s
"""
_MINE: LiteralString = """
DELETE FROM rounds WHERE watch_pk = ANY(%(mine)s) AND started_at_us >= %(from_us)s AND started_at_us < %(to_us)s
"""
_SPELLS: LiteralString = "DELETE FROM spells WHERE watch_pk = ANY(%s) AND to_us < %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMonth:
    """A month of which something is to go.

    Attributes:
        month: The month.
        rounds: How many rounds go.
        whole: Whether its partitions are dropped: nobody else's facts are in them.
    """

    month: Month
    rounds: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OldMonths:
    """What is older than a day.

    Attributes:
        watch_pks: Keys of the watches.
        cut_us: Everything before goes: the beginning of a month, UTC microseconds.
        months: What goes, by month.
        kept: By watch id: months that stay, because only some of their days are older, or they are not over.
    """

    watch_pks: Sequence[int]
    cut_us: int
    months: Sequence[OldMonth]
    kept: Mapping[str, Sequence[Month]]

    @property
    def rounds(self) -> int:
        """How many rounds go."""
        return sum(one.rounds for one in self.months)


class Retention(Guest):
    """A session of somebody who may write and owns the tables, as a monitor does."""

    reading = False

    def find(self, watch_ids: Collection[str], before_us: int, now_us: int) -> OldMonths:
        """Return what of some watches is older than a moment, which may lie in the future. Raises StoreError."""
        cut_us = month_of(min(before_us, now_us - _LATE_US)).from_us
        with self._transaction() as cursor:
            every = {key: watch.watch_id for key, watch in told.watches(cursor).items()}
            mine = [key for key, watch_id in every.items() if watch_id in watch_ids]
            rounds = cursor.execute(_ROUNDS, (mine, before_us)).fetchall()
            months = sorted({_month(name).from_us: _month(name) for name in _names(cursor, rounds)}.items())
            counts = [(one, sum(n for _, name, n in rounds if name == one.name)) for at, one in months if at < cut_us]
            alone = len(mine) == len(every)
            found = [
                OldMonth(month=one, rounds=count, whole=alone or not _others(cursor, mine, one))
                for one, count in counts
            ]
        kept: dict[str, list[Month]] = {}
        for key, name, _ in rounds:
            if (month := _month(name)).from_us >= cut_us:
                kept.setdefault(every[key], []).append(month)
        return OldMonths(
            watch_pks=mine, cut_us=cut_us, months=[one for one in found if one.whole or one.rounds], kept=kept
        )

    def forget(self, found: OldMonths) -> None:
        """Take it out for good, each month in one transaction. Raises StoreError; months before stay forgotten."""
        for old in found.months:
            with self._transaction() as cursor:
                cursor.execute(_PATIENCE)
                _forget(cursor, found.watch_pks, old)
        with self._transaction() as cursor:
            cursor.execute(_SPELLS, (found.watch_pks, found.cut_us))


def _names(cursor: Cursor[Any], rounds: Sequence[tuple[int, str, int]]) -> set[str]:
    """Return the months that have a partition or a round: somebody may have dropped the one and left the other."""
    cursor.execute(_PARTITIONS, (PARTITIONED[0],))
    return {name for (name,) in cursor} | {name for _, name, _ in rounds}


def _month(name: str) -> Month:
    begin = datetime.strptime(name, "%Y_%m").replace(tzinfo=UTC)
    return month_of(int(begin.timestamp()) * 1_000_000)


def _others(cursor: Cursor[Any], mine: Sequence[int], month: Month) -> bool:
    found = cursor.execute(_OTHERS, _span(mine, month)).fetchone()
    return found is not None and bool(found[0])


def _forget(cursor: Cursor[Any], mine: Sequence[int], old: OldMonth) -> None:
    span = _span(mine, old.month)
    if old.whole:
        tables = [sql.Identifier(f"{table}_{old.month.name}") for table in PARTITIONED]
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.SQL(", ").join(tables)))
    else:
        cursor.execute(_READINGS, span)
        cursor.execute(_NEWS, span)
    cursor.execute(_MINE, span)


def _span(mine: Sequence[int], month: Month) -> dict[str, object]:
    return {"mine": list(mine), "from_us": month.from_us, "to_us": month.to_us}
