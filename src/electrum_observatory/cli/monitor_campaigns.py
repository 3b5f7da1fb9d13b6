"""The campaigns beside a watch: when each is due, making it in the same process, and handing over whom it found.

A bug or a failure in a campaign costs that campaign, never the watch; a disk that cannot be written ends both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from electrum_observatory.cli.dial_book import BookedDialer, DialBook
from electrum_observatory.cli.monitor_joining import Joining
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
        named: Looks up whom a person named on the command line.
    """

    prepare: Callable[[Kind, bool], Scan]
    store: LiveStore
    data: Path
    scope: Scope
    found_under: Settings
    due: Rediscovery
    book: DialBook
    remember_s: float
    named: Callable[[], Awaitable[Sequence[Endpoint]]]


class Campaigns:
    """Makes campaigns when they are due, and says who is to be watched.

    Attributes:
        had_bugs: Whether a campaign was cut short by a bug of ours.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        joining: Joining,
        view: MonitorView,
        clock: Clock,
        warn: Callable[[str], None],
        remark: Callable[[str], None],
        current: Collection[Endpoint] = (),
    ) -> None:
        """Take who lets servers join, who is told of trouble, who of the rest, and whom the stint before watched."""
        self._around = around
        self._joining = joining
        self._view = view
        self._clock = clock
        self._warn = warn
        self._remark = remark
        self._current = frozenset(current)
        self._found = Found()
        self._named: Sequence[Endpoint] | None = None
        self._not_before_ns: dict[Kind, int] = {}
        self._engine: Engine | None = None
        self._stopping = False
        self.had_bugs = False

    async def run(self) -> None:
        """Go on until cancelled or stopped. Raises StoreError."""
        await self.read()
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(self._joining.go_on())
            while not self._stopping:
                kind = self.due()
                if kind is not None:
                    await self.make(kind)
                else:
                    await asyncio.sleep(_LOOK_EVERY_S)
            joining.cancel()

    @property
    def begins_with_names(self) -> bool:
        """Whether a watch begins with whom a person named: nobody was watched before, and no campaign found anybody."""
        return bool(self._joining.handed) and not self._current and not self._found.machines

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
        """Read from the store who was found, and hand them and whom a person named over, as far as they have rested."""
        if self._named is None:
            self._named = await self._around.named()
        held = self._current.union(self._joining.handed)
        self._found = await asyncio.to_thread(self._read)
        self._joining.take(endpoints_to_watch(self._found.machines, held, self._named))

    def due(self) -> Kind | None:
        """Return what is to be made now; of two, the one that asks more."""
        now_us, now_ns = self._clock.now_us(), self._clock.monotonic_ns()
        waits = {kind: self._due_us(kind, now_us, now_ns) for kind in Kind if self._every_s(kind) > 0}
        self._view.next_campaign_us = min(waits.values(), default=None)
        return next((kind for kind in (Kind.FULL, Kind.DISCOVERY) if kind in waits and waits[kind] <= now_us), None)

    async def make(self, kind: Kind) -> None:
        """Make a campaign, read what it found, and hand it over. Raises StoreError."""
        self._view.campaign = f"{kind} begins"
        self._remark(f"Making a {kind} campaign, which finds out who is there.")
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
            config=fitting(config, held=len(self._joining.handed)),
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

    def _put_off(self, kind: Kind, why: str) -> None:
        """Try again in an hour, whatever the store says of when such a campaign was made last."""
        wait_s = min(_AGAIN_AFTER_S, self._every_s(kind))
        self._not_before_ns[kind] = self._clock.monotonic_ns() + round(wait_s * 1e9)
        self._warn(f"The {kind} campaign came to nothing: {why}")

    def _every_s(self, kind: Kind) -> float:
        return self._around.due.full_s if kind is Kind.FULL else self._around.due.discovery_s

    def _due_us(self, kind: Kind, now_us: int, now_ns: int) -> int:
        """Return when a campaign is due. A clock set back delays nothing.

        One that was put off is not due before its time, and none within a rest of the moment at which the watch dialled
        everybody: it could ask nobody.
        """
        made_us = self._found.made(kind)
        due_us = now_us if made_us is None else min(made_us, now_us) + round(self._every_s(kind) * 1e6)
        not_before_ns = self._not_before_ns.get(kind, now_ns)
        if self._joining.began_ns is not None:
            not_before_ns = max(not_before_ns, self._joining.began_ns + round(self._around.book.rest_s * 1e9))
        put_off_us = (not_before_ns - now_ns) // 1_000
        return max(due_us, now_us + put_off_us)

    def _read(self) -> Found:
        around = self._around
        if not has_campaigns(around.data):
            return Found()
        with StoreReader.open(around.data) as reader:
            return find(reader, around.scope, around.found_under, remember_us=round(around.remember_s * 1e6))


class _Told:
    """Implements ``scanner.progress.ScanObserver``."""

    def __init__(self, kind: Kind, view: MonitorView) -> None:
        self._kind = kind
        self._view = view

    def progressed(self, progress: Progress) -> None:
        """Keep the line that the table shows."""
        self._view.campaign = f"{self._kind}: {line(progress)}"
