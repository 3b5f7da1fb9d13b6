"""Compaction: the days of a month become one piece, in which a server's readings of the whole month lie together.

Facts stay equal. Days travel through memory a hundred servers at a time; texts and histograms keep their order and
are numbered on from day to day.

``python -m electrum_observatory.store.watching.compaction DIR WATCH MONTH`` writes one month and prints the piece.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from electrum_observatory.store.files import replacing
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.apart import tell_piece
from electrum_observatory.store.watching.piece_schemas import ROWS_OF_A_GROUP, ROWS_OF_A_MONTHS_GROUP, SCHEMAS, TEXTS_OF
from electrum_observatory.store.watching.piece_tables import table
from electrum_observatory.store.watching.piece_writing import writer
from electrum_observatory.store.watching.pieces import Piece, PieceFile

_SERVERS_AT_ONCE = 100
_TEXT_COLUMNS = ("histogram_text", *(f"{question}_text" for question in TEXTS_OF))


def write_month(data_dir: Path, old: Sequence[Piece]) -> Piece:
    """Write the pieces of one month as one and return it, which nothing names yet. Raises OSError.

    The caller names it instead of the old ones: see ``LiveStore.compact_watches``.
    """
    watch_id, month = old[0].watch_id, old[0].from_day[:7]
    days = (f"{month}-01", pieces.last_day(month))
    part = 1 + max((piece.part for piece in old if piece.from_day != piece.to_day), default=0)
    with ExitStack() as places:
        files = [
            _write(places, data_dir, name, pieces.place(name, watch_id, *days, part), _contents(data_dir, old, name))
            for name in pieces.TABLES
            if name == "rounds" or any(piece.path(name) for piece in old)
        ]
    return Piece(
        watch_id=watch_id,
        from_day=days[0],
        to_day=days[1],
        part=part,
        rounds=_range([piece.rounds for piece in old]),
        news=_range([piece.news for piece in old]),
        files=files,
    )


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
    first = {name: np.cumsum([0, *(piece.rows(name) for piece in old)]).tolist() for name in ("texts", "histograms")}
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


def main() -> None:
    """Write one month and print its piece."""
    data_dir, watch_id, month = sys.argv[1:]
    old = [piece for piece in pieces.read(Path(data_dir), watch_id) if piece.from_day.startswith(month)]
    tell_piece(lambda: write_month(Path(data_dir), old))


if __name__ == "__main__":
    main()
