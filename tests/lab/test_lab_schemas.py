"""The checked-in schemas of a lab's files are those of the code."""

from pathlib import Path

from electrum_observatory.lab.file_schemas import file_schemas
from electrum_observatory.store.file_schemas import spelled

SCHEMAS = Path(__file__).parents[2] / "schemas/lab"


def test_the_checked_in_schemas_are_the_codes() -> None:
    written = {path.stem: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}

    assert set(written) == {"world", "overlay", "truth"}
    assert written == {name: spelled(schema) for name, schema in file_schemas().items()}, "run scripts/generate-schemas"
