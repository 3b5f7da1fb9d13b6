"""How much a data folder holds of each watch, live and sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from electrum_observatory.model.watch import BlindSpell, Watch
from electrum_observatory.store.watching import live_rows
from electrum_observatory.store.watching.pieces import Piece

_LIVE = "SELECT count(*), coalesce(sum(readings), 0) FROM watch_rounds WHERE watch_pk = ?"
_STINTS = "SELECT count(*), max(alive_at_us) FROM watch_stints WHERE watch_pk = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSummary:
    """One watch.

    Attributes:
        watch: The watch.
        stints: Number of its stints.
        alive_at_us: Its last sign of life, UTC microseconds.
        live_rounds: Rounds in the live database.
        live_readings: Readings in the live database.
        pieces: Its sealed pieces, by day.
        spells: Its blind spells.
    """

    watch: Watch
    stints: int
    alive_at_us: int
    live_rounds: int
    live_readings: int
    pieces: Sequence[Piece]
    spells: Sequence[BlindSpell]

    @property
    def sealed_bytes(self) -> int:
        """What its sealed files take."""
        return sum(file.bytes for piece in self.pieces for file in piece.files)

    def sealed_rows(self, table: str) -> int:
        """Return the rows of one sealed table."""
        return sum(file.rows for piece in self.pieces for file in piece.files if file.table == table)


def summaries(connection: apsw.Connection, pieces: Sequence[Piece]) -> list[WatchSummary]:
    """Return every watch, oldest first."""
    found: list[WatchSummary] = []
    for key, watch in live_rows.watches(connection).items():
        live: Any = connection.execute(_LIVE, (key,)).fetchall()[0]
        stints: Any = connection.execute(_STINTS, (key,)).fetchall()[0]
        found.append(
            WatchSummary(
                watch=watch,
                stints=stints[0],
                alive_at_us=stints[1],
                live_rounds=live[0],
                live_readings=live[1],
                pieces=[piece for piece in pieces if piece.watch_id == watch.watch_id],
                spells=live_rows.spells(connection, key),
            )
        )
    return found
