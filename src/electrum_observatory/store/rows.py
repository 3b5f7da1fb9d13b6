"""From facts to rows and back. Text that a database cannot hold (lone surrogates) is spelled with backslashes.

Members of enumerations are text themselves, and stored as such.
"""

import functools
from collections.abc import Sequence
from typing import Any, TypeAlias

from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignSeal, CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store.blobs import Reference, to_witness
from electrum_observatory.store.json_text import from_json_text, to_json_text

Row: TypeAlias = tuple[Any, ...]

CAMPAIGN_COLUMNS = (
    "campaign_id, kind, vantage, network, started_at_us, tool_version, config, config_sha256, overlay, note, "
    "seal_state, sealed_at_us, seal_counts"
)
ENDPOINT_COLUMNS = "endpoint_id, host, address, port, transport"
OBSERVATION_COLUMNS = (
    "campaign_pk, endpoint_pk, vantage, probe, probe_version, started_at_us, started_monotonic_ns, boot_id, "
    "duration_us, loop_lag_us, status, result, failure_stage, failure_kind, failure_detail, reason"
)
WITNESS_COLUMNS = (
    "observation_pk, ordinal, kind, label, digest, pad_at, pad_length, result_start, result_end, received_monotonic_ns"
)
SIGHTING_COLUMNS = (
    "campaign_pk, host, port, transport, source, told_by, address_claimed, protocol_claimed, assumed_port, seen_at_us"
)


def insertion(table: str, columns: str, *, or_ignore: bool = False) -> str:
    """Return the INSERT for all of the columns."""
    places = ", ".join("?" * len(columns.split(",")))
    return f"INSERT {'OR IGNORE ' if or_ignore else ''}INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 (ours)


def campaign_row(campaign: Campaign) -> Row:
    """Return ``CAMPAIGN_COLUMNS`` of an open campaign."""
    return (
        campaign.campaign_id,
        campaign.kind.value,
        campaign.vantage,
        campaign.network,
        campaign.started_at_us,
        campaign.tool_version,
        to_json_text(campaign.config),
        campaign.config_sha256,
        None if campaign.overlay is None else to_json_text(campaign.overlay),
        storable(campaign.note),
        None,
        None,
        None,
    )


def read_campaign(row: Sequence[Any]) -> tuple[Campaign, CampaignSeal | None]:
    """Read ``CAMPAIGN_COLUMNS``."""
    identifier, kind, vantage, network, started, tool, config, digest, overlay, note, state, sealed, counts = row
    campaign = Campaign(
        campaign_id=identifier,
        kind=CampaignKind(kind),
        vantage=vantage,
        network=network,
        started_at_us=started,
        tool_version=tool,
        config=from_json_text(config),
        config_sha256=digest,
        overlay=None if overlay is None else from_json_text(overlay),
        note=note,
    )
    if state is None:
        return campaign, None
    seal = CampaignSeal(
        campaign_id=identifier, state=CampaignState(state), sealed_at_us=sealed, counts=from_json_text(counts)
    )
    return campaign, seal


def endpoint_row(endpoint: Endpoint) -> Row:
    """Return ``ENDPOINT_COLUMNS``."""
    return (endpoint.endpoint_id, endpoint.host, endpoint.address, endpoint.port, endpoint.transport.value)


def observation_row(observation: Observation, campaign_pk: int, endpoint_pk: int) -> Row:
    """Return ``OBSERVATION_COLUMNS``."""
    attempt, failure = observation.attempt, observation.attempt.failure
    return (
        campaign_pk,
        endpoint_pk,
        observation.vantage,
        observation.probe,
        observation.probe_version,
        observation.started_at_us,
        observation.started_monotonic_ns,
        observation.boot_id,
        observation.duration_us,
        observation.loop_lag_us,
        attempt.status,
        None if attempt.result is None else to_json_text(attempt.result),
        failure.stage if failure else None,
        failure.kind if failure else None,
        storable(failure.detail) if failure else None,
        storable(attempt.reason),
    )


def read_observation(campaign_id: str, row: Sequence[Any], witnesses: tuple[Witness, ...]) -> Observation:
    """Read ``host, address, port, transport`` and ``OBSERVATION_COLUMNS`` from the vantage on."""
    host, address, port, transport, vantage, probe, version, started, monotonic, boot, duration, lag, *rest = row
    return Observation(
        campaign_id=campaign_id,
        vantage=vantage,
        endpoint=_endpoint(host, address, port, transport),
        probe=probe,
        probe_version=version,
        started_at_us=started,
        started_monotonic_ns=monotonic,
        boot_id=boot,
        duration_us=duration,
        loop_lag_us=lag,
        attempt=_read_attempt(*rest),
        witnesses=witnesses,
    )


@functools.lru_cache(maxsize=10_000)  # an endpoint checks itself, and each occurs in many rows
def _endpoint(host: str, address: str | None, port: int, transport: str) -> Endpoint:
    return Endpoint(host=host, address=address, port=port, transport=Transport(transport))


def _read_attempt(
    status: str, result: str | None, stage: str | None, kind: str | None, detail: str | None, reason: str
) -> Attempt[Any]:
    failure = None
    if stage is not None and kind is not None:
        failure = Failure(stage=Stage(stage), kind=FailureKind(kind), detail=detail or "")
    return Attempt(
        status=AttemptStatus(status),
        result=None if result is None else from_json_text(result),
        failure=failure,
        reason=reason,
    )


def witness_row(observation_pk: int, ordinal: int, reference: Reference) -> Row:
    """Return ``WITNESS_COLUMNS``."""
    kind, label, digest, _, pad_at, pad_length, span, received_ns = reference
    start, end = span or (None, None)
    return observation_pk, ordinal, kind, label, digest, pad_at, pad_length, start, end, received_ns


def read_witness(row: Sequence[Any]) -> Witness:
    """Read ``kind, label, digest, pad_at, pad_length, result_start, result_end, received, data``."""
    kind, label, digest, pad_at, pad_length, start, end, received, data = row
    return to_witness(
        Reference(
            kind=WitnessKind(kind),
            label=label,
            digest=digest,
            data=data,
            pad_at=pad_at,
            pad_length=pad_length,
            result_span=None if start is None else (start, end),
            received_monotonic_ns=received,
        )
    )


def sighting_row(sighting: Sighting, campaign_pk: int) -> Row:
    """Return ``SIGHTING_COLUMNS``."""
    return (
        campaign_pk,
        sighting.host,
        sighting.port,
        sighting.transport,
        sighting.source,
        sighting.told_by,
        sighting.address_claimed,
        None if sighting.protocol_claimed is None else storable(sighting.protocol_claimed),
        int(sighting.assumed_port),
        sighting.seen_at_us,
    )


def read_sighting(row: Sequence[Any]) -> Sighting:
    """Read ``SIGHTING_COLUMNS`` without the campaign."""
    host, port, transport, source, told_by, address, protocol, assumed, seen = row
    return Sighting(
        host=host,
        port=port,
        transport=Transport(transport),
        source=source,
        told_by=told_by,
        address_claimed=address,
        protocol_claimed=protocol,
        assumed_port=bool(assumed),
        seen_at_us=seen,
    )


def storable(text: str) -> str:
    """Return the text as it is, or with lone surrogates spelled out, which no UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
