"""The campaigns beside a watch: when each is due, making it in the same process, and handing over whom it found.

A bug or a failure in a campaign costs that campaign, never the watch; a disk that cannot be written ends both.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from electrum_observatory.cli.dial_book import BookedDialer, DialBook
from electrum_observatory.cli.monitor_settings import Rediscovery
from electrum_observatory.cli.monitor_view import MonitorView
from electrum_observatory.cli.progress import line
from electrum_observatory.cli.rediscovery import Found, Kind, Scope, endpoints_to_watch, find
from electrum_observatory.cli.running import fitting
from electrum_observatory.cli.settings import Settings
from electrum_observatory.cli.sitting_sink import SittingSink, look_away
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import InputError, StoreError, UsageError
from electrum_observatory.model.ports import Clock
from electrum_observatory.scanner.attempts import bug_detail
from electrum_observatory.scanner.engine import Engine
from electrum_observatory.scanner.progress import Progress
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader, has_campaigns

_LOOK_EVERY_S = 1.0
_AGAIN_AFTER_S = 3_600.0


class Watching(Protocol):
    """Who takes the list: ``scanner.watching.monitor.Monitor`` does."""

    def set_watched(self, endpoints: Iterable[Endpoint]) -> None:
        """Watch these endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What campaigns beside a watch need.

    Attributes:
        prepare: Joins a campaign of a kind; whether somebody is known already is its second argument.
        store: The open store of the data folder.
        data: The data folder.
        scope: Whose campaigns say who is watched.
        found_under: The settings that decide whether a campaign asked enough.
        due: How often each kind is made, in real seconds.
        book: Who was dialled when, shared with the watch.
        remember_s: How long before the last campaign another one still counts, in real seconds.
        limit: Watch at most so many; None for all.
    """

    prepare: Callable[[Kind, bool], Scan]
    store: LiveStore
    data: Path
    scope: Scope
    found_under: Settings
    due: Rediscovery
    book: DialBook
    remember_s: float
    limit: int | None


class Campaigns:
    """Makes campaigns when they are due, and keeps the list of who is watched.

    Attributes:
        had_bugs: Whether a campaign was cut short by a bug of ours.
        somebody: Set as soon as there is somebody to watch.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        watching: Watching,
        view: MonitorView,
        clock: Clock,
        warn: Callable[[str], None],
        current: Collection[Endpoint] = (),
        reconnect: bool = True,
    ) -> None:
        """Take who is told, and whom the stint before watched.

        Where ``reconnect`` is set, those need no rest: their connection is held again, as that of any guest whose
        line broke.
        """
        self._around = around
        self._watching = watching
        self._view = view
        self._clock = clock
        self._warn = warn
        self._handed: tuple[Endpoint, ...] = ()
        self._current = frozenset(current)
        self._needs_no_rest = self._current if reconnect else frozenset[Endpoint]()
        self._found = Found()
        self._wanted: Sequence[Endpoint] = ()
        self._news = asyncio.Event()
        self._not_before_ns: dict[Kind, int] = {}
        self._reconnect = reconnect
        self._engine: Engine | None = None
        self._stopping = False
        self.had_bugs = False
        self.somebody = asyncio.Event()

    async def run(self) -> None:
        """Go on until cancelled or stopped. Raises StoreError."""
        await self.read()
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(self._let_rested_join())
            while not self._stopping:
                kind = self.due()
                if kind is not None:
                    await self.make(kind)
                else:
                    await asyncio.sleep(_LOOK_EVERY_S)
            joining.cancel()

    @property
    def is_making(self) -> bool:
        """Whether a campaign is being made now."""
        return self._engine is not None

    def stop(self) -> None:
        """End politely: a campaign that is being made is sealed within seconds, and no other begins."""
        self._stopping = True
        if self._engine is not None:
            self._engine.stop()

    async def read(self) -> None:
        """Read from the store who was found, and hand them over as far as they have rested."""
        held = self._current.union(self._handed)
        self._found, self._wanted = await asyncio.to_thread(self._read, held)
        self.hand_over()
        self._news.set()

    def due(self) -> Kind | None:
        """Return what is to be made now; of two, the one that asks more."""
        now_us, now_ns = self._clock.now_us(), self._clock.monotonic_ns()
        waits = {kind: self._due_us(kind, now_us, now_ns) for kind in Kind if self._every_s(kind) > 0}
        self._view.next_campaign_us = min(waits.values(), default=None)
        return next((kind for kind in (Kind.FULL, Kind.DISCOVERY) if kind in waits and waits[kind] <= now_us), None)

    def hand_over(self) -> float:
        """Tell the watch whom to watch; return in how many seconds the next who rests may join, 0 if nobody rests."""
        held = self._needs_no_rest.union(self._handed)
        rests = {one: 0.0 if one in held else self._around.book.rests_for_s(one) for one in self._wanted}
        ready = tuple(one for one, left_s in rests.items() if not left_s)[: self._around.limit]
        resting = [left_s for left_s in rests.values() if left_s > 0]
        self._view.resting = len(resting)
        if ready != self._handed:
            self._handed = ready
            self._watching.set_watched(ready)
            if self._reconnect and not self.somebody.is_set():
                self._let_all_rest()
            self.somebody.set()
        self._view.watched = len(ready)
        return min(resting, default=0.0)

    async def make(self, kind: Kind) -> None:
        """Make a campaign, read what it found, and hand it over. Raises StoreError."""
        self._view.campaign = f"{kind} begins"
        try:
            await self._make(kind)
        except StoreError:
            raise
        except (UsageError, InputError) as error:
            self._put_off(kind, str(error))
        except Exception as error:  # noqa: BLE001  a bug in a campaign costs that campaign, not the watch
            self.had_bugs = True
            self._put_off(kind, f"a bug of ours, please report it: {bug_detail(error)}")
        finally:
            self._engine = None
            self._view.campaign = ""
        await self.read()

    async def _make(self, kind: Kind) -> None:
        scan = self._around.prepare(kind, bool(self._found.machines))
        rules = replace(scan.rules, history=scan.rules.history.with_visits(self._around.book.visits()))
        config = scan.settings.scan.in_time_of(scan.clock.time_scale)
        self._engine = Engine(
            campaign=scan.campaign,
            config=fitting(config, held=len(self._handed)),
            sources=scan.sources,
            rules=rules,
            dialer=BookedDialer(scan.dialer, self._around.book),
            resolver=scan.resolver,
            sink=SittingSink(self._around.store, scan, look_away),
            clock=scan.clock,
            observer=_Told(kind, self._view),
            reference=scan.reference,
        )
        outcome = await self._engine.run()
        for error in outcome.source_errors:
            self._warn(f"{kind}: a list could not be used: {error}")
        if outcome.state is CampaignState.CANCELLED:
            return
        if not outcome.counts.get("answered", 0) or outcome.state is not CampaignState.COMPLETE:
            self._put_off(kind, "nobody answered")

    def _let_all_rest(self) -> None:
        """Make no campaign within a rest of the moment at which everybody is dialled: it could ask nobody."""
        until_ns = self._clock.monotonic_ns() + round(self._around.book.rest_s * 1e9)
        self._not_before_ns = dict.fromkeys(Kind, until_ns)

    def _put_off(self, kind: Kind, why: str) -> None:
        """Try again in an hour, whatever the store says of when such a campaign was made last."""
        wait_s = min(_AGAIN_AFTER_S, self._every_s(kind))
        self._not_before_ns[kind] = self._clock.monotonic_ns() + round(wait_s * 1e9)
        self._warn(f"The {kind} campaign came to nothing: {why}")

    async def _let_rested_join(self) -> None:
        while True:
            left_s = self.hand_over()
            if left_s:
                await asyncio.sleep(max(_LOOK_EVERY_S, left_s))
            else:
                self._news.clear()
                await self._news.wait()

    def _every_s(self, kind: Kind) -> float:
        return self._around.due.full_s if kind is Kind.FULL else self._around.due.discovery_s

    def _due_us(self, kind: Kind, now_us: int, now_ns: int) -> int:
        """Return when a campaign is due; one that was put off not before its time. A clock set back delays nothing."""
        made_us = self._found.made(kind)
        due_us = now_us if made_us is None else min(made_us, now_us) + round(self._every_s(kind) * 1e6)
        put_off_us = (self._not_before_ns.get(kind, now_ns) - now_ns) // 1_000
        return max(due_us, now_us + put_off_us)

    def _read(self, held: Collection[Endpoint]) -> tuple[Found, Sequence[Endpoint]]:
        """Return who was found, and the endpoint of each that is to be watched."""
        around = self._around
        if not has_campaigns(around.data):
            return Found(), ()
        with StoreReader.open(around.data) as reader:
            found = find(reader, around.scope, around.found_under, remember_us=round(around.remember_s * 1e6))
        return found, endpoints_to_watch(found.machines, held)


class _Told:
    """Implements ``scanner.progress.ScanObserver``."""

    def __init__(self, kind: Kind, view: MonitorView) -> None:
        self._kind = kind
        self._view = view

    def progressed(self, progress: Progress) -> None:
        """Keep the line that the table shows."""
        self._view.campaign = f"{self._kind}: {line(progress)}"
