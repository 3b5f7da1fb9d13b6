"""``observatory show HOST``: what is known of one host, with the raw replies that prove it."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from electrum_observatory.cli.console import STDOUT, emit_json, emit_line, emit_table, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.cli.times import when
from electrum_observatory.model.endpoint import bracketed
from electrum_observatory.model.errors import InputError
from electrum_observatory.model.observation import Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting

_COLUMNS = ("probe", "outcome", "what was found")
_SPARE = ("when (UTC)", "address given", "source")  # of what is advertised, where the screen is narrow


def show(
    host: Annotated[str, typer.Argument(metavar="HOST", help="A host name or address, as advertised or as resolved.")],
    campaign: Annotated[str, typer.Option("--campaign", help="Campaign id, its beginning, or 'latest'.")] = "latest",
    raw: Annotated[bool, typer.Option("--raw", help="Also print the bytes of every reply.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Show every fact about one host in a campaign, and with --raw the replies as they came."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        campaign_id = stored.campaign.campaign_id
        standing = say_if_partial(reader, stored)
        observations = [
            one
            for one in reader.observations(campaign_id, with_witnesses=raw or as_json)
            if host.lower() in (one.endpoint.host, one.endpoint.address)
        ]
        sightings = [one for one in reader.sightings(campaign_id) if one.host == host.lower()]
        tellers = {
            one.endpoint.endpoint_id: one.endpoint.canonical
            for one in reader.observations(campaign_id, probes=("connection",))
        }
    if not observations and not sightings:
        others = command(data, "campaigns", "list")
        raise InputError(f"{host} does not occur in {campaign_id}: `{others}` names other campaigns")
    if as_json:
        emit_json(
            {
                "campaign_id": campaign_id,
                **standing.as_json(),
                "observations": [_as_json(one) for one in observations],
                "sightings": sightings,
            }
        )
        return
    _print_sightings(sightings, tellers)
    for endpoint in dict.fromkeys(one.endpoint for one in observations):
        rows = [_row(one) for one in observations if one.endpoint == endpoint]
        if STDOUT.is_terminal:
            emit_table(f"{endpoint.canonical}  ({endpoint.endpoint_id})", _COLUMNS, rows)
        else:
            emit_table("", ("endpoint", *_COLUMNS), [(endpoint.canonical, *row) for row in rows])
        if raw:
            _print_witnesses([one for one in observations if one.endpoint == endpoint])
    if not observations:
        say(f"{host} was advertised in {campaign_id} and not asked.")


def _row(observation: Observation) -> tuple[str, str, str]:
    attempt = observation.attempt
    if attempt.failure is not None:
        failure = attempt.failure
        return observation.probe, "failed", f"{failure.stage}/{failure.kind} {failure.detail}".strip()
    if attempt.result is None:
        return observation.probe, str(attempt.status), attempt.reason
    return observation.probe, str(attempt.status), _brief(attempt.result)


def _brief(result: Any, limit: int = 600) -> str:
    present = {key: value for key, value in result.items() if value not in (None, [], {}) and key != "raw"}
    text = ", ".join(f"{key} {_value(value)}" for key, value in present.items())
    return text if len(text) <= limit else f"{text[:limit]}… (--json shows all)"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _print_sightings(sightings: Sequence[Sighting], tellers: Mapping[str, str]) -> None:
    rows = [
        (
            f"{one.transport}://{bracketed(one.host)}:{one.port}",
            one.source,
            None if one.told_by is None else tellers.get(one.told_by, one.told_by),
            one.address_claimed,
            when(one.seen_at_us),
        )
        for one in sightings
    ]
    if rows:
        emit_table("Advertised", ("as", "source", "told by", "address given", "when (UTC)"), rows, spare=_SPARE)


def _print_witnesses(observations: Sequence[Observation]) -> None:
    for observation in observations:
        for witness in observation.witnesses:
            where = observation.endpoint.canonical
            emit_line(f"{where} {observation.probe} {witness.kind} {witness.label}: {_witness_text(witness)}")


def _witness_text(witness: Witness) -> str:
    if witness.kind is WitnessKind.CERTIFICATE:
        return witness.data.hex()
    return witness.data.decode("utf-8", "backslashreplace")


def _as_json(observation: Observation) -> dict[str, Any]:
    from electrum_observatory.store.records import observation_json

    return {"endpoint": observation.endpoint.canonical, **observation_json(observation)}
