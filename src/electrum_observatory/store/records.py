"""The shape of one fact in our files: raw JSON per server and JSONL share it (reference: docs/formats.md)."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import Json, Observation, Witness, WitnessKind
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store.times import to_iso, to_us

Int64 = Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRecord:
    """Bytes as they came: ``text`` where they are UTF-8, ``base64`` otherwise; exactly one of them.

    Attributes:
        kind: "reply" (a line with terminator and padding) or "certificate" (DER).
        label: Request id of a reply; place of a certificate in its chain.
        text: The bytes, where they are UTF-8.
        base64: The bytes, where they are not.
        received_monotonic_ns: Arrival on the monotonic clock; null where it was not recorded.
    """

    kind: WitnessKind
    label: str = ""
    text: str | None = None
    base64: str | None = None
    received_monotonic_ns: Int64 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRecord:
    """What broke.

    Attributes:
        stage: The step of the visit.
        kind: How, from the closed list of docs/failures.md.
        detail: One line for a person.
    """

    stage: Stage
    kind: FailureKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRecord:
    """One probe at one endpoint; see ``model.observation.Observation`` for the meaning of each value.

    Attributes:
        probe: Id of the probe; the result has the shape of ``schemas/probes/<probe>.json``.
        probe_version: Grows when the same bytes would give another result.
        status: completed, failed, not_applicable or not_scheduled.
        result: What was found; present exactly when completed.
        failure: What broke; present exactly when failed.
        reason: Why it was not applicable or not scheduled.
        vantage: Where the campaign ran; null for the vantage of the line or the campaign.
        started_at: ISO 8601, UTC; null where it is not known.
        started_monotonic_ns: The same instant on the monotonic clock of ``boot_id``.
        boot_id: Names the boot whose monotonic clock was read.
        duration_us: Microseconds from start to outcome.
        loop_lag_us: How late the measuring program itself ran meanwhile.
        witnesses: The bytes that the result was read from.
    """

    probe: Name
    probe_version: Int64 = 1
    status: AttemptStatus
    result: dict[str, Any] | None = None
    failure: FailureRecord | None = None
    reason: str = ""
    vantage: str | None = None
    started_at: AwareDatetime | None = None
    started_monotonic_ns: Int64 | None = None
    boot_id: str = ""
    duration_us: Int64 | None = None
    loop_lag_us: Int64 | None = None
    witnesses: list[WitnessRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRecord:
    """One statement that the server exists; see ``model.sighting.Sighting``.

    Attributes:
        source: Where it was said ("bundled_list", "peers_subscribe", …).
        told_by: Endpoint id of the server that said so; null for lists.
        address_claimed: The address given beside the name, unchecked.
        protocol_claimed: The protocol version given.
        assumed_port: The port is the network's default, because none was given.
        seen_at: ISO 8601, UTC; null where it is not known.
    """

    source: Name
    told_by: str | None = None
    address_claimed: str | None = None
    protocol_claimed: str | None = None
    assumed_port: bool = False
    seen_at: AwareDatetime | None = None


def observation_json(observation: Observation) -> dict[str, Json]:
    """Return an observation in the shape of :class:`ObservationRecord`, without what is absent."""
    attempt, failure = observation.attempt, observation.attempt.failure
    members: dict[str, Json] = {
        "probe": observation.probe,
        "probe_version": observation.probe_version,
        "status": attempt.status.value,
        "result": attempt.result,
        "failure": None if failure is None else failure_json(failure),
        "reason": attempt.reason or None,
        "vantage": observation.vantage,
        "started_at": to_iso(observation.started_at_us),
        "started_monotonic_ns": observation.started_monotonic_ns,
        "boot_id": observation.boot_id or None,
        "duration_us": observation.duration_us,
        "loop_lag_us": observation.loop_lag_us,
        "witnesses": [_witness_json(witness) for witness in observation.witnesses] or None,
    }
    return _present(members)


def failure_json(failure: Failure) -> dict[str, Json]:
    """Return a failure in the shape of :class:`FailureRecord`."""
    return {"stage": failure.stage.value, "kind": failure.kind.value, "detail": failure.detail}


def sighting_json(sighting: Sighting) -> dict[str, Json]:
    """Return a sighting in the shape of :class:`SightingRecord`, without what is absent."""
    members: dict[str, Json] = {
        "source": sighting.source,
        "told_by": sighting.told_by,
        "address_claimed": sighting.address_claimed,
        "protocol_claimed": sighting.protocol_claimed,
        "assumed_port": sighting.assumed_port or None,
        "seen_at": to_iso(sighting.seen_at_us),
    }
    return _present(members)


def to_observation(record: ObservationRecord, *, campaign_id: str, vantage: str, endpoint: Endpoint) -> Observation:
    """Read a record back. Raises ValueError where it contradicts itself."""
    failure = record.failure
    return Observation(
        campaign_id=campaign_id,
        vantage=record.vantage or vantage,
        endpoint=endpoint,
        probe=record.probe,
        probe_version=record.probe_version,
        started_at_us=to_us(record.started_at),
        started_monotonic_ns=record.started_monotonic_ns,
        boot_id=record.boot_id,
        duration_us=record.duration_us,
        loop_lag_us=record.loop_lag_us,
        attempt=Attempt(
            status=record.status,
            result=record.result,
            failure=None if failure is None else Failure(stage=failure.stage, kind=failure.kind, detail=failure.detail),
            reason=record.reason,
        ),
        witnesses=tuple(_to_witness(witness) for witness in record.witnesses),
    )


def to_sighting(record: SightingRecord, *, host: str, port: int, transport: Transport) -> Sighting:
    """Read a record back."""
    return Sighting(
        host=host,
        port=port,
        transport=transport,
        source=record.source,
        told_by=record.told_by,
        address_claimed=record.address_claimed,
        protocol_claimed=record.protocol_claimed,
        assumed_port=record.assumed_port,
        seen_at_us=to_us(record.seen_at),
    )


def decode_base64(text: str) -> bytes:
    """Return the bytes. Raises ValueError with words for a person."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not base64: {error}") from error


def _witness_json(witness: Witness) -> dict[str, Json]:
    members: dict[str, Json] = {"kind": witness.kind.value, "label": witness.label or None}
    try:
        members["text"] = witness.data.decode("utf-8")
    except UnicodeDecodeError:
        members["base64"] = base64.b64encode(witness.data).decode("ascii")
    members["received_monotonic_ns"] = witness.received_monotonic_ns
    return _present(members)


def _to_witness(record: WitnessRecord) -> Witness:
    if (record.text is None) == (record.base64 is None):
        raise ValueError("a witness needs either text or base64")
    return Witness(
        kind=record.kind,
        data=record.text.encode("utf-8") if record.text is not None else decode_base64(record.base64 or ""),
        label=record.label,
        received_monotonic_ns=record.received_monotonic_ns,
    )


def _present(members: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}
