"""The data folder's own store of watches holds what every store must."""

from pathlib import Path

import apsw
import pytest

from electrum_observatory.cli.watch_stores import open_watch_sink, open_watch_source
from electrum_observatory.net.clock import SystemClock
from tests.contract.watch_stores import WatchStoreContract


class FolderStore:
    """A data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sink(self):
        return open_watch_sink(self._folder, None, SystemClock())

    def source(self):
        return open_watch_source(self._folder)

    def texts(self) -> int:
        connection = apsw.Connection(str(self._folder / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute("SELECT count(*) FROM watch_texts").get
        finally:
            connection.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> FolderStore:
    return FolderStore(tmp_path_factory.mktemp("watches"))


class TestFolder(WatchStoreContract):
    pass
