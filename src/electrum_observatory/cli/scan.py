"""``observatory scan``: discover and ask servers, and keep what they say."""

from pathlib import Path
from typing import Annotated

import typer

from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.scan_options import (
    AgainOption,
    AllowPrivateOption,
    ConcurrencyOption,
    DepthOption,
    DryRunOption,
    ElectrumOption,
    ExcludeOption,
    KnownOption,
    LimitOption,
    NetworkOption,
    OnlyOption,
    OptOutOption,
    OverlayOption,
    ProfileOption,
    TargetsArgument,
    TorOption,
    VantageOption,
    flags,
)
from electrum_observatory.model.errors import UsageError


def scan(
    targets: TargetsArgument = None,
    profile: ProfileOption = "default",
    network: NetworkOption = None,
    data: DataOption = DEFAULT_DATA,
    only: OnlyOption = None,
    exclude: ExcludeOption = None,
    limit: LimitOption = None,
    depth: DepthOption = None,
    known: KnownOption = False,
    electrum: ElectrumOption = False,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="CAMPAIGN", help="Finish a partial campaign; asks nobody a second time."),
    ] = None,
    tor: TorOption = None,
    allow_private: AllowPrivateOption = None,
    opt_out: OptOutOption = None,
    vantage: VantageOption = None,
    concurrency: ConcurrencyOption = None,
    overlay: OverlayOption = None,
    ask_again: AgainOption = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark that is kept with the campaign.")] = "",
    with_report: Annotated[bool, typer.Option("--report", help="Write tables and pages afterwards.")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Discover and ask servers, and keep everything they say.

    A TARGET is a host, host:port:t|s|ws|wss, a file of such lines or of Electrum's servers.json, or a URL of either.
    Without one, the bundled list is the start. Servers are asked gently: a scan of the public network takes minutes.
    Ctrl-C ends politely and seals the campaign; a second Ctrl-C aborts. After either, and after a crash, --resume
    finishes it: with the options it was made with, unless others are given.
    """
    from electrum_observatory.cli import ending, running
    from electrum_observatory.cli.resuming import Resumed, read_resumed
    from electrum_observatory.cli.settings import load_settings, settings_of
    from electrum_observatory.cli.wiring import Selection, prepare, read_overlay

    if resume is not None and resume.startswith("-"):
        raise UsageError(f"--resume {resume}: name the campaign, or say --resume latest")
    resumed = read_resumed(data, resume) if resume is not None else None
    if resumed is not None and not isinstance(resumed, Resumed):
        ending.nothing_left(resumed, data, report=_report if with_report else None, as_json=as_json)
        return
    given = flags(network, depth, concurrency, tor=tor, allow_private=allow_private, opt_out=opt_out, vantage=vantage)
    selection = Selection(
        targets=tuple(targets or ()),
        known=known,
        electrum=electrum,
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        limit=limit,
        again=ask_again,
    )
    if resumed is not None:
        own = profile == "default"
        settings = settings_of(resumed.settings, **given) if own else load_settings(profile, **resumed.under(given))
        selection, overlay = resumed.selection(selection), overlay or resumed.overlay
    else:
        settings = load_settings(profile, **given)
    prepared = prepare(
        settings,
        selection,
        data,
        overlay=read_overlay(overlay) if overlay else None,
        overlay_path=overlay,
        note=note,
        resumed=resumed,
    )
    if dry_run:
        running.show_plan(prepared, as_json=as_json)
        return
    outcome = running.run_scan(prepared, data)
    report = _report(data, prepared.campaign.campaign_id) if with_report else None
    ending.announce(prepared, outcome, data, as_json=as_json, report=report)
    raise typer.Exit(ending.exit_of(outcome))


def _report(data: Path, campaign_id: str) -> str | None:
    from electrum_observatory.cli.report import write_report

    return write_report(data, campaign_id).report
