"""How much a database holds of each watch that is not sealed yet, beside what the sealed days hold."""

from pathlib import Path
from typing import Any, LiteralString

import numpy as np
from psycopg import Cursor

from electrum_observatory.model.watch import Watch
from electrum_observatory.model.watch_ports import Numbers
from electrum_observatory.store.postgres import told
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.overlap import sealed_numbers
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.watching.summary import WatchSummary

_ROUNDS: LiteralString = """
SELECT number, coalesce(counted, 0)
FROM rounds LEFT JOIN (SELECT round_pk, count(*) AS counted FROM readings GROUP BY round_pk) AS rows USING (round_pk)
WHERE watch_pk = %s
"""
_STINTS: LiteralString = "SELECT count(*), max(seen_at_us) FROM stints WHERE watch_pk = %s"


def summaries(cursor: Cursor[Any], data_dir: Path) -> list[WatchSummary]:
    """Return every watch, oldest first.

    Args:
        cursor: Inside one moment of the database.
        data_dir: The folder that days are sealed into, which need not be there. What is sealed and still in the
            database counts as sealed.
    """
    return [_summary(cursor, key, watch, data_dir) for key, watch in told.watches(cursor).items()]


def _summary(cursor: Cursor[Any], watch_pk: int, watch: Watch, data_dir: Path) -> WatchSummary:
    sealed = pieces.read(data_dir, watch.watch_id)
    rounds, readings = _live(cursor, watch_pk, data_dir, sealed)
    count, seen_at_us = cursor.execute(_STINTS, (watch_pk,)).fetchone() or (0, None)
    return WatchSummary(
        watch=watch,
        stints=count,
        alive_at_us=watch.started_at_us if seen_at_us is None else seen_at_us,
        live_rounds=rounds,
        live_readings=readings,
        pieces=sealed,
        spells=told.spells(cursor, watch_pk),
    )


def _live(cursor: Cursor[Any], watch_pk: int, data_dir: Path, sealed: list[Piece]) -> tuple[int, int]:
    """Return how many rounds and readings are in the database alone."""
    rows = cursor.execute(_ROUNDS, (watch_pk,)).fetchall()
    numbers: Numbers = np.array([number for number, _ in rows], dtype=np.int64)
    twice = np.isin(numbers, sealed_numbers(data_dir, sealed, "rounds", numbers))
    return int(np.count_nonzero(~twice)), sum(count for (_, count), gone in zip(rows, twice, strict=True) if not gone)
