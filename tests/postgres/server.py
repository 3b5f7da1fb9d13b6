"""A real PostgreSQL server: Debian's programs, a folder of its own, a socket that nobody else reaches."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.servers.processes import Program, free_port

_ACCESS = """\
local all locked scram-sha-256
local all all trust
host all locked 127.0.0.1/32 scram-sha-256
"""
_SETTINGS = (
    "max_connections=30",
    "autovacuum=off",
    "timezone=Asia/Kolkata",  # months are UTC's wherever the server thinks it is
)


class PostgresServer:
    """A server that may be killed and started again; its log is kept."""

    def __init__(self, folder: Path, programs: Path, user: str | None, *, durable: bool) -> None:
        self.folder = folder
        self._durable = durable
        self.port = free_port()
        self._programs = programs
        self._user = user
        self.program: Program | None = None

    @classmethod
    def start(cls, *, durable: bool) -> Self:
        """Make a cluster in a new folder, with the role ``observatory`` that may do nothing, and start it.

        Whoever is root becomes Debian's ``postgres`` first. What is not ``durable`` waits for no disk.
        """
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        assert found, "no PostgreSQL: install the packages of requirements/debian.txt"
        user = "postgres" if os.geteuid() == 0 else None
        folder = Path(tempfile.mkdtemp(prefix="observatory-pg-"))  # short: a socket's path holds 107 characters
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = cls(folder, found[-1], user, durable=durable)
        try:
            make = [*server._as_user("initdb"), "--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust"]
            subprocess.run([*make, "-U", "admin", "-D", folder / "data"], check=True, capture_output=True)
            (folder / "data" / "pg_hba.conf").write_text(_ACCESS)
            server.resume()
            server.admin("postgres", "CREATE ROLE observatory LOGIN")
        except BaseException:
            server.remove()
            raise
        return server

    def resume(self) -> None:
        """Start the server again in its folder, and wait until it answers."""
        fsync = f"fsync={'on' if self._durable else 'off'}"
        settings = [f"-c{one}" for one in (*_SETTINGS, fsync, f"port={self.port}", "listen_addresses=127.0.0.1")]
        command = [*self._as_user("postgres"), "-D", f"{self.folder}/data", f"-k{self.folder}", *settings]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.program = Program("postgres", [str(one) for one in command], environment=environment, folder=self.folder)
        self.program.wait_until(self._answers)

    def create(self, database: str) -> str:
        """Make an empty database that ``observatory`` owns."""
        self.admin("postgres", f"CREATE DATABASE {database} OWNER observatory TEMPLATE template0")
        return database

    def kill(self) -> None:
        """Stop it at once and without a last word, as ``pg_ctl stop -m immediate`` does."""
        stop = [*self._as_user("pg_ctl"), "stop", "-D", self.folder / "data", "-m", "immediate", "--no-wait"]
        assert self.program is not None
        program, self.program = self.program, None
        try:
            subprocess.run(stop, check=True, capture_output=True)
        finally:
            program.end()  # waits for it

    def remove(self) -> None:
        """End it, and remove its folder."""
        if self.program is not None:
            self.kill()  # a polite stop waits for clients, and a failed test may have left one
        shutil.rmtree(self.folder)

    def url(self, database: str, user: str = "observatory", *, host: str | None = None) -> str:
        """Where a store finds a database: by the socket, or another that stands before it."""
        return f"postgresql://{user}@/{database}?host={host or self.folder}&port={self.port}"

    def admin(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as the administrator; returns the rows of the last."""
        with psycopg.connect(self.url(database, "admin"), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def locked(self, database: str, table: str) -> Iterator[None]:
        """Let nobody else write to a table."""
        holder = psycopg.connect(self.url(database, "admin"))
        try:
            holder.execute(f"LOCK TABLE observatory.{table} IN SHARE MODE")
            yield
        finally:
            holder.close()

    def _as_user(self, program: str) -> list[str | Path]:
        path = self._programs / program
        return (
            [path]
            if self._user is None
            else ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups", path]
        )

    def _answers(self) -> bool:
        try:
            self.admin("postgres", "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True
