"""Rows out of the Parquet files of a piece: only the groups that hold what is wanted, and all columns of today.

What an older file lacks is null.
"""

import bisect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.piece_schemas import DICTIONARIES, SCHEMAS
from electrum_observatory.store.watching.pieces import Piece

_GROUPS_AT_ONCE = 16


def table(
    data_dir: Path,
    piece: Piece,
    name: str,
    columns: Sequence[str] | None = None,
    between: tuple[str, Any, Any] | None = None,
) -> pa.Table:
    """Return rows of a table of a piece with all columns of today; those that the file lacks are null.

    Args:
        data_dir: The data folder.
        piece: The piece.
        name: Which table.
        columns: Only these columns.
        between: A column by which the file is sorted and the smallest and the largest value that is wanted.
    """
    schema = _schema(name, columns)
    path = piece.path(name)
    if path is None:
        return schema.empty_table()
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path)
    if between is None:
        return _completed(file.read(columns=_present(file, schema)), schema)
    column, low, high = between
    found = file.read_row_groups(_groups(file, column, [(low, high)]), columns=_present(file, schema))
    key = found.column(column)
    return _completed(found.filter(pc.and_(pc.greater_equal(key, low), pc.less_equal(key, high))), schema)


def readings_table(
    data_dir: Path, piece: Piece, servers: Sequence[str] | None, rounds: Numbers | None, columns: Sequence[str]
) -> pa.Table:
    """Return the readings of some servers and rounds; None for all of them. Some groups of rows at a time."""
    schema = _schema("readings", columns)
    path = piece.path("readings")
    if path is None:
        return schema.empty_table()
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path, read_dictionary=DICTIONARIES["readings"])
    groups = list(range(file.num_row_groups))
    if servers is not None:
        groups = _groups(file, "endpoint", [(server, server) for server in servers])
    parts = []
    for begin in range(0, len(groups), _GROUPS_AT_ONCE):
        some = file.read_row_groups(groups[begin : begin + _GROUPS_AT_ONCE], columns=_present(file, schema))
        held = np.ones(len(some), dtype=np.bool_)
        if servers is not None:
            names, at = coded(some, "endpoint")
            held &= np.isin(names, servers)[at]
        if rounds is not None:
            held &= np.isin(numbers(some, "round"), rounds)
        parts.append(_completed(some if held.all() else some.take(pa.array(np.flatnonzero(held))), schema))
    return pa.concat_tables(parts) if parts else _completed(schema.empty_table(), schema)


def referred_rows(data_dir: Path, piece: Piece, name: str, wanted: Numbers) -> tuple[pa.Table, Numbers]:
    """Return the rows of a table that are referred to, and the position among them by reference.

    A reference is the number of a row in its file, so only the groups that hold wanted rows are read.
    """
    used = np.unique(wanted)
    used = used[used != NOTHING]
    schema, path = _schema(name, None), piece.path(name)
    if path is None or not len(used):
        return schema.empty_table(), np.full(1, NOTHING, dtype=np.int64)
    file = pq.ParquetFile(data_dir / pieces.FOLDER / path)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    begins = np.cumsum([0, *sizes])
    group_of = np.searchsorted(begins, used, side="right") - 1
    columns = [column for column in _present(file, schema) if column not in ("text", "histogram")]
    parts = []
    for group in np.unique(group_of).tolist():
        rows = file.read_row_group(group, columns=columns)
        parts.append(rows.take(pa.array(used[group_of == group] - begins[group])))
    place = np.full(int(used[-1]) + 2, NOTHING, dtype=np.int64)
    place[used] = np.arange(len(used))
    return pa.concat_tables(parts), place


def numbers(rows: pa.Table, name: str) -> Numbers:
    """Return a column of integers or flags; ``NOTHING`` for null."""
    found: Numbers = rows.column(name).cast(pa.int64()).fill_null(NOTHING).to_numpy()
    return found


def coded(rows: pa.Table, name: str) -> tuple[list[Any], Numbers]:
    """Return the distinct values of a column, and positions in them; ``NOTHING`` for null."""
    column = rows.column(name)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    positions: Numbers = column.indices.cast(pa.int64()).fill_null(NOTHING).to_numpy(zero_copy_only=False)
    return column.dictionary.to_pylist(), positions


def _schema(name: str, columns: Sequence[str] | None) -> pa.Schema:
    return SCHEMAS[name] if columns is None else pa.schema([SCHEMAS[name].field(one) for one in columns])


def _present(file: pq.ParquetFile, schema: pa.Schema) -> list[str]:
    known = set(file.schema_arrow.names)
    return [name for name in schema.names if name in known]


def _completed(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, moments as microseconds; what the file lacks is null."""
    present = set(found.schema.names)
    arrays = [
        _plain(found.column(field.name)) if field.name in present else pa.nulls(len(found), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, names=schema.names)


def _groups(file: pq.ParquetFile, column: str, spans: Sequence[tuple[Any, Any]]) -> list[int]:
    """Return the groups of rows that may hold a value of one of the spans, in a file sorted by the column."""
    at, metadata = file.schema_arrow.names.index(column), file.metadata
    count = metadata.num_row_groups

    def largest(group: int) -> Any:
        return metadata.row_group(group).column(at).statistics.max

    def smallest(group: int) -> Any:
        return metadata.row_group(group).column(at).statistics.min

    found: set[int] = set()
    for low, high in spans:
        first = bisect.bisect_left(range(count), low, key=largest)
        found.update(range(first, bisect.bisect_right(range(count), high, key=smallest)))
    return sorted(found)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments as microseconds."""
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
