"""Compaction: the days of a month become one piece, in which a server's readings of the whole month lie together.

Facts stay equal. Days travel through memory a hundred servers at a time; texts and histograms keep their order and
are numbered on from day to day.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from electrum_observatory.store.files import replacing
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.piece_reading import table
from electrum_observatory.store.watching.piece_schemas import ROWS_OF_A_GROUP, ROWS_OF_A_MONTHS_GROUP, SCHEMAS, TEXTS_OF
from electrum_observatory.store.watching.piece_writing import writer
from electrum_observatory.store.watching.pieces import Piece, PieceFile

_SERVERS_AT_ONCE = 100
_TEXT_COLUMNS = ("histogram_text", *(f"{question}_text" for question in TEXTS_OF))


def compactable(found: Sequence[Piece], before: str) -> list[list[Piece]]:
    """Return the pieces of each month that ended before a day and is in several pieces, or in one of a day."""
    months = groupby(sorted(found, key=_by_month), key=lambda piece: (piece.watch_id, piece.from_day[:7]))
    whole = [list(some) for (_, month), some in months if _last_day(month) < before]
    return [some for some in whole if len(some) > 1 or some[0].from_day == some[0].to_day]


def compact(data_dir: Path, old: Sequence[Piece], told: Callable[[str], None] = lambda _: None) -> Piece:
    """Write the pieces of one month as one, name it instead of them, and remove theirs.

    The caller holds the folder's lock: see ``LiveStore.compact_watches``.

    Raises:
        OSError: The folder is full or cannot be written; the old pieces stay.
    """
    watch_id, month = old[0].watch_id, old[0].from_day[:7]
    days = (f"{month}-01", _last_day(month))
    part = 1 + max((piece.part for piece in old if piece.from_day != piece.to_day), default=0)
    with ExitStack() as places:
        files = [
            _write(places, data_dir, name, pieces.place(name, watch_id, *days, part), _contents(data_dir, old, name))
            for name in pieces.TABLES
            if name == "rounds" or any(piece.path(name) for piece in old)
        ]
    told(f"written {month}")
    new = Piece(
        watch_id=watch_id,
        from_day=days[0],
        to_day=days[1],
        part=part,
        rounds=_range([piece.rounds for piece in old]),
        news=_range([piece.news for piece in old]),
        files=files,
    )
    pieces.replace(data_dir, old, (new,))
    told(f"named {month}")
    return new


def _by_month(piece: Piece) -> tuple[str, str, str, int]:
    return piece.watch_id, piece.from_day[:7], piece.from_day, piece.part


def _last_day(month: str) -> str:
    after = date.fromisoformat(f"{month}-01") + timedelta(days=31)
    return str(after.replace(day=1) - timedelta(days=1))


def _range(spans: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    present = [span for span in spans if span is not None]
    return (min(span[0] for span in present), max(span[1] for span in present)) if present else None


def _contents(data_dir: Path, old: Sequence[Piece], name: str) -> Iterator[pa.Table]:
    """Yield the rows of a table of all pieces."""
    if name == "readings":
        return _readings(data_dir, old)
    if name in ("texts", "histograms"):
        return _numbered_on(data_dir, old, name)
    whole = pa.concat_tables([table(data_dir, piece, name) for piece in old])
    return iter([whole.sort_by("round" if name == "rounds" else "number")])


def _numbered_on(data_dir: Path, old: Sequence[Piece], name: str) -> Iterator[pa.Table]:
    key, begin = name.removesuffix("s"), 0
    for piece in old:
        rows = table(data_dir, piece, name)
        numbers = np.arange(begin, begin + len(rows), dtype=np.int32)
        yield rows.set_column(rows.schema.get_field_index(key), key, pa.array(numbers))
        begin += len(rows)


def _readings(data_dir: Path, old: Sequence[Piece]) -> Iterator[pa.Table]:
    """Yield readings by server, some servers at a time, references moved to where texts and histograms now are."""
    first = {name: np.cumsum([0, *(_rows(piece, name) for piece in old)]).tolist() for name in ("texts", "histograms")}
    every = [table(data_dir, piece, "readings", columns=["endpoint"]).column(0).unique().to_pylist() for piece in old]
    servers = sorted({name for names in every for name in names})
    for begin in range(0, len(servers), _SERVERS_AT_ONCE):
        some = servers[begin : begin + _SERVERS_AT_ONCE]
        wanted = ("endpoint", some[0], some[-1])
        parts = [
            _moved(table(data_dir, piece, "readings", between=wanted), first["texts"][at], first["histograms"][at])
            for at, piece in enumerate(old)
        ]
        yield pa.concat_tables(parts).sort_by([("endpoint", "ascending"), ("round", "ascending")])


def _moved(rows: pa.Table, texts: int, histograms: int) -> pa.Table:
    for name in (*_TEXT_COLUMNS, "histogram"):
        by = pa.scalar(histograms if name == "histogram" else texts, pa.int32())
        rows = rows.set_column(rows.schema.get_field_index(name), name, pc.add(rows.column(name), by))
    return rows


def _rows(piece: Piece, name: str) -> int:
    return sum(file.rows for file in piece.files if file.table == name)


def _write(places: ExitStack, data_dir: Path, name: str, path: str, contents: Iterator[pa.Table]) -> PieceFile:
    """Write one file; its group of rows never spans two of the contents."""
    temporary = places.enter_context(replacing(data_dir / pieces.FOLDER / path))
    group = ROWS_OF_A_MONTHS_GROUP if name == "readings" else ROWS_OF_A_GROUP.get(name)
    count = 0
    with writer(temporary, name) as file:
        for rows in contents:
            file.write_table(rows.cast(SCHEMAS[name]), row_group_size=group)
            count += len(rows)
    return PieceFile(path=path, table=name, rows=count, bytes=temporary.stat().st_size)
