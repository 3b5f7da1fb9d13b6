"""Join the rooms for a watch: which watch goes on, who dials for it, what keeps it, and what runs beside it."""

import dataclasses
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from electrum_observatory import __version__
from electrum_observatory.cli.dial_book import BookedDialer, DialBook
from electrum_observatory.cli.monitor_past import Past
from electrum_observatory.cli.monitor_settings import Rediscovery
from electrum_observatory.cli.public_scripts import with_script_hashes
from electrum_observatory.cli.rediscovery import Kind, Scope, settings_of_kind
from electrum_observatory.cli.settings import Settings
from electrum_observatory.cli.wiring import Scan, Selection, prepare
from electrum_observatory.model.campaign import campaign_id
from electrum_observatory.model.observation import Json
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import WatchSink, WatchSource
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.proxy import SocksProxy
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.watching.config import WatchingConfig
from electrum_observatory.scanner.watching.monitor import Monitor
from electrum_observatory.scanner.watching.observer import MonitorObserver

_ALMOST = 0.9  # of a rest: what cron calls every ten minutes is not always on the second


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The lab that is dialled instead of the network."""

    overlay: Overlay
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """Everything that a person's wishes decide about a watch. Nobody was dialled yet.

    Attributes:
        settings: As resolved, without what cannot be asked through a proxy.
        selection: Whom the campaigns begin with.
        data: The data folder.
        lab: The lab; None for the real network.
        note: A remark that is kept with a watch that begins.
        scan: A full campaign as it would begin now; its clock, rules and dialler are the watch's too.
        watching: How the watch asks, in real seconds.
        due: How often campaigns are made, in real seconds.
        rest_s: Real seconds between two visits to one machine.
        spacing_s: Real seconds between two new connections to one machine.
    """

    settings: Settings
    selection: Selection
    data: Path
    lab: Lab | None
    note: str
    scan: Scan
    watching: WatchingConfig
    due: Rediscovery
    rest_s: float
    spacing_s: float

    @property
    def clock(self) -> SystemClock:
        """The clock of the world that is watched."""
        return self.scan.clock

    @property
    def scope(self) -> Scope:
        """Whose campaigns say who is watched."""
        named = self.scan.sitting.options["selection"]["targets"]
        overlay = self.scan.campaign.overlay
        return Scope(network=self.scan.campaign.network, lab=overlay["name"] if overlay else None, targets=tuple(named))

    def campaign(self, kind: Kind, somebody_known: bool) -> Scan:
        """Join a campaign of a kind. Who was found before is asked again, unless a person named whom to ask."""
        known = self.selection.known or (somebody_known and not self.selection.targets)
        return prepare(
            settings_of_kind(self.settings, kind),
            dataclasses.replace(self.selection, known=known),
            self.data,
            overlay=self.lab.overlay if self.lab else None,
            overlay_path=self.lab.path if self.lab else None,
            note=f"{kind}, beside a watch",
            beside_a_watch=True,
        )


def plan_watch(settings: Settings, selection: Selection, data: Path, *, lab: Lab | None, note: str) -> WatchPlan:
    """Resolve what a person wants. Raises UsageError and InputError, as a scan does."""
    settings = with_script_hashes(settings)
    scan = prepare(
        settings_of_kind(settings, Kind.FULL),
        selection,
        data,
        overlay=lab.overlay if lab else None,
        overlay_path=lab.path if lab else None,
        note=note,
        beside_a_watch=True,
    )
    scale = scan.clock.time_scale
    due, budgets = settings.monitor.rediscovery, scan.settings.scan.in_time_of(scale).budgets
    return WatchPlan(
        settings=scan.settings,
        selection=selection,
        data=data,
        lab=lab,
        note=note,
        scan=scan,
        watching=settings.monitor.watching.in_time_of(scale),
        due=dataclasses.replace(due, discovery_s=due.discovery_s / scale, full_s=due.full_s / scale),
        rest_s=budgets.revisit_s,
        spacing_s=budgets.spacing_s / scale,
    )


def watch_to_keep(plan: WatchPlan, source: WatchSource | None, *, new: bool) -> Watch:
    """Return the latest watch of the same vantage, network and lab; one that begins where there is none, or on wish."""
    campaign = plan.scan.campaign
    world = (campaign.vantage, plan.scope.network, plan.scope.lab)
    for one in reversed(source.watches() if source is not None and not new else ()):
        if (one.vantage, one.network, (one.overlay or {}).get("name")) == world:
            return one
    started_at_us = plan.clock.now_us()
    config = config_of(plan)
    return Watch(
        watch_id=campaign_id(started_at_us, campaign.vantage, f"{random.SystemRandom().getrandbits(24):06x}"),
        vantage=campaign.vantage,
        network=campaign.network,
        started_at_us=started_at_us,
        config=config,
        config_sha256=hashlib.sha256(json.dumps(config, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        overlay=campaign.overlay,
        note=plan.note,
    )


def config_of(plan: WatchPlan) -> Mapping[str, Json]:
    """Return the whole resolved configuration: settings, and whom the campaigns begin with."""
    config: dict[str, Json] = {
        "settings": plan.settings.model_dump(mode="json"),
        "selection": plan.scan.sitting.options["selection"],
    }
    return config


def new_stint(plan: WatchPlan) -> Stint:
    """Return this process's stint, beginning now."""
    return Stint(
        started_at_us=plan.clock.now_us(),
        started_monotonic_ns=plan.clock.monotonic_ns(),
        boot_id=plan.clock.boot_id,
        tool_version=__version__,
        config=config_of(plan),
    )


def dial_book(plan: WatchPlan, past: Past, *, once: bool) -> DialBook:
    """Return the book of dials, with those of earlier campaigns.

    Where a process makes one round and ends, its connections are visits, and count as such the next time.
    """
    book = DialBook(plan.clock, rest_s=plan.rest_s, spacing_s=plan.spacing_s)
    now_us = plan.clock.now_us()
    for machine, at_us in plan.scan.rules.history.visits.items():
        book.note(machine, ago_s=(now_us - at_us) / 1e6)
    if once and past.last_round_us is not None:
        for endpoint in past.watched:
            ago_s = (now_us - past.last_round_us) / 1e6 + (1 - _ALMOST) * plan.rest_s
            book.note(machine_key(endpoint), ago_s=ago_s)
    return book


def monitor_of(
    plan: WatchPlan,
    *,
    watch: Watch,
    past: Past,
    sink: WatchSink,
    book: DialBook,
    observer: MonitorObserver,
) -> Monitor:
    """Join the engine of a watch, with a stint that begins now."""
    settings = plan.settings
    dialer = Dialer(
        clock=plan.clock,
        policy=plan.scan.rules.addresses,
        overlay=plan.lab.overlay if plan.lab else None,
        proxy=SocksProxy.parse(settings.tor) if settings.tor else None,
        limits=plan.watching.limits,
        deadlines=settings.dialling,
    )
    return Monitor(
        watch=watch,
        stint=new_stint(plan),
        dialer=BookedDialer(dialer, book),
        sink=sink,
        clock=plan.clock,
        rng=random.SystemRandom(),
        config=plan.watching,
        rules=plan.scan.rules,
        observer=observer,
        first_round=past.next_round,
        was_up=past.was_up,
        slept_ns=plan.clock.slept_ns,
    )
