"""Who joins the watch when: a person's names and broken lines at once, whom a campaign visited after a rest."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from electrum_observatory.cli.dial_book import DialBook
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.cli.times import when
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.report.words import many

_LOOK_EVERY_S = 1.0
_MINUTE_US = 60_000_000
_HOURS = slice(len("2026-11-20 "), len("2026-11-20 22:15"))


class Watching(Protocol):
    """Who takes the list: ``scanner.watching.monitor.Monitor`` does."""

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Watch these endpoints."""


class Joining:
    """Hands the list of who is watched over, as far as they have rested.

    Attributes:
        handed: Whom the watch was told of last.
        began_ns: When a watch that holds its connections was first told of anybody, and so dialled them all; monotonic.
        somebody: Set as soon as there is somebody to watch.
    """

    def __init__(
        self,
        *,
        watching: Watching,
        book: DialBook,
        view: MonitorView,
        clock: Clock,
        remark: Callable[[str], None],
        current: Collection[Endpoint] = (),
        reconnect: bool = True,
        limit: int | None = None,
    ) -> None:
        """Take who is told, who was dialled when, and whom the stint before watched.

        Where ``reconnect`` is set, those need no rest: their connection is held again, as that of any guest whose
        line broke. At most ``limit`` are watched; None for all.
        """
        self._watching = watching
        self._book = book
        self._view = view
        self._clock = clock
        self._remark = remark
        self._limit = limit
        self._reconnect = reconnect
        self._needs_no_rest = frozenset(current) if reconnect else frozenset[Endpoint]()
        self._wanted: Sequence[Endpoint] = ()
        self._news = asyncio.Event()
        self.handed: tuple[Endpoint, ...] = ()
        self.began_ns: int | None = None
        self.somebody = asyncio.Event()

    def take(self, wanted: Sequence[Endpoint]) -> None:
        """Take whom to watch, and hand over who has rested."""
        self._wanted = wanted
        self.hand_over()
        if self._reconnect and self._view.joining_us is not None:
            at = (when(self._view.joining_us + _MINUTE_US - 1) or "")[_HOURS]
            who = many(self._view.resting, "server")
            self._remark(f"{who} found, joining by {at} UTC: each rests after the visit that found it.")
        self._news.set()

    def hand_over(self) -> float:
        """Tell the watch whom to watch; return in how many seconds the next who rests may join, 0 if nobody rests."""
        held = self._needs_no_rest.union(self.handed)
        rests = {one: 0.0 if one in held else self._book.rests_for_s(one) for one in self._wanted}
        ready = tuple(one for one, left_s in rests.items() if not left_s)[: self._limit]
        resting = [left_s for left_s in rests.values() if left_s > 0]
        self._view.resting = len(resting)
        self._view.joining_us = self._clock.now_us() + round(max(resting) * 1e6) if resting else None
        if ready != self.handed:
            self.handed = ready
            self._watching.set_watched(ready)
            if self._reconnect and self.began_ns is None:
                self.began_ns = self._clock.monotonic_ns()
            self.somebody.set()
        self._view.watched = len(ready)
        return min(resting, default=0.0)

    async def go_on(self) -> None:
        """Hand over whoever has rested meanwhile, until cancelled."""
        while True:
            left_s = self.hand_over()
            if left_s:
                await asyncio.sleep(max(_LOOK_EVERY_S, left_s))
            else:
                self._news.clear()
                await self._news.wait()
