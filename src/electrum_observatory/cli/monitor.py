"""``observatory monitor``: the same few questions to many servers at the same moments, for months."""

from typing import Annotated

import typer

from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, StoreOption
from electrum_observatory.cli.scan_options import (
    AllowPrivateOption,
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

EveryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--every",
        metavar="WHAT=DURATION",
        help="How often: histogram, tip, fee_floor, estimates, ping (5m each); pending (1h, of each --script); "
        "discovery (1d); full (1w). Repeatable.",
    ),
]
ScriptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--script",
        metavar="ADDRESS|SCRIPTHASH",
        help="Ask every server what is pending for this busy, publicly known script, such as a mining pool's payout "
        "address. Every watched server sees it: NEVER name your own or anybody's private address. Repeatable, up to 8.",
    ),
]


def monitor(
    targets: TargetsArgument = None,
    profile: ProfileOption = "default",
    network: NetworkOption = None,
    data: DataOption = DEFAULT_DATA,
    every: EveryOption = None,
    script: ScriptOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="One round, then end: for cron, at most every 10 minutes.")
    ] = False,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="End after so long, such as 8h or 30d.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin another watch instead of going on with the last.")] = False,
    only: OnlyOption = None,
    exclude: ExcludeOption = None,
    limit: LimitOption = None,
    depth: DepthOption = None,
    known: KnownOption = False,
    electrum: ElectrumOption = False,
    tor: TorOption = None,
    allow_private: AllowPrivateOption = None,
    opt_out: OptOutOption = None,
    vantage: VantageOption = None,
    overlay: OverlayOption = None,
    store: StoreOption = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark that is kept with a new watch.")] = "",
    dry_run: DryRunOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON to stdout for each round.")] = False,
) -> None:
    """Watch servers: ask all of them a few questions at the same moments, every five minutes, for months.

    A TARGET is as in `scan`; servers that are named are watched at once. A campaign finds who is there, today and every
    day; whoever answers is watched over one connection that stays open. Called again with the same data folder, vantage
    and network, the watch goes on, and the time between is kept as a gap of ours. Ctrl-C ends politely; a second Ctrl-C
    aborts.
    """
    from electrum_observatory.cli import monitor_running
    from electrum_observatory.cli.durations import seconds_of
    from electrum_observatory.cli.monitor_plan import show_watch_plan
    from electrum_observatory.cli.monitor_settings import check_pending, watch_flags
    from electrum_observatory.cli.monitor_wiring import Lab, plan_watch
    from electrum_observatory.cli.settings import load_settings
    from electrum_observatory.cli.wiring import Selection, read_overlay

    given = flags(network, depth, None, tor=tor, allow_private=allow_private, opt_out=opt_out, vantage=vantage)
    for_s = seconds_of(for_) if for_ is not None else None
    selection = Selection(
        targets=tuple(targets or ()),
        known=known,
        electrum=electrum,
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        limit=limit,
    )
    settings = load_settings(profile, **given, **watch_flags(every or (), script or ()))
    check_pending(every or (), settings.monitor)
    plan = plan_watch(
        settings,
        selection,
        data,
        lab=Lab(overlay=read_overlay(overlay), path=overlay) if overlay else None,
        note=note,
    )
    if dry_run:
        show_watch_plan(plan, as_json=as_json)
        return
    wishes = monitor_running.Wishes(once=once, for_s=for_s, new=new, as_json=as_json, store_url=store)
    raise typer.Exit(monitor_running.run_watch(plan, wishes))
