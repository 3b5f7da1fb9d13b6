"""Run a prepared scan in front of a person: progress, Ctrl-C, words at the end, exit code."""

import asyncio
import shlex
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.progress import shown_progress
from electrum_observatory.cli.unanswered import lines, network_is_gone, unanswered
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.failure import FailureKind
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
_OURS = ("bugs", f"failed_{FailureKind.OUT_OF_DESCRIPTORS}", f"failed_{FailureKind.BUG_IN_OBSERVATORY}")


def run_scan(scan: Scan, data: Path, *, quiet: bool = False, again: Sequence[str] = ()) -> ScanOutcome:
    """Scan into a data folder.

    Raises:
        StoreError: The data folder is locked, unwritable or full.
        KeyboardInterrupt: Aborted by a second signal; the campaign stays open.
    """
    try:
        return run(scan_into(scan, data, quiet=quiet))
    except asyncio.CancelledError as error:
        say(f"Aborted. Campaign {scan.campaign.campaign_id} stays open; what was recorded stays.")
        say(f"To go on: {go_on(scan, data, again)}")
        raise KeyboardInterrupt from error


async def scan_into(scan: Scan, data: Path, *, quiet: bool = False) -> ScanOutcome:
    """Do the same on the running event loop; the signals are ours meanwhile."""
    config = _fitting(scan.settings.scan.in_time_of(scan.clock.time_scale))
    with LiveStore.open(data, scan.clock) as store, shown_progress(quiet=quiet) as observer:
        engine = Engine(
            campaign=scan.campaign,
            config=config,
            sources=scan.sources,
            rules=scan.rules,
            dialer=scan.dialer,
            resolver=scan.resolver,
            sink=store,
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
            else:
                task.cancel()

        for one in _SIGNALS:
            loop.add_signal_handler(one, interrupted)
        try:
            return await engine.run()
        finally:
            for one in _SIGNALS:
                loop.remove_signal_handler(one)


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
    again: Sequence[str] = (),
) -> None:
    """Say how a scan ended, who did not answer and why, and what to do next.

    ``again`` are the options under which a scan that was interrupted goes on.
    """
    campaign_id = scan.campaign.campaign_id
    for error in outcome.source_errors:
        say(f"A list could not be used: {error}")
    if outcome.state is CampaignState.CANCELLED:
        say(f"To go on: {go_on(scan, data, again)}")
    if as_json:
        emit_json(
            {
                "campaign_id": campaign_id,
                "state": outcome.state,
                "counts": dict(outcome.counts),
                "source_errors": outcome.source_errors,
                "data": str(data),
                "report": report,
            }
        )
        return
    counts = outcome.counts
    limits = " Limits: lab; the default ones would have spared servers." if scan.settings.scan.limits == "lab" else ""
    say(f"Campaign {campaign_id} is {outcome.state}.{limits}")
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
        say(f"To read it: {shlex.join(['observatory', 'report', campaign_id, *_folder(data)])}")


def go_on(scan: Scan, data: Path, again: Sequence[str]) -> str:
    """Return the command that goes on where a scan stopped."""
    return shlex.join(["observatory", "scan", "--resume", scan.campaign.campaign_id, *again, *_folder(data)])


def _folder(data: Path) -> list[str]:
    return [] if data == Path("data") else ["--data", str(data)]


def show_plan(scan: Scan, *, as_json: bool) -> None:
    """Say who would be asked what."""
    run(plan_aloud(scan, as_json=as_json))


async def plan_aloud(scan: Scan, *, as_json: bool) -> None:
    """Do the same on the running event loop."""
    from electrum_observatory.scanner.plan import plan_scan

    plan = await plan_scan(config=scan.settings.scan, sources=scan.sources, rules=scan.rules)
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
