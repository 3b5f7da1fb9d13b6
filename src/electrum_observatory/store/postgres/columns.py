"""Many numbers to and from PostgreSQL at once: COPY's binary rows, made and read by numpy.

The format (PostgreSQL manual, COPY, "Binary Format"): a header, then for each row the number of its fields and for each
field its length and its bytes, big-endian; NULL has the length -1 and no bytes; -1 fields end it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.model.watch_ports import NOTHING, Numbers

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of numbers on its way in.

    Attributes:
        name: Of the column in the table.
        values: One per row.
        width: Bytes of its type: 2 smallint, 4 integer, 8 bigint.
        nullable: Whether ``NOTHING`` stands for NULL.
    """

    name: str
    values: Numbers
    width: int = 8
    nullable: bool = False


def binary_rows(fields: Sequence[Field]) -> bytes:
    """Return what ``COPY … FROM STDIN (FORMAT BINARY)`` takes. Raises OverflowError where a value is too wide."""
    types = [("count", ">i2")]
    for place, field in enumerate(fields):
        types += [(f"length{place}", ">i4"), (f"value{place}", f">i{field.width}")]
    rows = np.zeros(len(fields[0].values), dtype=types)
    rows["count"] = len(fields)
    kept = np.ones((len(rows), rows.dtype.itemsize), dtype=bool)
    for place, field in enumerate(fields):
        _check_width(field)
        rows[f"length{place}"] = field.width
        rows[f"value{place}"] = field.values
        if field.nullable and (empty := field.values == NOTHING).any():
            rows[f"length{place}"][empty] = -1
            at = _offset(rows.dtype, f"value{place}")
            kept[empty, at : at + field.width] = False
    data = rows.view(np.uint8).reshape(kept.shape)
    return _HEADER + (data.tobytes() if kept.all() else data[kept].tobytes()) + _TRAILER


def read_rows(data: bytes, names: Sequence[str]) -> Mapping[str, Numbers]:
    """Read what ``COPY … TO STDOUT (FORMAT BINARY)`` gave of columns that are all bigint and never NULL."""
    types = [("count", ">i2")]
    for name in names:
        types += [(f"length {name}", ">i4"), (name, ">i8")]
    rows = np.frombuffer(data[len(_HEADER) : len(data) - len(_TRAILER)], dtype=types)
    return {name: rows[name].astype(np.int64) for name in names}


def _check_width(field: Field) -> None:
    limit = 1 << (8 * field.width - 1)
    if field.width < 8 and len(field.values) and not (-limit <= field.values.min() and field.values.max() < limit):
        raise OverflowError(f"{field.name}: a value does not fit into {field.width} bytes")


def _offset(rows: "np.dtype[np.void]", name: str) -> int:
    assert rows.fields is not None
    return int(rows.fields[name][1])
