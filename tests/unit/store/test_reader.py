"""Opening a data folder at awkward moments."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from electrum_observatory.model.errors import InputError
from electrum_observatory.store.database import DATABASE_NAME
from electrum_observatory.store.reader import StoreReader


def test_a_folder_whose_database_is_just_being_made_holds_nothing_yet(tmp_path: Path) -> None:
    with closing(apsw.Connection(str(tmp_path / DATABASE_NAME))) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchall()

        with pytest.raises(InputError, match="nothing is in"):
            StoreReader.open(tmp_path)
