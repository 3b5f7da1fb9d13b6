"""Retention: what of the watches is older than a day, and taking it out of the folder for good.

Sealed pieces go as a whole: a compacted month stays until its last day is older. Watches and their stints, a row or two
a day, stay: they say that there was a watch.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from electrum_observatory.store.database import open_for_reading
from electrum_observatory.store.watching import live_rows, pieces, removal
from electrum_observatory.store.watching.pieces import Piece
from electrum_observatory.store.writer import Writer

_ROUNDS = "SELECT number FROM watch_rounds WHERE watch_pk = :watch_pk AND started_at_us < :to_us"
_NEWS = "SELECT number FROM tip_news WHERE watch_pk = :watch_pk AND received_at_us < :to_us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """What is older than a day.

    Attributes:
        before_us: Where that day begins, UTC microseconds.
        pieces: Sealed pieces.
        kept: Months that stay, because only some of their days are older.
        rounds: By key of the watch: numbers of rounds in the live database.
        news: By key of the watch: numbers of tip news in the live database.
        spells_before_us: By key of the watch: where the facts that stay begin; blind spells before it go.
    """

    before_us: int
    pieces: Sequence[Piece]
    kept: Sequence[Piece]
    rounds: Mapping[int, Sequence[int]] = field(default_factory=dict)
    news: Mapping[int, Sequence[int]] = field(default_factory=dict)
    spells_before_us: Mapping[int, int] = field(default_factory=dict)

    @property
    def live_rounds(self) -> int:
        """Rounds in the live database."""
        return sum(map(len, self.rounds.values()))

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.pieces and not any(self.rounds.values()) and not any(self.news.values())


def outdated(data_dir: Path, before: str, watch_ids: Collection[str] | None = None) -> Outdated:
    """Return what of some watches, or of all, is older than a UTC day.

    Raises OSError or apsw.Error where the folder cannot be read.
    """
    before_us = _begin_us(before)
    sealed = [piece for piece in pieces.read(data_dir) if watch_ids is None or piece.watch_id in watch_ids]
    kept = [piece for piece in sealed if piece.from_day < before <= piece.to_day]
    rounds: dict[int, Sequence[int]] = {}
    news: dict[int, Sequence[int]] = {}
    spells_before_us: dict[int, int] = {}
    connection = open_for_reading(data_dir)
    try:
        for key, watch in live_rows.watches(connection).items():
            if watch_ids is not None and watch.watch_id not in watch_ids:
                continue
            values = {"watch_pk": key, "to_us": before_us}
            rounds[key], news[key] = ([row[0] for row in connection.execute(one, values)] for one in (_ROUNDS, _NEWS))
            # a month that stays needs its blind spells: without them each gap of ours is an outage of the servers
            stays = [piece.from_day for piece in kept if piece.watch_id == watch.watch_id]
            spells_before_us[key] = _begin_us(min([before, *stays]))
    finally:
        connection.close()
    return Outdated(
        before_us=before_us,
        pieces=[piece for piece in sealed if piece.to_day < before],
        kept=kept,
        rounds=rounds,
        news=news,
        spells_before_us=spells_before_us,
    )


def forget_rows(writer: Writer, found: Outdated) -> None:
    """Remove the rows of the live database, and give their room back."""
    for key, rounds in found.rounds.items():
        removal.remove(writer, key, rounds, found.news.get(key, ()), lambda _: None)
        removal.remove_spells(writer, key, found.spells_before_us[key])
    removal.tidy(writer, lambda _: None)


def _begin_us(day: str) -> int:
    return int(np.datetime64(day, "us").astype(np.int64))
