"""Many numbers to and from PostgreSQL at once, made and read by numpy.

Inwards: COPY's binary rows (PostgreSQL manual, COPY, "Binary Format"): a header, then for each row the number of its
fields and for each field its length and its bytes, big-endian; NULL has the length -1 and no bytes; -1 fields end it.
Outwards: a whole column as one array, since COPY hands rows to us one by one. Its binary form (``array_send`` in
PostgreSQL's ``arrayfuncs.c``) is five integers, dimension and type among them, then length and bytes of each element.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from electrum_observatory.model.watch_ports import NOTHING, Numbers

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ARRAY_HEADER = 5 * 4


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


def read_array(data: bytes | None) -> Numbers:
    """Read what ``array_send(array_agg(x))`` gave of a bigint that is never NULL; None is no row at all."""
    if data is None:
        return np.empty(0, dtype=np.int64)
    cells = np.frombuffer(data[_ARRAY_HEADER:], dtype=[("length", ">i4"), ("value", ">i8")])
    return cells["value"].astype(np.int64)


def _check_width(field: Field) -> None:
    limit = 1 << (8 * field.width - 1)
    if field.width < 8 and len(field.values) and not (-limit <= field.values.min() and field.values.max() < limit):
        raise OverflowError(f"{field.name}: a value does not fit into {field.width} bytes")


def _offset(rows: "np.dtype[np.void]", name: str) -> int:
    assert rows.fields is not None
    return int(rows.fields[name][1])
