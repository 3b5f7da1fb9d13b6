"""PostgreSQL holds what every store of watches must."""

from collections.abc import Callable
from pathlib import Path

import pytest

from electrum_observatory.cli.watch_stores import open_watch_sink, open_watch_source
from electrum_observatory.net.clock import SystemClock
from tests.contract.watch_stores import WatchStoreContract
from tests.postgres.server import PostgresServer

_NO_FOLDER = Path("/nonexistent")


class DatabaseStore:
    """A database of a real server."""

    def __init__(self, server: PostgresServer, database: str) -> None:
        self._server = server
        self._database = database

    def sink(self):
        return open_watch_sink(_NO_FOLDER, self._server.url(self._database), SystemClock())

    def source(self):
        return open_watch_source(_NO_FOLDER, self._server.url(self._database))

    def texts(self) -> int:
        return self._server.admin(self._database, "SELECT count(*) FROM observatory.texts")[0][0]


@pytest.fixture(scope="module")
def kept(server: PostgresServer, make_database: Callable[[], str]) -> DatabaseStore:
    return DatabaseStore(server, make_database())


class TestPostgres(WatchStoreContract):
    pass
