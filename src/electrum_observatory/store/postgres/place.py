"""Where the database is, how a session is opened there, and words for what goes wrong; no password is in them."""

import os
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from electrum_observatory.model.errors import StoreError, UsageError

_DEFAULTS: dict[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "15",  # a server that is gone without a word is noticed within half a minute
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_SESSION: LiteralString = """
SET search_path TO observatory;
SET client_encoding TO 'UTF8';
SET synchronous_commit TO on;
SET statement_timeout TO '120s';
SET lock_timeout TO '20s';
SET idle_in_transaction_session_timeout TO '120s';
"""
"""Acknowledged means on the disk, whatever the server's default is; and no statement waits for ever."""

_READING: LiteralString = (
    "SET default_transaction_read_only TO on; SET default_transaction_isolation TO 'repeatable read'"
)

_ADVICE: dict[str, str] = {
    "53100": "the server's disk is full: free some space there and go on; everything acknowledged so far is kept",
    "53300": "the server has no connection left: raise max_connections or close others",
    "55P03": "another session held a lock for too long: see pg_stat_activity on the server, then try again",
    "57014": "the server took longer than the statement timeout: see its load, then try again",
    "42501": "the role lacks a right: docs/postgresql.md lists what each role needs",
    "25006": "the server takes no writes (a standby?): name the primary in the URL",
}
_GENERAL = (
    "check that it runs and may be reached, and the user, password and database that you name (docs/postgresql.md); "
    "everything acknowledged so far is kept"
)


class Place:
    """One database, as a URL names it."""

    def __init__(self, url: str) -> None:
        """Take ``postgresql://user@host:port/database?…``. Raises UsageError where libpq would not."""
        try:
            wishes = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        except psycopg.Error:
            # libpq's own words repeat a part of the URL, and that may be of the password.
            raise UsageError("--store: not a URL such as postgresql://user@host:5432/database") from None
        self._wishes = {**_DEFAULTS, "application_name": f"observatory {os.getpid()}", **wishes}
        self._secrets = [wishes[name] for name in ("password", "sslpassword") if wishes.get(name)]

    def __repr__(self) -> str:
        """Return its name."""
        return str(self)

    def __str__(self) -> str:
        """Return what a person may read: database and host, as far as the URL says."""
        database = self._wishes.get("dbname", "by default")
        host = self._wishes.get("host") or self._wishes.get("hostaddr") or "this machine"
        return f"PostgreSQL database {database} at {host}"

    def connect(self, *, reading: bool = False) -> Connection[tuple[Any, ...]]:
        """Open a session. Raises psycopg.Error."""
        arguments: dict[str, Any] = dict(self._wishes)
        # Nothing is prepared: a plan for any list of keys would compare each row with each key.
        connection: Connection[tuple[Any, ...]] = psycopg.connect(**arguments, autocommit=True, prepare_threshold=None)
        try:
            connection.execute(_SESSION)
            if reading:
                connection.execute(_READING)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
        return connection

    def explain(self, error: psycopg.Error, what: str = "") -> StoreError:
        """Put an error into one line that says what to do; ``what`` begins with a blank or is empty."""
        lines = str(error).strip().splitlines()
        words = lines[0] if lines else type(error).__name__
        for secret in self._secrets:
            words = words.replace(secret, "…")
        return StoreError(f"{self}{what}: {words}. To do: {_ADVICE.get(error.sqlstate or '', _GENERAL)}")


def is_lost(connection: Connection[Any]) -> bool:
    """Whether a session is gone, so that only a new one can tell what became of the last transaction."""
    return connection.closed or connection.broken
