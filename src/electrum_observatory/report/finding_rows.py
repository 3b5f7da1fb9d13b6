"""The table ``findings``: what in an endpoint's answers does not fit, or could not be judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from electrum_observatory.analysis.truth.finding import Severity
from electrum_observatory.analysis.truth.stored import EndpointTruth, Found
from electrum_observatory.datasets.facts import CampaignFacts, EndpointFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding of one endpoint. It never says that anybody meant it.

    Attributes:
        endpoint_id: The endpoint.
        campaign_id: The campaign.
        host: Canonical host as advertised.
        port: As dialled.
        transport: tcp, ssl, ws or wss.
        finding: Which test found it, as an id of docs/truth.md.
        level: How strong it is: insufficient (too little was heard, no reproach), unusual, contradicted or disproven.
        words: What does not fit.
        innocent: What would explain it without any intent.
        visits: In how many visits to the endpoint it showed.
        witnesses: The replies that show it, ``<campaign>#<visit>/<exchange>``, the endpoint's own first; the bytes
            stand in ``fingerprint --json`` and in ``data/raw``.
    """

    endpoint_id: str
    campaign_id: str
    host: str
    port: int
    transport: str
    finding: str
    level: Severity
    words: str
    innocent: str
    visits: int
    witnesses: tuple[str, ...]


def build(facts: CampaignFacts, truths: Mapping[str, EndpointTruth]) -> tuple[FindingRow, ...]:
    """Return one row per finding, ordered by endpoint and finding."""
    return tuple(
        _row(facts, seen, one)
        for seen in facts.endpoints
        if (truth := truths.get(seen.endpoint.endpoint_id)) is not None
        for one in truth.found
    )


def _row(facts: CampaignFacts, seen: EndpointFacts, one: Found) -> FindingRow:
    return FindingRow(
        endpoint_id=seen.endpoint.endpoint_id,
        campaign_id=facts.campaign.campaign_id,
        host=seen.endpoint.host,
        port=seen.endpoint.port,
        transport=seen.endpoint.transport.value,
        finding=one.finding.id,
        level=one.finding.severity,
        words=one.finding.words,
        innocent=one.finding.innocent,
        visits=len(one.visits),
        witnesses=tuple(dict.fromkeys(shown.witness_id for shown in one.witnesses)),
    )
