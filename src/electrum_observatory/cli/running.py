"""Run a prepared scan in front of a person: progress, Ctrl-C, and what would be asked in a dry run."""

import asyncio
import contextlib
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from electrum_observatory.cli.collecting import rarer_collections
from electrum_observatory.cli.consent import WARNING, is_aggressive
from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.partial import standing
from electrum_observatory.cli.planned_visits import further_visits
from electrum_observatory.cli.progress import shown_progress
from electrum_observatory.cli.sitting_sink import OnCommit, SittingSink, look_away
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.errors import ObservatoryError, StoreError, UsageError
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.loop import run
from electrum_observatory.report.words import many
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.engine import Engine
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_OWN_DESCRIPTORS = 48  # database, files, event loop, lookups; a conversation takes one more


def run_scan(scan: Scan, data: Path, *, quiet: bool = False) -> ScanOutcome:
    """Scan into a data folder.

    Raises:
        StoreError: The data folder is locked, unwritable or full; what was recorded before stays.
        KeyboardInterrupt: Aborted by a second signal; the campaign stays open, unless it was sealed already.
    """
    try:
        with rarer_collections():
            return run(scan_into(scan, data, quiet=quiet))
    except StoreError as error:
        for line in _what_became_of(scan, data):
            error.add_note(line)  # said after the reason
        raise
    except asyncio.CancelledError as error:
        say("Aborted; what was recorded stays.")
        for line in _what_became_of(scan, data):
            say(line)
        raise KeyboardInterrupt from error


def _what_became_of(scan: Scan, data: Path) -> list[str]:
    """Say what became of the campaign and how to go on with it, where it was opened and can be read."""
    with contextlib.suppress(ObservatoryError), StoreReader.open(data) as reader:
        found = standing(reader, reader.campaign(scan.campaign.campaign_id))
        how = [] if found.go_on is None else [f"To go on: {found.go_on}"]
        return [f"Campaign {scan.campaign.campaign_id} is {found.words}.", *how]
    return []


async def scan_into(scan: Scan, data: Path, *, quiet: bool = False, on_commit: OnCommit = look_away) -> ScanOutcome:
    """Do the same on the running event loop; the signals are ours meanwhile.

    ``on_commit`` is called with each batch once it is on the disk: nothing of it can be lost from then on.
    """
    config = fitting(scan.settings.scan.in_time_of(scan.clock.time_scale))
    if is_aggressive(config):
        say(WARNING)
    stopped = asyncio.Event()
    with LiveStore.open(data, scan.clock) as store, shown_progress(quiet=quiet) as observer:
        engine = Engine(
            campaign=scan.campaign,
            config=config,
            sources=scan.sources,
            rules=scan.rules,
            dialer=scan.dialer,
            resolver=scan.resolver,
            sink=SittingSink(store, scan, on_commit),
            clock=scan.clock,
            observer=observer,
            reference=scan.reference,
        )
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        interruptions: Counter[str] = Counter()

        def interrupted() -> None:
            interruptions["seen"] += 1
            if interruptions["seen"] == 1:
                say("Stopping: conversations under way may end, then the campaign is sealed. Once more aborts.")
                engine.stop()
                stopped.set()
            else:
                task.cancel()

        for one in _SIGNALS:
            loop.add_signal_handler(one, interrupted)
        try:
            await _let_machines_rest(scan, stopped)
            return await engine.run()
        finally:
            for one in _SIGNALS:
                loop.remove_signal_handler(one)


async def _let_machines_rest(scan: Scan, stopped: asyncio.Event) -> None:
    """Wait until no machine can see two connections within one spacing, or until stopped."""
    if scan.wait_s <= 0:
        return
    real_s = scan.wait_s / scan.clock.time_scale
    if real_s >= 1:
        say(f"Going on in {real_s:.0f} s, so that nobody who was just asked is asked again at once.")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(real_s):
            await stopped.wait()


def fitting(config: ScanConfig, *, held: int = 0) -> ScanConfig:
    """Return the configuration with no more conversations and lookups at once than this process may open.

    ``held`` is how many connections are kept open beside the scan.

    Raises:
        UsageError: It may hardly open anything.
    """
    allowed = raise_descriptor_limit().now
    needed = _OWN_DESCRIPTORS + held
    room = allowed - needed
    if room >= config.open_at_once + config.resolves_open_at_once:
        return config
    what_to_do = "raise it with ulimit -n, or LimitNOFILE= in a systemd unit"
    if room < 1:
        raise UsageError(f"only {allowed} file descriptors are allowed here, {needed + 1} are needed: {what_to_do}")
    lookups = min(room // 8, config.resolves_open_at_once)
    visits = min(room - lookups, config.open_at_once)
    if visits < config.open_at_once:
        say(f"Only {allowed} file descriptors are allowed here, so {visits} conversations at once: {what_to_do}.")
    return replace(
        config,
        concurrency=min(config.concurrency, visits),
        open_at_once=visits,
        resolves_open_at_once=max(lookups, 1),
    )


def show_plan(scan: Scan, *, as_json: bool) -> None:
    """Say who would be asked what."""
    run(plan_aloud(scan, as_json=as_json))


async def plan_aloud(scan: Scan, *, as_json: bool) -> None:
    """Do the same on the running event loop."""
    from electrum_observatory.scanner.plan import plan_scan

    config = scan.settings.scan.in_time_of(scan.clock.time_scale)
    plan = await plan_scan(
        config=config,
        sources=scan.sources,
        rules=scan.rules,
        now_us=scan.clock.now_us(),
        reference=scan.reference,
    )
    if as_json:
        built: dict[str, Any] = msgspec.to_builtins(plan)
        emit_json(built)
        return
    rows = [(one.transport, one.host, one.port, ", ".join(one.tellers)) for one in plan.targets]
    emit_table("", ("transport", "host", "port", "named by"), rows)
    for refusal in plan.refusals:
        say(f"refused: {refusal.endpoint.canonical}: {refusal.detail}")
    for source in plan.not_read:
        say(f"not read in a dry run, since it must be fetched: {source}")
    for name, number in plan.counts.items():
        say(f"{name}: {number}")
    say(
        f"{many(len(plan.targets), 'target')} to start with. Each visit sends at most {plan.requests_per_visit} "
        f"requests ({', '.join(plan.probes)}) over at most {many(plan.connections_per_visit, 'connection')}, "
        f"{plan.spacing_s:g} s apart. Hearsay would be followed {many(plan.depth, 'step')} far."
    )
    for line in further_visits(plan):
        say(line)
    if is_aggressive(config):
        say(WARNING)
    say("Dry run: nobody was asked.")
