"""Run a prepared scan in front of a person: progress, Ctrl-C, words at the end, exit code."""

import asyncio
import contextlib
import shlex
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from electrum_observatory.cli.collecting import rarer_collections
from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.partial import folder_option, go_on, state_words
from electrum_observatory.cli.progress import shown_progress
from electrum_observatory.cli.sitting_sink import OnCommit, SittingSink, look_away
from electrum_observatory.cli.unanswered import lines, network_is_gone, unanswered
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import ObservatoryError, StoreError, UsageError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.descriptors import raise_descriptor_limit
from electrum_observatory.net.loop import run
from electrum_observatory.report.words import many
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.engine import Engine
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoredCampaign, StoreReader

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_OWN_DESCRIPTORS = 48  # database, files, event loop, lookups; a conversation takes one more
_OURS = ("bugs", f"failed_{FailureKind.OUT_OF_DESCRIPTORS}", f"failed_{FailureKind.BUG_IN_OBSERVATORY}")


def run_scan(scan: Scan, data: Path, *, quiet: bool = False) -> ScanOutcome:
    """Scan into a data folder.

    Raises:
        StoreError: The data folder is locked, unwritable or full; what was recorded before stays.
        KeyboardInterrupt: Aborted by a second signal; the campaign stays open, unless it was sealed already.
    """
    try:
        with rarer_collections():
            return run(scan_into(scan, data, quiet=quiet))
    except StoreError:
        _say_how_to_go_on(scan, data)
        raise
    except asyncio.CancelledError as error:
        say("Aborted; what was recorded stays.")
        _say_how_to_go_on(scan, data)
        raise KeyboardInterrupt from error


def _say_how_to_go_on(scan: Scan, data: Path) -> None:
    """Say what became of the campaign, where it was opened and can be read."""
    with contextlib.suppress(ObservatoryError), StoreReader.open(data) as reader:
        state = reader.campaign(scan.campaign.campaign_id).state
        say(f"Campaign {scan.campaign.campaign_id} is {state_words(state)}.")
        if state.partial:
            say(f"To go on: {go_on(scan.campaign, data)}")


async def scan_into(scan: Scan, data: Path, *, quiet: bool = False, on_commit: OnCommit = look_away) -> ScanOutcome:
    """Do the same on the running event loop; the signals are ours meanwhile.

    ``on_commit`` is called with each batch once it is on the disk: nothing of it can be lost from then on.
    """
    config = _fitting(scan.settings.scan.in_time_of(scan.clock.time_scale))
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


def _fitting(config: ScanConfig) -> ScanConfig:
    """Return the configuration with no more conversations and lookups at once than this process may open.

    Raises:
        UsageError: It may hardly open anything.
    """
    allowed = raise_descriptor_limit().now
    room = allowed - _OWN_DESCRIPTORS
    if room >= config.open_at_once + config.resolves_open_at_once:
        return config
    what_to_do = "raise it with ulimit -n, or LimitNOFILE= in a systemd unit"
    if room < 1:
        raise UsageError(
            f"only {allowed} file descriptors are allowed here, {_OWN_DESCRIPTORS + 1} are needed: {what_to_do}"
        )
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


def exit_of(outcome: ScanOutcome) -> Exit:
    """Return the exit code of a scan."""
    if outcome.state is CampaignState.CANCELLED:
        return Exit.INTERRUPTED
    if outcome.counts.get("answered", 0) == 0:
        return Exit.UNREADABLE_INPUT if outcome.state is CampaignState.FAILED else Exit.NOTHING_ANSWERED
    ours = outcome.source_errors or outcome.state is CampaignState.FAILED or any(map(outcome.counts.get, _OURS))
    return Exit.PARTIAL if ours else Exit.DONE


def announce(
    scan: Scan,
    outcome: ScanOutcome,
    data: Path,
    *,
    as_json: bool,
    report: str | None = None,
) -> None:
    """Say how a scan ended, who did not answer and why, and what to do next."""
    campaign_id = scan.campaign.campaign_id
    for error in outcome.source_errors:
        say(f"A list could not be used: {error}")
    if outcome.state.partial:
        say(f"To go on: {go_on(scan.campaign, data)}")
    if as_json:
        emit_json(
            {
                "campaign_id": campaign_id,
                "state": outcome.state,
                "partial": outcome.state.partial,
                "counts": dict(outcome.counts),
                "source_errors": outcome.source_errors,
                "data": str(data),
                "report": report,
            }
        )
        return
    counts = outcome.counts
    limits = " Limits: lab; the default ones would have spared servers." if scan.settings.scan.limits == "lab" else ""
    say(f"Campaign {campaign_id} is {state_words(outcome.state)}.{limits}")
    say(
        f"{many(counts.get('endpoints', 0), 'endpoint')}: {counts.get('answered', 0)} answered "
        f"({counts.get('verified', 0)} verified by genesis block), {counts.get('failed', 0)} failed, "
        f"{counts.get('unresolved', 0)} did not resolve, {counts.get('refused', 0)} refused by our own rules."
    )
    with StoreReader.open(data) as reader:
        silent = unanswered(reader.observations(campaign_id, probes=("connection", "server_version")))
    for line in lines(silent):
        say(f"  {line}")
    if counts.get("answered", 0) == 0 and network_is_gone(silent):
        say("Nothing answered. Is there a network? `observatory doctor` looks; `observatory demo` needs none.")
    if report is not None:
        say(f"Report: {report}")
    elif counts.get("answered", 0):
        say(f"To read it: {shlex.join(['observatory', 'report', campaign_id, *folder_option(data)])}")


def nothing_left(
    stored: StoredCampaign, data: Path, *, report: Callable[[Path, str], str | None] | None, as_json: bool
) -> None:
    """Say that a campaign is complete; make its files where they were not written to the end."""
    name = stored.campaign.campaign_id
    with StoreReader.open(data) as reader:
        unfinished = name in reader.unfinished_files()
    if unfinished:
        with LiveStore.open(data, SystemClock()) as store:
            store.write_files(name)
        say(f"The files of {name} were not written to the end; now they are.")
    written = report(data, name) if report is not None else None
    say(f"Nothing is left to do: {name} is complete.")
    if as_json:
        emit_json({"campaign_id": name, "state": stored.state, "partial": False, "data": str(data), "report": written})


def show_plan(scan: Scan, *, as_json: bool) -> None:
    """Say who would be asked what."""
    run(plan_aloud(scan, as_json=as_json))


async def plan_aloud(scan: Scan, *, as_json: bool) -> None:
    """Do the same on the running event loop."""
    from electrum_observatory.scanner.plan import plan_scan

    config = scan.settings.scan.in_time_of(scan.clock.time_scale)
    plan = await plan_scan(config=config, sources=scan.sources, rules=scan.rules, now_us=scan.clock.now_us())
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
    say("Dry run: nobody was asked.")
