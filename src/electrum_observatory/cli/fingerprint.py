"""``observatory fingerprint [HOST…]``: ask servers how they behave, and say what software that is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.identified import Identified, emit_identified
from electrum_observatory.cli.identify import MaskNamesOption
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.scan_options import (
    AgainOption,
    AllowPrivateOption,
    ConcurrencyOption,
    DryRunOption,
    ExcludeOption,
    LimitOption,
    NetworkOption,
    OnlyOption,
    OptOutOption,
    OverlayOption,
    TorOption,
    VantageOption,
    flags,
)
from electrum_observatory.cli.treatment_told import emit_treatment, treatment_json
from electrum_observatory.cli.truth_told import emit_truth, truth_json
from electrum_observatory.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from electrum_observatory.store.reader import StoreReader

HostsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="HOST", help="Host or host:port:t|s|ws|wss; none: tell of what is stored, ask nobody."),
]
ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile", metavar="NAME|FILE", help="fingerprinting, aggressive (consenting servers only) or a YAML file."
    ),
]

TreatmentOption = Annotated[
    bool,
    typer.Option(
        "--treatment",
        help="Also ask the same in several ways, which takes eight hours more, and compare; one of them bears a "
        "wallet's name, so only for your own servers, consenting ones and open studies (docs/treatment.md).",
    ),
]
BatchesOption = Annotated[
    int | None,
    typer.Option("--batches", min=1, max=20, metavar="N", help="With --treatment: batches of visits; 2 unless given."),
]
_BATCHES = 2


def fingerprint(
    hosts: HostsArgument = None,
    profile: ProfileOption = "fingerprinting",
    network: NetworkOption = None,
    data: DataOption = DEFAULT_DATA,
    campaign: Annotated[
        str, typer.Option("--campaign", help="Without HOST: the stored campaign; an id, its beginning, or 'latest'.")
    ] = "latest",
    mask_names: MaskNamesOption = False,
    only: OnlyOption = None,
    exclude: ExcludeOption = None,
    limit: LimitOption = None,
    treatment: TreatmentOption = False,
    batches: BatchesOption = None,
    tor: TorOption = None,
    allow_private: AllowPrivateOption = None,
    opt_out: OptOutOption = None,
    vantage: VantageOption = None,
    concurrency: ConcurrencyOption = None,
    overlay: OverlayOption = None,
    ask_again: AgainOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask servers how they behave, in several visits with rests between them, and say which software answers so.

    Visits to one server lie ten minutes apart, so this takes a while; Ctrl-C ends politely, and what was learned until
    then is told. Without HOST, what a campaign in the data folder learned is told, and nobody is asked.
    """
    if batches is not None and not treatment:
        raise UsageError("--batches: says how often --treatment asks, so give that too")
    if not hosts:
        if dry_run or overlay is not None or treatment:
            raise UsageError("name the servers to ask: without HOST nobody is asked")
        _tell(data, campaign, mask_names=mask_names, as_json=as_json)
        return
    from electrum_observatory.cli import ending, running
    from electrum_observatory.cli.settings import load_settings
    from electrum_observatory.cli.wiring import Selection, prepare, read_overlay

    given = flags(network, 0, concurrency, tor=tor, allow_private=allow_private, opt_out=opt_out, vantage=vantage)
    if treatment:
        given["scan"]["treatment"] = batches or _BATCHES
    prepared = prepare(
        load_settings(profile, **given),
        Selection(
            targets=tuple(hosts),
            only=tuple(only or ()),
            exclude=tuple(exclude or ()),
            limit=limit,
            again=ask_again,
        ),
        data,
        overlay=read_overlay(overlay) if overlay else None,
        overlay_path=overlay,
        note="",
    )
    if dry_run:
        running.show_plan(prepared, as_json=as_json)
        return
    outcome = running.run_scan(prepared, data)
    answered = outcome.counts.get("answered", 0) > 0
    if answered:
        _tell(data, prepared.campaign.campaign_id, mask_names=mask_names, as_json=as_json)
    if not (answered and as_json):  # one document on stdout is enough
        ending.announce(prepared, outcome, data, as_json=as_json)
    raise typer.Exit(ending.exit_of(outcome))


def _tell(data: Path, campaign: str, *, mask_names: bool, as_json: bool) -> None:
    from electrum_observatory.analysis.treatment_stored import treatment_of
    from electrum_observatory.analysis.truth.stored import truths_of
    from electrum_observatory.cli.partial import say_if_partial
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        standing = say_if_partial(reader, stored)
        campaign_id = stored.campaign.campaign_id
        found = _identified(reader, campaign_id, mask_names=mask_names)
        truths = truths_of(reader, campaign_id)
        arms = treatment_of(reader, campaign_id)
    if not found:
        raise InputError(f"campaign {campaign_id} holds no reply of any server: nothing can be said of one")
    told = {one.server: truths[one.endpoint_id] for one in found if one.endpoint_id in truths}
    treated = {one.server: arms[one.endpoint_id] for one in found if one.endpoint_id in arms}
    if as_json:
        servers = [
            {
                **one.as_json(),
                "truth": truth_json(told[one.server]) if one.server in told else None,
                "treatment": treatment_json(treated[one.server]) if one.server in treated else None,
            }
            for one in found
        ]
        emit_json({"campaign_id": campaign_id, **standing.as_json(), "servers": servers})
        return
    emit_identified(found, as_json=False)
    if told:
        emit_truth(told)
    else:
        say(f"Nothing is known beforehand of the chain of {stored.campaign.network}: no answer was held against it.")
    if treated:
        emit_treatment(treated)
    say(f"{len(found)} endpoints of campaign {campaign_id}, by what they answered.")


def _identified(reader: "StoreReader", campaign_id: str, *, mask_names: bool) -> list[Identified]:
    from electrum_observatory.analysis.behaviour import conversations, day_of, judge

    seen_on = day_of(reader.campaign(campaign_id).campaign)
    found = []
    for endpoint, dialogues in conversations(reader, campaign_id):
        behaviour = judge(dialogues, mask_names=mask_names, seen_on=seen_on)
        found.append(
            Identified(
                server=endpoint.canonical,
                endpoint_id=endpoint.endpoint_id,
                transport=endpoint.transport.value,
                dialogues=len(dialogues),
                identification=behaviour.identification,
                fingerprint=behaviour.fingerprint,
            )
        )
    return found
