"""A year of sealed pieces out of one sealed day: true in size and shape, for asking after one server's year.

The day is repeated thirty times, each with rounds, moments and latencies of its own, and compacted like any month. The
eleven other months are the same files under other names, with rounds of their own time.
"""

import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.watch_days import DAY_US
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.compaction import write_month
from electrum_observatory.store.watching.piece_schemas import SCHEMAS
from electrum_observatory.store.watching.piece_tables import table
from electrum_observatory.store.watching.piece_writing import write_table
from electrum_observatory.store.watching.pieces import Piece, PieceFile

DAYS_OF_A_MONTH, MONTHS = 30, 12
_YEAR = 2025
_NOISE = {"sent_us": 400_000, "lag_us": 300, "first_us": 8_000}
"""Of the columns of readings, in microseconds; of what came later than the first answer, 120."""


def month_of(data_dir: Path, day: Piece, days: int = DAYS_OF_A_MONTH) -> Piece:
    """Repeat a day over a month and compact it."""
    found = [_moved(data_dir, day, date(_YEAR, 1, 1 + number), number) for number in range(days)]
    pieces.replace(data_dir, (), found)
    month = write_month(data_dir, found)
    pieces.replace(data_dir, found, [month])
    return month


def year_of(data_dir: Path, month: Piece, months: int = MONTHS) -> list[Piece]:
    """Name a compacted January as all the months of its year."""
    found = [month]
    for number in range(2, months + 1):
        begin = date(_YEAR, number, 1)
        end = (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        days_later = (begin - date(_YEAR, 1, 1)).days
        found.append(_copied(data_dir, month, (str(begin), str(end)), days_later))
    pieces.replace(data_dir, (month,), found)
    return found


def _moved(data_dir: Path, piece: Piece, day: date, number: int) -> Piece:
    """Write a day again as another one."""
    later = (day - date.fromisoformat(piece.from_day)).days
    rounds = table(data_dir, piece, "rounds")
    by = number * len(rounds)
    files = [
        _link(data_dir, piece, one, (str(day), str(day))) for one in piece.files if one.table in ("histograms", "texts")
    ]
    with ExitStack() as places:
        for name in ("rounds", "readings"):
            path = pieces.place(name, piece.watch_id, str(day), str(day), 1)
            rows = _later(table(data_dir, piece, name), later)
            shifted = pc.add(rows.column("round"), pa.scalar(by, pa.int32()))
            rows = _noisy(rows.set_column(rows.schema.get_field_index("round"), "round", shifted), number)
            files.append(write_table(places, data_dir, name, path, rows.cast(SCHEMAS[name])))
    span = None if piece.rounds is None else (piece.rounds[0] + by, piece.rounds[1] + by)
    return replace(piece, from_day=str(day), to_day=str(day), files=files, rounds=span, news=None)


def _copied(data_dir: Path, piece: Piece, days: tuple[str, str], later: int) -> Piece:
    files = [_link(data_dir, piece, one, days) for one in piece.files if one.table != "rounds"]
    with ExitStack() as places:
        path = pieces.place("rounds", piece.watch_id, *days, 1)
        rows = _later(table(data_dir, piece, "rounds"), later)
        files.append(write_table(places, data_dir, "rounds", path, rows.cast(SCHEMAS["rounds"])))
    return replace(piece, from_day=days[0], to_day=days[1], files=files)


def _later(rows: pa.Table, days: int) -> pa.Table:
    for name in {"due_at", "started_at"} & set(rows.schema.names):
        moved = pc.add(rows.column(name), pa.scalar(days * DAY_US, pa.int64()))
        rows = rows.set_column(rows.schema.get_field_index(name), name, moved)
    return rows


def _noisy(rows: pa.Table, number: int) -> pa.Table:
    """Add noise to what varies, as great as it is already: a day that came again would pack into nothing."""
    chance = np.random.default_rng(number)
    for name in rows.schema.names:
        if name in _NOISE or name.endswith("_later_us"):
            noise = pa.array(chance.integers(0, _NOISE.get(name, 120), len(rows)))
            rows = rows.set_column(rows.schema.get_field_index(name), name, pc.add(rows.column(name), noise))
    return rows


def _link(data_dir: Path, piece: Piece, file: PieceFile, days: tuple[str, str]) -> PieceFile:
    path = pieces.place(file.table, piece.watch_id, *days, 1)
    there = data_dir / pieces.FOLDER / path
    there.parent.mkdir(parents=True, exist_ok=True)
    os.link(data_dir / pieces.FOLDER / file.path, there)
    return replace(file, path=path)
