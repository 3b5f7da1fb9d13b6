"""Brings a database to the version this program knows, one named step at a time, each in its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from electrum_observatory.model.errors import StoreError
from electrum_observatory.store.schema import PENDING_V4, SITTINGS_V2, TABLES_V1, WATCHES_V3

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    schema_version  INTEGER PRIMARY KEY,
    name            TEXT NOT NULL,
    applied_at_us   INTEGER NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step.

    Attributes:
        version: The ``schema_version`` that the step leads to; steps are numbered without gaps.
        name: What it does, in a few words; kept in the table ``migrations``.
        statements: SQL, run in order.
    """

    version: int
    name: str
    statements: Sequence[str]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(version=1, name="first tables", statements=TABLES_V1),
    Migration(version=2, name="sittings and clock steps", statements=SITTINGS_V2),
    Migration(version=3, name="watches", statements=WATCHES_V3),
    Migration(version=4, name="pending transactions", statements=PENDING_V4),
)


def schema_version(connection: apsw.Connection) -> int:
    """Return the version of an open database; 0 for an empty one."""
    ledger = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").fetchall()
    if not ledger:
        return 0
    newest: Any = connection.execute("SELECT coalesce(max(schema_version), 0) FROM migrations").fetchall()[0][0]
    return int(newest)


def check_version(found: int, known: int) -> None:
    """Refuse a database that a newer program wrote. Raises StoreError."""
    if found > known:
        raise StoreError(
            f"the database has schema version {found}, this program knows up to {known}: "
            "use the newer Electrum Observatory that wrote it, or another --data folder"
        )


def migrate(connection: apsw.Connection, now_us: int, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply every step that is missing. Raises StoreError where the database is newer than the steps."""
    found = schema_version(connection)
    check_version(found, steps[-1].version)
    for step in steps:
        if step.version > found:
            _apply(connection, step, now_us)


def _apply(connection: apsw.Connection, step: Migration, now_us: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_LEDGER)
        for statement in step.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (step.version, step.name, now_us))
        connection.execute("COMMIT")
    except apsw.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
