"""The table ``failures``: every probe that was put and broke, with whose trouble it is."""

from dataclasses import dataclass

from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """One failed attempt.

    Attributes:
        endpoint_id: The endpoint.
        campaign_id: The campaign.
        host: Canonical host as advertised.
        port: As dialled.
        transport: tcp, ssl, ws or wss.
        probe: The probe that failed; "connection" is the dial itself.
        stage: The step that failed.
        kind: How, from the closed list of ``docs/failures.md``.
        side: Whose trouble that is: theirs, network or ours.
        detail: One line for a person.
        kept_from_answering: Whether this is why the endpoint did not answer; at most one row per endpoint is.
    """

    endpoint_id: str
    campaign_id: str
    host: str
    port: int
    transport: str
    probe: str
    stage: str
    kind: str
    side: str
    detail: str
    kept_from_answering: bool


def build(facts: CampaignFacts, places: PlaceLookup) -> tuple[FailureRow, ...]:  # noqa: ARG001 (one shape for all tables)
    """Return one row per failed attempt, ordered by endpoint and probe."""
    return tuple(
        FailureRow(
            endpoint_id=seen.endpoint.endpoint_id,
            campaign_id=facts.campaign.campaign_id,
            host=seen.endpoint.host,
            port=seen.endpoint.port,
            transport=seen.endpoint.transport.value,
            probe=probe,
            stage=attempt.failure.stage.value,
            kind=attempt.failure.kind.value,
            side=attempt.failure.kind.side.value,
            detail=attempt.failure.detail,
            kept_from_answering=attempt.failure is seen.failure,
        )
        for seen in facts.endpoints
        for probe, attempt in sorted(seen.attempts.items())
        if attempt.failure is not None
    )
