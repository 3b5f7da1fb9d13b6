"""The file format of the embedded tables: sorted ranges and their columns, small on disk, quick to search.

A file is one line of JSON (which columns follow, how long each is) and then one xz stream per column. A column that
only grows is stored as differences, which is what makes millions of range starts small. Columns are numpy arrays;
texts are one UTF-8 column, a newline after each.
"""

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.model.errors import InputError

Column: TypeAlias = NDArray[Any]

FORMAT = "electrum-observatory-columns"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RangeTable:
    """Ranges that cover the whole number line from the first start on: each lasts until the next one starts.

    Attributes:
        starts: First key of each range, ascending.
        rows: What each range points at, in a table beside it; 0 is "nothing known".
    """

    starts: Column
    rows: Column

    def find(self, key: int) -> int:
        """Return the row that the key's range points at; 0 where nothing is known."""
        at = int(np.searchsorted(self.starts, self.starts.dtype.type(key), side="right")) - 1
        return int(self.rows[at]) if at >= 0 else 0


class Texts:
    """A column of texts, decoded one at a time."""

    def __init__(self, column: Column) -> None:
        self._bytes = column.tobytes()
        self._ends = np.flatnonzero(column == ord("\n"))

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        """Return one text."""
        start = int(self._ends[index - 1]) + 1 if index else 0
        return self._bytes[start : int(self._ends[index])].decode()

    @classmethod
    def column(cls, texts: list[str]) -> Column:
        """Return the column that holds these texts. Raises ValueError where one holds a newline."""
        if any("\n" in text for text in texts):
            raise ValueError("a text with a newline cannot be stored")
        return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), dtype=np.uint8)


def write_columns(path: Path, columns: Mapping[str, Column]) -> None:
    """Write the columns; the same columns give the same bytes.

    Columns whose name is "starts" must ascend and are stored as differences.
    """
    header: list[dict[str, Any]] = []
    streams: list[bytes] = []
    for name, column in columns.items():
        little = column.astype(column.dtype.newbyteorder("<"), copy=False)
        stored = np.diff(little, prepend=little.dtype.type(0)) if name == "starts" else little
        stream = _compress(stored)
        streams.append(stream)
        header.append({"name": name, "dtype": little.dtype.str, "rows": len(column), "bytes": len(stream)})
    first_line = {"format": FORMAT, "version": FORMAT_VERSION, "columns": header}
    path.write_bytes(b"".join((json.dumps(first_line).encode(), b"\n", *streams)))


def read_columns(path: Path) -> dict[str, Column]:
    """Read every column of a file.

    Raises:
        InputError: Where the file is missing, damaged or of another version.
    """
    try:
        first_line, _, rest = path.read_bytes().partition(b"\n")
        header = json.loads(first_line)
        if (header["format"], header["version"]) != (FORMAT, FORMAT_VERSION):
            raise InputError(f"{path}: written by another version of Electrum Observatory; install it again")
        columns: dict[str, Column] = {}
        for entry in header["columns"]:
            stream, rest = rest[: entry["bytes"]], rest[entry["bytes"] :]
            columns[entry["name"]] = _column(entry, lzma.decompress(stream))
    except (OSError, ValueError, KeyError, TypeError, lzma.LZMAError) as error:
        raise InputError(f"{path}: the table cannot be read ({error}); install Electrum Observatory again") from error
    return columns


def _column(entry: Mapping[str, Any], raw: bytes) -> Column:
    column = np.frombuffer(raw, dtype=entry["dtype"])
    if len(column) != entry["rows"]:
        raise ValueError(f"column {entry['name']} has {len(column)} rows instead of {entry['rows']}")
    return np.cumsum(column, dtype=column.dtype) if entry["name"] == "starts" else column


def _compress(column: Column) -> bytes:
    """Compress with xz.

    Literal position bits aligned to the number's width save a quarter on number columns; a dictionary no longer than
    the column keeps the reader's memory at twice the column.
    """
    raw = column.tobytes()
    aligned = {"lc": 0, "lp": 2, "pb": 2} if column.dtype.itemsize >= 4 else {}
    dictionary = min(max(len(raw), 1 << 12), 1 << 26)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": dictionary, **aligned}]
    return lzma.compress(raw, lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, filters=filters)
