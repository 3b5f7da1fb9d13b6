"""The table ``fingerprints``: how an endpoint behaves when asked about addresses and pressed a little.

Its columns are promised to users. What the results of probes hold is filled in here; forms of answers, digests and what
software it is are read off the conversations by ``analysis.behaviour``, and ``report.tables`` joins them to the rows.
"""

import statistics
from dataclasses import dataclass

from electrum_observatory.datasets import fields
from electrum_observatory.datasets.facts import CampaignFacts, EndpointFacts, PlaceLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintRow:
    """The behaviour of one endpoint that answered. ``None`` means: not asked.

    Attributes:
        endpoint_id: The endpoint.
        campaign_id: The campaign.
        host: Canonical host as advertised.
        address: The address that was dialled, or the host where that is an address.
        port: As dialled.
        transport: tcp, ssl, ws or wss.
        balance_response: Form of its answer to a balance question: keys of the result, or the error.
        history_response: Form of its answer to a history question.
        rate_limit_triggered: Whether a reply of the campaign said that we asked too much.
        malformed_response: Form of its answer to a method that no program has.
        timing_variance: Variance of its round trips, in ms²; of padding programs mostly their own delay.
        fingerprint_hash: Digest of its behaviour, "f1-" and 16 hex digits (docs/fingerprint.md).
        fingerprint_coverage: Digest of what was observed for it; hashes compare where this is equal.
        operator_hash: Digest of what its operator chose (texts, donation address, ports), "o1-" and 16 hex digits.
        implementation: Which program it is by behaviour; an id of docs/builds.md.
        version_min: Oldest version that behaves so.
        version_max: Newest version that behaves so.
        builds: Every build that behaves so.
        claimed: What it calls itself.
        confidence: Calibrated probability that implementation and range are right, 0 to 1.
        contradictions: What in its behaviour does not go together, as ids of docs/builds.md.
        decided_by: Which rules decided, as ids of docs/builds.md.
    """

    endpoint_id: str
    campaign_id: str
    host: str
    address: str | None
    port: int
    transport: str
    balance_response: str | None = None
    history_response: str | None = None
    rate_limit_triggered: bool | None = None
    malformed_response: str | None = None
    timing_variance: float | None = None
    fingerprint_hash: str | None = None
    fingerprint_coverage: str | None = None
    operator_hash: str | None = None
    implementation: str | None = None
    version_min: str | None = None
    version_max: str | None = None
    builds: tuple[str, ...] = ()
    claimed: str | None = None
    confidence: float | None = None
    contradictions: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()


def build(facts: CampaignFacts, places: PlaceLookup) -> tuple[FingerprintRow, ...]:  # noqa: ARG001 (one shape for all)
    """Return one row per endpoint that answered, ordered by canonical text."""
    return tuple(
        FingerprintRow(
            endpoint_id=seen.endpoint.endpoint_id,
            campaign_id=facts.campaign.campaign_id,
            host=seen.endpoint.host,
            address=seen.endpoint.known_address,
            port=seen.endpoint.port,
            transport=seen.endpoint.transport.value,
            timing_variance=_variance(seen),
        )
        for seen in facts.endpoints
        if seen.answered
    )


def _variance(seen: EndpointFacts) -> float | None:
    pings = fields.numbers(seen.result("latency"), "pings_ms")
    return round(statistics.pvariance(pings), 3) if len(pings) > 1 else None
