"""The stored fact: who was asked what, when, from where, what came of it, and the bytes that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.endpoint import Endpoint

Json: TypeAlias = Any
"""What JSON can hold: None, bool, int, float, str, list, dict with string keys."""


class WitnessKind(StrEnum):
    """What sort of bytes a witness holds."""

    REPLY = "reply"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Bytes exactly as they came.

    Attributes:
        kind: A reply line (terminator and padding included), or one DER certificate.
        data: The bytes.
        label: The request id of a reply as text, or the place of a certificate in its chain ("0" is the server's own).
        received_monotonic_ns: Arrival on the monotonic clock; None where it was not recorded.
        result_text: The bytes of a reply's result member, where whoever read the reply has found them already: the
            store then need not look for them. No part of the fact.
    """

    kind: WitnessKind
    data: bytes
    label: str = ""
    received_monotonic_ns: int | None = None
    result_text: bytes | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One probe at one endpoint in one campaign.

    Attributes:
        campaign_id: The campaign it belongs to.
        vantage: Where the campaign ran.
        endpoint: What was dialled (its identity; in a lab, not the loopback address behind it).
        probe: Stable id of the probe.
        probe_version: Grows when the same bytes would give another result.
        started_at_us: UTC, microseconds since the epoch; None where an import does not know.
        started_monotonic_ns: The same instant on the monotonic clock of ``boot_id``; None for imports.
        boot_id: Names the boot (or process) whose monotonic clock was read; "" for imports.
        duration_us: Monotonic time from start to outcome; None where it was not recorded.
        loop_lag_us: How late our own event loop ran while the probe did; None where it was not measured.
        attempt: The outcome, its result as JSON (schema: ``schemas/probes/<probe>.json``).
        witnesses: The bytes the result was read from.
    """

    campaign_id: str
    vantage: str
    endpoint: Endpoint
    probe: str
    probe_version: int
    started_at_us: int | None
    started_monotonic_ns: int | None = None
    boot_id: str = ""
    duration_us: int | None = None
    loop_lag_us: int | None = None
    attempt: Attempt[Mapping[str, Json]]
    witnesses: tuple[Witness, ...] = field(default=())
