"""JSON Schemas of one row of each CSV file of ``data/processed``, made from the rows' dataclasses.

A cell stands for a boolean, a number or a text; lists and times are text. An empty cell is ``""`` in a column of text
and null in any other. ``scripts/generate-schemas`` writes them to ``schemas/processed/``.
"""

from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from electrum_observatory.model.observation import Json
from electrum_observatory.report.tables import FINGERPRINTS, LAYOUTS, TLS, Layout, column_of

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_MADE_HERE: dict[str, Json] = {
    "ssl": {"type": "boolean"},
    "machine_id": _TEXT,
    "notes": _TEXT,
    "honeypot_score": {"type": ["number", "null"]},
    "cluster_id": _TEXT,
}
_KINDS: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def table_schemas() -> dict[str, Json]:
    """Return the schema of one row of each table by the table's name."""
    return {layout.name: _row_schema(layout) for layout in LAYOUTS}


def _row_schema(layout: Layout) -> Json:
    cells = _borrowed_cells() | _MADE_HERE | _own_cells(layout.row_type)
    return {
        "$schema": _DRAFT,
        "title": f"One row of data/processed/{layout.name}.csv",
        "description": "Meanings: docs/server_metadata_fields.md. Properties stand in the order of the columns.",
        "type": "object",
        "properties": {column: cells[column] for column in layout.columns},
        "required": list(layout.columns),
        "additionalProperties": False,
    }


def _own_cells(row_type: type[Any]) -> dict[str, Json]:
    return {column_of(name): _cell(name, annotation) for name, annotation in get_type_hints(row_type).items()}


def _borrowed_cells() -> dict[str, Json]:
    """Cells that the servers table takes from the others; they are empty where those have no row."""
    cells: dict[str, Json] = {}
    for layout in (TLS, FINGERPRINTS):
        for name, annotation in get_type_hints(layout.row_type).items():
            cells[column_of(name)] = _cell(name, annotation | None)
    return cells


def _cell(field_name: str, annotation: Any) -> Json:
    if field_name.endswith("_us"):
        return {"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)?$"}
    options = get_args(annotation) if NoneType in get_args(annotation) else (annotation,)
    if any(get_origin(option) is tuple for option in options):
        return _TEXT
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return {"type": "string", "enum": [member.value for member in annotation]}
    kinds = [_KINDS[option] for option in options]
    if "string" in kinds:
        return _TEXT
    return {"type": kinds[0] if len(kinds) == 1 else kinds}
