"""The partitions: one per table and month of UTC, made when the first fact of a month comes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Cursor, sql

from electrum_observatory.store.postgres.schema import PARTITIONED, SCHEMA_NAME

_MAKING = 0x0B5E_0002
"""Advisory lock of whoever makes partitions."""

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of UTC.

    Attributes:
        name: ``2026_11``.
        from_us: Its first microsecond.
        to_us: The first of the next.
    """

    name: str
    from_us: int
    to_us: int


def month_of(at_us: int) -> Month:
    """Return the month in which a moment lies."""
    day = datetime.fromtimestamp(at_us // _MICROSECONDS, UTC)
    begin = datetime(day.year, day.month, 1, tzinfo=UTC)
    end = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
    return Month(
        name=f"{day.year:04}_{day.month:02}",
        from_us=int(begin.timestamp()) * _MICROSECONDS,
        to_us=int(end.timestamp()) * _MICROSECONDS,
    )


def make_partitions(cursor: Cursor[Any], month: Month) -> None:
    """Make a month's partitions where they are missing, in the cursor's transaction.

    Each is made apart and then attached: that waits for no reader and stops none, while ``CREATE … PARTITION OF``
    would wait for every long query.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
    for table in PARTITIONED:
        name = f"{table}_{month.name}"
        found = cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{SCHEMA_NAME}.{name}",)).fetchone()
        if found is None or not found[0]:
            names = {"part": sql.Identifier(name), "whole": sql.Identifier(table)}
            cursor.execute(sql.SQL("CREATE TABLE {part} (LIKE {whole} INCLUDING DEFAULTS)").format(**names))
            attach = sql.SQL("ALTER TABLE {whole} ATTACH PARTITION {part} FOR VALUES FROM ({a}) TO ({b})")
            cursor.execute(attach.format(**names, a=sql.Literal(month.from_us), b=sql.Literal(month.to_us)))
