"""File formats are promises: schemas are checked in, and an old sample of each still opens."""

import json
import shutil
from pathlib import Path

import apsw
import jsonschema
import pyarrow.parquet as pq
import pytest

from electrum_observatory.model.errors import StoreError
from electrum_observatory.store import manifest
from electrum_observatory.store.file_schemas import file_schemas, spelled
from electrum_observatory.store.importers.campaigns import Importer
from electrum_observatory.store.importers.jsonl import import_jsonl
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.migrations import MIGRATIONS, Migration, migrate, schema_version
from electrum_observatory.store.parquet import SCHEMAS
from electrum_observatory.store.reader import StoreReader
from tests.factories import STARTED_AT_US
from tests.unit.store.clock import StillClock

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "tests" / "samples" / "v1"
SAMPLE_ID = "20261120T221500Z-local-0a1b2c"
IMPORTER = Importer(now_us=STARTED_AT_US, nonce="ab12cd", tool_version="0.1.0")


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A copy of a data folder as version 1 left it."""
    return Path(shutil.copytree(SAMPLE / "data", tmp_path / "data"))


@pytest.mark.parametrize("name", sorted(file_schemas()))
def test_checked_in_schemas_are_what_the_code_reads_and_writes(name: str) -> None:
    path = ROOT / "schemas" / f"{name}.json"
    remedy = "run: .venv/bin/python -m electrum_observatory.store.file_schemas schemas"

    assert path.read_text(encoding="utf-8") == spelled(file_schemas()[name]), remedy


@pytest.mark.parametrize("name", ["scan.jsonl", "by_hand.jsonl"])
def test_lines_of_old_scans_fit_the_schema(name: str) -> None:
    header, *lines = [json.loads(line) for line in (SAMPLE / name).read_text().splitlines()]
    schemas = file_schemas()

    jsonschema.validate(header, schemas["scan_header"])
    for line in lines:
        jsonschema.validate(line, schemas["scan_line"])


def test_the_schema_of_a_line_refuses_what_the_importer_refuses() -> None:
    schema = file_schemas()["scan_line"]

    for wrong in ({}, {"host": "a.b", "port": "1", "transport": "tcp"}, {"host": "a.b", "port": 1, "transport": "udp"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_an_old_database_still_opens_and_takes_more(old_folder: Path) -> None:
    with StoreReader.open(old_folder) as reader:
        stored = reader.campaign()
        seen = list(reader.observations(SAMPLE_ID, with_witnesses=True))
        told = list(reader.sightings(SAMPLE_ID))
    assert stored.campaign.campaign_id == SAMPLE_ID
    assert (len(seen), len(told)) == (stored.observations, stored.sightings) == (7, 2)
    assert [len(one.witnesses) for one in seen] == [0, 1, 1, 1, 1, 0, 0]
    assert seen[2].witnesses[0].data == b'{"jsonrpc":"2.0","result":"hello","id":40' + b" " * 983 + b"}\n"
    assert seen[3].witnesses[0].data == b'{"result":"\xff\xfe"}\r\n'

    with LiveStore.open(old_folder, StillClock()) as store:
        import_jsonl(store, SAMPLE / "by_hand.jsonl", IMPORTER)
    with StoreReader.open(old_folder) as reader:
        assert len(reader.campaigns()) == 2


def test_old_raw_files_and_segments_still_open(old_folder: Path) -> None:
    for path in (old_folder / "raw").glob("*.json"):
        jsonschema.validate(json.loads(path.read_text()), file_schemas()["raw_server"])
    segments = manifest.read(old_folder)
    assert {segment.table for segment in segments} == set(SCHEMAS)
    for segment in segments:
        table = pq.ParquetFile(old_folder / "obs" / segment.path).read()
        assert table.num_rows == segment.rows
        assert set(table.column_names) <= set(SCHEMAS[segment.table].names)


def test_an_old_scan_still_imports(tmp_path: Path) -> None:
    with LiveStore.open(tmp_path / "data", StillClock()) as store:
        counts = import_jsonl(store, SAMPLE / "scan.jsonl", IMPORTER)

    assert (counts.campaign_id, counts.observations, counts.sightings) == (SAMPLE_ID, 7, 2)


def test_a_later_step_brings_an_old_database_forward(old_folder: Path) -> None:
    later = Migration(version=5, name="notes", statements=("ALTER TABLE observations ADD COLUMN mark TEXT",))
    connection = apsw.Connection(str(old_folder / "live.db"))

    migrate(connection, STARTED_AT_US, (*MIGRATIONS, later))

    assert schema_version(connection) == 5
    marks = connection.execute("SELECT count(*), count(mark) FROM observations").fetchall()
    assert marks == [(7, 0)]
    connection.close()
    for opening in (lambda: LiveStore.open(old_folder, StillClock()), lambda: StoreReader.open(old_folder)):
        with pytest.raises(StoreError, match="schema version 5, this program knows up to 4"):
            opening()


def test_a_step_that_fails_leaves_the_database_as_it_was(old_folder: Path) -> None:
    broken = Migration(version=5, name="broken", statements=("CREATE TABLE extra (x) ", "NOT SQL"))
    connection = apsw.Connection(str(old_folder / "live.db"))

    with pytest.raises(apsw.SQLError):
        migrate(connection, STARTED_AT_US, (*MIGRATIONS, broken))

    assert schema_version(connection) == 4
    assert connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").fetchall() == []
    connection.close()
