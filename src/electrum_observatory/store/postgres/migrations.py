"""Brings the tables to the version this program knows, one named step at a time, each in its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection

from electrum_observatory.model.errors import StoreError, UsageError
from electrum_observatory.store.postgres.schema import PENDING_V2, TABLES_V1

_MIGRATING = 0x0B5E_0001
"""Advisory lock of whoever migrates."""

_LEDGER: LiteralString = """
CREATE TABLE IF NOT EXISTS migrations (
    schema_version  integer PRIMARY KEY,
    name            text NOT NULL,
    applied_at_us   bigint NOT NULL
)
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
    statements: Sequence[LiteralString]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(version=1, name="first tables", statements=TABLES_V1),
    Migration(version=2, name="pending transactions", statements=PENDING_V2),
)


def schema_version(connection: Connection[Any]) -> int:
    """Return the version of the tables; 0 where there are none."""
    ledger = connection.execute("SELECT to_regclass('observatory.migrations') IS NOT NULL").fetchone()
    if ledger is None or not ledger[0]:
        return 0
    newest = connection.execute("SELECT coalesce(max(schema_version), 0) FROM observatory.migrations").fetchone()
    return int(newest[0]) if newest is not None else 0


def check_version(found: int, known: int) -> None:
    """Refuse tables that a newer program made. Raises StoreError."""
    if found > known:
        raise StoreError(
            f"the database has schema version {found}, this program knows up to {known}: "
            "use the newer Electrum Observatory that wrote it, or another database"
        )


def check_tables(connection: Connection[Any], where: str) -> None:
    """Refuse a database that this program has not made or brought up to date.

    Args:
        connection: A session.
        where: Names the database for a person.

    Raises:
        UsageError: No watch was ever kept there.
        StoreError: Another version of this program made the tables.
    """
    found, newest = schema_version(connection), MIGRATIONS[-1].version
    if found == 0:
        raise UsageError(f"{where} holds no watch yet: observatory monitor --store begins one")
    check_version(found, newest)
    if found < newest:
        raise StoreError(f"{where} has schema version {found}: a monitor of this version would migrate it")


def migrate(connection: Connection[Any], now_us: int, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply every step that is missing. Raises StoreError where the tables are newer than the steps.

    Programs that start together wait for each other here.
    """
    for step in steps:
        with connection.transaction():
            if schema_version(connection) >= step.version:
                continue
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            if schema_version(connection) < step.version:  # nobody else has done it while we waited
                _apply(connection, step, now_us)
    with connection.transaction():
        check_version(schema_version(connection), steps[-1].version)


def _apply(connection: Connection[Any], step: Migration, now_us: int) -> None:
    schema = connection.execute("SELECT to_regnamespace('observatory') IS NOT NULL").fetchone()
    if schema is None or not schema[0]:  # one that an administrator has made needs no right to make any
        connection.execute("CREATE SCHEMA observatory")
    connection.execute(_LEDGER)
    for statement in step.statements:
        connection.execute(statement)
    connection.execute("INSERT INTO migrations VALUES (%s, %s, %s)", (step.version, step.name, now_us))
