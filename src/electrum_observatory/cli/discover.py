"""``observatory discover``: who is there, without asking more than it takes to find out."""

import typer

from electrum_observatory.cli.console import emit_json, say, write
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.partial import standing
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

_PROBES = ("server_version", "features", "peers", "genesis")


def discover(
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
    tor: TorOption = None,
    allow_private: AllowPrivateOption = None,
    opt_out: OptOutOption = None,
    vantage: VantageOption = None,
    concurrency: ConcurrencyOption = None,
    overlay: OverlayOption = None,
    again: AgainOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find servers with the fewest questions; prints a list that `scan` takes: host:port:t|s|ws|wss.

    Each server is asked for its version, features, peers and first block only. The campaign is kept like any other.
    """
    from electrum_observatory.cli import ending, running
    from electrum_observatory.cli.settings import load_settings
    from electrum_observatory.cli.wiring import Selection, prepare, read_overlay

    given = flags(network, depth, concurrency, tor=tor, allow_private=allow_private, opt_out=opt_out, vantage=vantage)
    given["scan"] = {**given.get("scan", {}), "probes": _PROBES}
    selection = Selection(
        targets=tuple(targets or ()),
        known=known,
        electrum=electrum,
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        limit=limit,
        again=again,
    )
    prepared = prepare(
        load_settings(profile, **given),
        selection,
        data,
        overlay=read_overlay(overlay) if overlay else None,
        overlay_path=overlay,
    )
    if dry_run:
        running.show_plan(prepared, as_json=as_json)
        return
    outcome = running.run_scan(prepared, data)
    _print_found(data, prepared.campaign.campaign_id, as_json=as_json)
    if not as_json:
        ending.announce(prepared, outcome, data, as_json=False)
        _say_when(prepared.settings.scan.in_time_of(prepared.clock.time_scale).budgets.revisit_s)
    raise typer.Exit(ending.exit_of(outcome))


def _say_when(revisit_s: float) -> None:
    if revisit_s >= 60:
        say(f"`scan` leaves whom this asked in peace for {revisit_s / 60:.0f} minutes; with --again it asks at once.")


def _print_found(data: DataOption, campaign_id: str, *, as_json: bool) -> None:
    from electrum_observatory.model.endpoint import bracketed
    from electrum_observatory.store.reader import StoreReader

    letters = {"tcp": "t", "ssl": "s"}
    with StoreReader.open(data) as reader:
        answered = {
            (one.endpoint.host, one.endpoint.port, one.endpoint.transport)
            for one in reader.observations(campaign_id, probes=("server_version",))
            if one.attempt.result is not None
        }
        how_far = standing(reader, reader.campaign(campaign_id))
        advertised = {(one.host, one.port, one.transport) for one in reader.sightings(campaign_id)}
    if as_json:
        emit_json(
            {
                "campaign_id": campaign_id,
                **how_far.as_json(),
                "servers": [
                    {
                        "host": host,
                        "port": port,
                        "transport": transport,
                        "answered": (host, port, transport) in answered,
                    }
                    for host, port, transport in sorted(advertised | answered)
                ],
            }
        )
        return
    for host, port, transport in sorted(answered):
        write(f"{bracketed(host)}:{port}:{letters.get(transport, transport)}\n")
