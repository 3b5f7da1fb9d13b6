"""JSON Schemas of every file that the store writes or reads: ``python -m electrum_observatory.store.file_schemas DIR``.

They are made from the dataclasses that read and write the files, and checked in under ``schemas/``.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from electrum_observatory.model.observation import Json
from electrum_observatory.store.manifest import Manifest
from electrum_observatory.store.parquet import SCHEMAS
from electrum_observatory.store.raw_json import RawServerFile
from electrum_observatory.store.scan_format import ScanHeader, ScanLine
from electrum_observatory.store.watching.piece_schemas import SCHEMAS as PIECE_SCHEMAS
from electrum_observatory.store.watching.pieces import Pieces

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FILES: tuple[tuple[str, type[Any], str], ...] = (
    ("scan_header", ScanHeader, "First line of a JSONL scan, version 1"),
    ("scan_line", ScanLine, "One endpoint of a JSONL scan, version 1; other members are kept"),
    ("raw_server", RawServerFile, "data/raw/<server>.json, schema version 1"),
    ("segments_manifest", Manifest, "data/obs/manifest.json, schema version 1"),
    ("watches_manifest", Pieces, "data/obs/watches.json, schema version 1"),
)


def file_schemas() -> dict[str, Json]:
    """Return every schema by the stem of its file."""
    schemas: dict[str, Json] = {
        name: {"$schema": _DRAFT, **TypeAdapter(shape).json_schema(), "title": title} for name, shape, title in _FILES
    }
    for table, columns in SCHEMAS.items():
        schemas[f"parquet_{table}"] = {
            "title": f"data/obs/day=YYYY-MM-DD/{table}-<campaign>.parquet, schema version 1",
            "columns": [{"name": column.name, "type": str(column.type)} for column in columns],
        }
    for table, columns in PIECE_SCHEMAS.items():
        schemas[f"parquet_watch_{table}"] = {
            "title": f"data/obs/day=YYYY-MM-DD/{table}-<watch>.parquet, or month=YYYY-MM, schema version 1",
            "columns": [{"name": column.name, "type": str(column.type)} for column in columns],
        }
    return schemas


def spelled(schema: Json) -> str:
    """Return the text as it is checked in."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema into a folder."""
    for name, schema in file_schemas().items():
        (folder / f"{name}.json").write_text(spelled(schema), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
