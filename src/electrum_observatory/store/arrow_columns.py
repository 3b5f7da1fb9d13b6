"""Columns of Arrow from columns of SQLite, made of buffers.

``pyarrow.array`` asks of every list whether it is one of pandas' and loads pandas for the question where that is
installed: half a second of CPU time, and 40 MB, at the end of each scan.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

_INTEGERS = {pa.int32(): np.int32, pa.int64(): np.int64, pa.timestamp("us", tz="UTC"): np.int64}
_DIGEST = pa.binary(16)


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return a column. None is null; booleans come as SQLite's integers. Raises KeyError for a type we do not store."""
    absent = values.count(None)
    if absent == len(values):
        return pa.nulls(absent, kind)
    validity = _bits([value is not None for value in values]) if absent else None
    if kind == pa.string():
        buffers = _text(["" if value is None else value for value in values] if absent else values)
    elif kind == pa.bool_():
        buffers = [_bits(list(map(bool, values)))]
    elif kind == _DIGEST:
        buffers = [pa.py_buffer(b"".join([value or bytes(16) for value in values]))]
    else:
        filled = [0 if value is None else value for value in values] if absent else values
        buffers = [pa.py_buffer(np.asarray(filled, dtype=_INTEGERS[kind]))]
    return pa.Array.from_buffers(kind, len(values), [validity, *buffers], null_count=absent)


def repeated(text: str, times: int) -> pa.Array:
    """Return a column that holds the same text in every row."""
    return pa.Array.from_buffers(pa.string(), times, [None, *_repeated(text, times)], null_count=0)


def _bits(flags: Sequence[bool]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(np.asarray(flags, dtype=np.bool_), bitorder="little"))


def _text(values: Sequence[str]) -> list[pa.Buffer]:
    """Return offsets and bytes. A chunk of rows is far below the 2 GB that 32-bit offsets reach."""
    if values.count(values[0]) == len(values):
        return _repeated(values[0], len(values))
    joined = "".join(values)
    sizes = map(len, values) if joined.isascii() else (len(value.encode()) for value in values)
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(sizes, dtype=np.int32, count=len(values)), out=offsets[1:])
    return [pa.py_buffer(offsets), pa.py_buffer(joined.encode())]


def _repeated(text: str, times: int) -> list[pa.Buffer]:
    spelled = text.encode()
    return [pa.py_buffer(np.arange(times + 1, dtype=np.int32) * len(spelled)), pa.py_buffer(spelled * times)]
