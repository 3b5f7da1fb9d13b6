"""``observatory truth [CAMPAIGN…]``: which stored answers do not fit proofs, known facts or other servers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.place import Place
from electrum_observatory.report.words import many

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from electrum_observatory.analysis.truth.finding import Finding, Quote
    from electrum_observatory.analysis.truth.judge import Judgement
    from electrum_observatory.bitcoin.reference import ChainReference
    from electrum_observatory.model.campaign import Campaign
    from electrum_observatory.store.reader import StoreReader

_COLUMNS = ("server", "finding", "severity", "what does not fit", "shown by")


def truth(
    campaigns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CAMPAIGN…",
            help="Campaigns of one network, judged together: ids, their beginnings, or 'latest'. Default: latest.",
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="FILE", help="overlay.json of the lab that was scanned.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which stored answers do not fit proofs, known facts or other servers, and which bytes show it."""
    from electrum_observatory.analysis.truth.campaigns import heard_in
    from electrum_observatory.analysis.truth.judge import judge
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = [reader.campaign(which) for which in campaigns or ["latest"]]
        standings = [say_if_partial(reader, one).as_json() for one in stored]
        told = [one.campaign for one in stored]
        reference = _reference(told, overlay)
        names = [one.campaign_id for one in told]
        heard = list(heard_in(reader, names))
        servers = frozenset(one.server for one in heard)
        judgement = judge(
            heard, reference, backends=_machines(reader, names), own=servers if overlay is not None else frozenset()
        )
    if as_json:
        emit_json({"campaigns": names, "standings": standings, **_as_json(judgement)})
        return
    emit_table("", _COLUMNS, [_row(one) for one in judgement.findings], spare=("shown by",))
    _explain(judgement)


def _reference(campaigns: "Sequence[Campaign]", overlay: Path | None) -> "ChainReference":
    """Return what is known beforehand of the one chain that these campaigns are about."""
    from electrum_observatory.bitcoin.reference import bundled_reference
    from electrum_observatory.cli.wiring import read_overlay

    chains = {(one.network, (one.overlay or {}).get("sha256")) for one in campaigns}
    if len(chains) > 1:
        raise UsageError("these campaigns are not of one network (or not of one run of a lab): judge them one by one")
    network, of_lab = chains.pop()
    if overlay is None and of_lab is not None:
        raise UsageError("this is a campaign of a lab, which has a chain of its own: give its --overlay")
    lab = read_overlay(overlay) if overlay is not None else None
    if lab is not None and lab.sha256 != of_lab:
        raise UsageError(f"{overlay} is not of the lab that was scanned")
    reference = lab.reference if lab is not None else bundled_reference(network)
    if reference is None:
        raise UsageError(f"nothing is known beforehand of the chain of {network}, so nothing can be held against it")
    return reference


def _machines(reader: "StoreReader", campaigns: "Sequence[str]") -> "Mapping[str, str]":
    """Return canonical endpoint to machine, over all campaigns: endpoints of one machine share a vote."""
    from electrum_observatory.analysis.machines import assign, machine_of
    from electrum_observatory.datasets import servers
    from electrum_observatory.datasets.load import load

    names: dict[str, str] = {}
    rows: dict[str, servers.ServerRow] = {}
    for campaign in campaigns:
        facts = load(reader, campaign)
        rows |= {row.endpoint_id: row for row in servers.build(facts, _Nowhere())}
        names |= {one.endpoint.canonical: one.endpoint.endpoint_id for one in reader.observations(campaign)}
    machines = machine_of(assign(rows.values()))
    return {canonical: machines[name] for canonical, name in names.items() if name in machines}


def _row(one: "Finding") -> tuple[str, str, str, str, str]:
    shown = ", ".join(dict.fromkeys(quote.exchange for quote in one.witnesses))
    return one.subject, one.id, one.severity.value, one.words, shown


def _explain(judgement: "Judgement") -> None:
    """Say what would explain each sort of finding innocently, and how many were heard."""
    from electrum_observatory.analysis.truth.finding import flags

    for identity, innocent in sorted({(one.id, one.innocent) for one in judgement.findings}):
        say(f"{identity}: may also be {innocent}.")
    named = len({one.subject for one in flags(judgement.findings)})
    say(f"{many(len(judgement.servers), 'endpoint')} heard; something does not fit at {named}. docs/truth.md explains.")


def _as_json(judgement: "Judgement") -> dict[str, Any]:
    return {
        "servers": sorted(judgement.servers),
        "foreign": sorted(judgement.foreign),
        "findings": [
            {
                "id": one.id,
                "severity": one.severity,
                "subject": one.subject,
                "words": one.words,
                "innocent": one.innocent,
                "witnesses": [_quoted(quote) for quote in one.witnesses],
            }
            for one in judgement.findings
        ],
    }


def _quoted(quote: "Quote") -> dict[str, str]:
    return {
        "server": quote.server,
        "exchange": quote.exchange,
        "line": quote.line.decode("utf-8", "backslashreplace"),
    }


class _Nowhere:
    """A place look-up that knows nothing: where a machine stands plays no part."""

    attribution: tuple[str, ...] = ()
    data_date = ""

    def look_up(self, address: str) -> Place:  # noqa: ARG002 (the protocol's parameter)
        """Return nothing."""
        return Place()
