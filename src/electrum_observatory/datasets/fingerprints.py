"""The table ``fingerprints``: how an endpoint behaves when asked about addresses and pressed a little.

Its columns are promised to users; they stay empty until the probes that fill them have been put to a server.
"""

from dataclasses import dataclass

from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup


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
        balance_response: Form of its answer to a balance question.
        history_response: Form of its answer to a history question.
        rate_limit_triggered: Whether it slowed down or refused us in a visit.
        malformed_response: Form of its answer to a malformed request.
        timing_variance: Variance of its round trips, in ms².
        fingerprint_hash: Digest of all forms together.
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
        )
        for seen in facts.endpoints
        if seen.answered
    )
