"""What `observatory watches forget` takes away: from a data folder to the day, from PostgreSQL by whole months."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from electrum_observatory.cli.watch_stores import open_watch_source
from electrum_observatory.cli.watched import chosen_watch
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.report.words import many
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.times import day_of
from electrum_observatory.store.watching import pieces
from electrum_observatory.store.watching.outdated import outdated
from electrum_observatory.store.watching.pieces import Piece

if TYPE_CHECKING:
    from electrum_observatory.store.postgres.months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is older than a day, and the act of taking it away.

    Attributes:
        before: The UTC day.
        forget: Takes it away for good; raises StoreError.
        pieces: Sealed pieces.
        live_rounds: Rounds in the live database.
        live_news: Tip news in the database of a data folder.
        months: Months of a PostgreSQL database that go, ``2026-11``.
        kept: Watch id, month and why it stays, for each month of which only some days are older.
    """

    before: str
    forget: Callable[[], None] = lambda: None
    pieces: Sequence[Piece] = ()
    live_rounds: int = 0
    live_news: int = 0
    months: Sequence[str] = ()
    kept: Sequence[tuple[str, str, str]] = ()

    @property
    def readings(self) -> int:
        """Readings in the pieces."""
        return sum(piece.rows("readings") for piece in self.pieces)

    @property
    def sealed_bytes(self) -> int:
        """What the files of the pieces take."""
        return sum(file.bytes for piece in self.pieces for file in piece.files)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to take away."""
        return not (self.pieces or self.live_rounds or self.live_news or self.months)

    @property
    def words(self) -> str:
        """Says what goes."""
        parts = []
        if self.pieces:
            size = f"{self.readings:,} readings, {self.sealed_bytes / 1e6:.1f} MB"
            parts.append(f"{many(len(self.pieces), 'sealed piece')} ({size})")
        if self.live_rounds or self.live_news or self.months:
            where = f" of {', '.join(self.months)} in PostgreSQL" if self.months else ""
            parts.append(many(self.live_rounds, "live round") + where)
        return " and ".join(parts)


@contextmanager
def open_outdated(data: Path, store_url: str | None, before: str, watch: str | None) -> Iterator[Found]:
    """Find what is older than a UTC day; the store stays open, and a data folder locked, until the end.

    Args:
        data: The data folder.
        store_url: ``postgresql://…``; None for the data folder alone.
        before: The day, ``2026-11-20``.
        watch: Which watch alone, in a person's words; None for all of them.

    Raises:
        InputError: Nothing is in the data folder.
        UsageError: The URL is none, or the watch is unknown.
        StoreError: The store is locked, unreachable, or not writable.
    """
    with open_watch_source(data, store_url) as source:
        ids = [one.watch_id for one in source.watches()] if watch is None else [chosen_watch(source, watch).watch_id]
    if store_url is None:
        with _open_folder(data, before, None if watch is None else ids) as found:
            yield found
        return
    from electrum_observatory.store.postgres.retention import Retention

    before_us = int(np.datetime64(before, "us").astype(np.int64))
    with Retention.open(store_url) as database, ExitStack() as opened:
        old = database.find(ids, before_us, SystemClock().now_us())
        cut = day_of(old.cut_us)  # of sealed days too: those that the database has still would be sealed anew
        touched = any(one.watch_id in ids and one.from_day < cut for one in pieces.read(data))
        sealed = opened.enter_context(_open_folder(data, cut, ids)) if touched else Found(before=before)

        def forget() -> None:
            sealed.forget()
            database.forget(old)

        kept = [
            (watch_id, _words(month), "goes as a whole, once all of it is older and over")
            for watch_id, months in old.kept.items()
            for month in months
        ]
        months = [_words(one.month) for one in old.months]
        yield replace(sealed, before=before, forget=forget, live_rounds=old.rounds, months=months, kept=kept)


@contextmanager
def _open_folder(data: Path, before: str, watch_ids: Collection[str] | None) -> Iterator[Found]:
    with LiveStore.open(data, SystemClock()) as live:
        old = outdated(data, before, watch_ids)
        yield Found(
            before=before,
            forget=partial(live.forget_watched, old),
            pieces=old.pieces,
            live_rounds=old.live_rounds,
            live_news=sum(map(len, old.news.values())),
            kept=[
                (one.watch_id, one.from_day[:7], f"is compacted, and stays until {one.to_day} is older too")
                for one in old.kept
            ],
        )


def _words(month: "Month") -> str:
    return month.name.replace("_", "-")
