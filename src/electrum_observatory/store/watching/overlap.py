"""What stands in the live database although it is sealed: from naming a piece to deleting its rows, facts are twice.

Rounds and news are told apart by their numbers within the watch, which are never used again.
"""

from collections.abc import Sequence
from pathlib import Path

import apsw
import numpy as np

from electrum_observatory.model.watch_ports import Numbers
from electrum_observatory.store.watching.pieces import Piece

_LIVE = {
    "rounds": "SELECT number FROM watch_rounds WHERE watch_pk = ? ORDER BY number",
    "news": "SELECT number FROM tip_news WHERE watch_pk = ? ORDER BY number",
}


def sealed_numbers(data_dir: Path, pieces: Sequence[Piece], table: str, live: Numbers) -> Numbers:
    """Return which of the live numbers of "rounds" or "news" are sealed in one of a watch's pieces."""
    found = [np.zeros(0, dtype=np.int64)]
    for piece in pieces:
        span = piece.rounds if table == "rounds" else piece.news
        if span is None or not (inside := (live >= span[0]) & (live <= span[1])).any():
            continue
        if piece.rows(table) == span[1] - span[0] + 1:  # without gaps: no need to look into the file
            found.append(live[inside])
        else:
            from electrum_observatory.store.watching.piece_reading import read_numbers  # pyarrow is slow to load

            found.append(np.intersect1d(live, read_numbers(data_dir, piece, table)))
    return np.unique(np.concatenate(found))


def live_numbers(connection: apsw.Connection, watch_pk: int, table: str) -> Numbers:
    """Return the numbers of the "rounds" or of the "news" of a watch in the live database."""
    return np.array([row[0] for row in connection.execute(_LIVE[table], (watch_pk,))], dtype=np.int64)
