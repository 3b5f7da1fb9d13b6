"""The words after a scan: how it ended, who did not answer and why, what to do next; and its exit code."""

from collections.abc import Callable, Mapping
from pathlib import Path

from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.partial import Standing, go_on
from electrum_observatory.cli.peace import in_peace_words
from electrum_observatory.cli.unanswered import Unanswered, lines, network_is_gone, unanswered
from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.report.words import many
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoredCampaign, StoreReader

_BUGS = f"failed_{FailureKind.BUG_IN_OBSERVATORY}"
_OURS = ("bugs", f"failed_{FailureKind.OUT_OF_DESCRIPTORS}", _BUGS)


def exit_of(outcome: ScanOutcome) -> Exit:
    """Return the exit code of a scan."""
    counts = outcome.counts
    if outcome.state is CampaignState.CANCELLED:
        return Exit.INTERRUPTED
    if counts.get("answered", 0) == 0:
        if _bugs_explain_everything(counts):
            return Exit.OUR_BUG
        return Exit.UNREADABLE_INPUT if outcome.state is CampaignState.FAILED else Exit.NOTHING_ANSWERED
    ours = outcome.source_errors or outcome.state is CampaignState.FAILED or any(map(counts.get, _OURS))
    return Exit.PARTIAL if ours else Exit.DONE


def _bugs_explain_everything(counts: Mapping[str, int]) -> bool:
    """Whether whoever was looked up or dialled failed for a bug of ours, and nobody for any other reason."""
    tried = counts.get("failed", 0) + counts.get("unresolved", 0)
    return 0 < tried <= counts.get(_BUGS, 0)


def announce(scan: Scan, outcome: ScanOutcome, data: Path, *, as_json: bool, report: str | None = None) -> None:
    """Say how a scan ended, who did not answer and why, and what to do next."""
    partial = outcome.state.partial
    standing = Standing(state=outcome.state, go_on=go_on(scan.campaign, data) if partial else None)
    bugs = any(map(outcome.counts.get, ("bugs", _BUGS)))
    silent = _unanswered(scan.campaign.campaign_id, data) if bugs or not as_json else ()
    for error in outcome.source_errors:
        say(f"A list could not be used: {error}")
    hidden = outcome.counts.get("bugs", 0) - outcome.counts.get(_BUGS, 0)
    if hidden > 0:
        say(f"A bug of ours cut {many(hidden, 'visit')} short: please report it with the output of `observatory show`.")
    if partial:
        say(f"To go on: {standing.go_on}")
    peace = in_peace_words(outcome.counts)
    if peace is not None:
        say(peace)
    if as_json:
        for one in silent:
            if one.kind is FailureKind.BUG_IN_OBSERVATORY:
                say(one.line)
        emit_json(_as_json(scan.campaign.campaign_id, standing, outcome, data, report))
    else:
        _say_it(scan, standing, outcome.counts, silent)
        _say_where(scan.campaign.campaign_id, data, report, answered=outcome.counts.get("answered", 0))


def _unanswered(campaign_id: str, data: Path) -> tuple[Unanswered, ...]:
    with StoreReader.open(data) as reader:
        return unanswered(reader.observations(campaign_id, probes=("connection", "server_version")))


def _as_json(
    campaign_id: str, standing: Standing, outcome: ScanOutcome, data: Path, report: str | None
) -> dict[str, object]:
    return {
        "campaign_id": campaign_id,
        **standing.as_json(),
        "counts": dict(outcome.counts),
        "source_errors": outcome.source_errors,
        "data": str(data),
        "report": report,
    }


def _say_it(scan: Scan, standing: Standing, counts: Mapping[str, int], silent: tuple[Unanswered, ...]) -> None:
    limits = " Limits: lab; the default ones would have spared servers." if scan.settings.scan.limits == "lab" else ""
    say(f"Campaign {scan.campaign.campaign_id} is {standing.words}.{limits}")
    left = counts.get("unvisited", 0)
    not_yet = f", {left} not yet asked" if left else ""
    say(
        f"{many(counts.get('endpoints', 0), 'endpoint')}: {counts.get('answered', 0)} answered "
        f"({counts.get('verified', 0)} verified by genesis block), {counts.get('failed', 0)} failed, "
        f"{counts.get('unresolved', 0)} did not resolve, {counts.get('refused', 0)} refused by our own rules{not_yet}."
    )
    made, ahead = counts.get("visits", 0), counts.get("visits_left", 0)
    if made or ahead:
        say(f"{many(made, 'further visit')} about behaviour{f', {ahead} left' if ahead else ''}.")
    for line in lines(silent):
        say(f"  {line}")
    if counts.get("answered", 0) == 0 and network_is_gone(silent):
        say("Nothing answered. Is there a network? `observatory doctor` looks; `observatory demo` needs none.")


def _say_where(campaign_id: str, data: Path, report: str | None, *, answered: int) -> None:
    if report is not None:
        say(f"Report: {report}")
    elif answered:
        say(f"To read it: {command(data, 'report', campaign_id)}")


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
        complete = Standing(state=stored.state).as_json()
        emit_json({"campaign_id": name, **complete, "data": str(data), "report": written})
    elif written is not None:
        say(f"Report: {written}")
