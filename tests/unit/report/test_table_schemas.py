"""The schemas of the CSV files are those of the code, and what is written follows them, column by column."""

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from electrum_observatory.report.table_schemas import table_schemas
from electrum_observatory.report.tables import LAYOUTS, column_of, write_tables
from tests.factories import CAMPAIGN_ID
from tests.unit.report.campaigns import hostile_campaign, network_campaign

SCHEMAS = Path(__file__).parents[3] / "schemas" / "processed"


def value_of(cell: str, schema: dict) -> object:
    """Read a cell as its column says: an empty one is no text unless text is what stands there."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if "string" in kinds:
        return cell
    return None if cell == "" else json.loads(cell)


def test_the_checked_in_schemas_are_the_codes() -> None:
    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    generated = table_schemas()

    assert len(generated) == 6
    assert written == generated, "run scripts/generate-schemas"
    assert [list(written[name]["properties"]) for name in generated] == [list(layout.columns) for layout in LAYOUTS]


@pytest.mark.parametrize("campaign", [network_campaign, hostile_campaign])
@pytest.mark.parametrize("name", [layout.name for layout in LAYOUTS])
def test_header_and_rows_of_a_written_file_follow_the_schema(campaign, name: str, tmp_path: Path) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    stored, places = campaign()

    write_tables(stored, CAMPAIGN_ID, tmp_path, places)

    with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(schema["properties"]) == schema["required"]
    validator = jsonschema.Draft202012Validator(schema)
    assert rows or name == "findings"  # these servers left no bytes; test_truth_pages.py has some that did
    for row in rows:
        cells = zip(header, row, strict=True)
        validator.validate({column: value_of(cell, schema["properties"][column]) for column, cell in cells})


def test_times_are_exported_as_one_at() -> None:
    assert column_of("seen_at_us") == "seen_at"
    assert column_of("first_observed_us") == "first_observed_at"
