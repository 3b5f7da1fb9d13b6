"""The table ``sightings``: who told of whom. Hearsay: the advertised population, never mixed with what answered.

The scanner keeps the first eight statements per target and source, so the table is not the whole graph of hearsay.
"""

from dataclasses import dataclass

from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRow:
    """One statement that a server exists.

    Attributes:
        campaign_id: The campaign.
        host: Canonical host as advertised.
        port: As advertised, or the network's default.
        transport: As advertised.
        source: The discovery source it came by.
        told_by: Endpoint id of the server that said so; None for lists.
        told_by_host: Its host; None for lists and for tellers outside this campaign.
        address_claimed: The address the teller gave beside the name, unchecked.
        protocol_claimed: The protocol version the teller gave.
        assumed_port: The port is the default because none was advertised.
        seen_at_us: UTC microseconds; None where an import does not know.
        answered: Whether an endpoint with this host, port and transport answered in this campaign.
    """

    campaign_id: str
    host: str
    port: int
    transport: str
    source: str
    told_by: str | None
    told_by_host: str | None
    address_claimed: str | None
    protocol_claimed: str | None
    assumed_port: bool
    seen_at_us: int | None
    answered: bool


def build(facts: CampaignFacts, places: PlaceLookup) -> tuple[SightingRow, ...]:  # noqa: ARG001 (one shape for all tables)
    """Return one row per sighting, in the order of the store."""
    hosts = {seen.endpoint.endpoint_id: seen.endpoint.host for seen in facts.endpoints}
    answered = {
        (seen.endpoint.host, seen.endpoint.port, seen.endpoint.transport) for seen in facts.endpoints if seen.answered
    }
    return tuple(
        SightingRow(
            campaign_id=facts.campaign.campaign_id,
            host=sighting.host,
            port=sighting.port,
            transport=sighting.transport.value,
            source=sighting.source,
            told_by=sighting.told_by,
            told_by_host=hosts.get(sighting.told_by) if sighting.told_by else None,
            address_claimed=sighting.address_claimed,
            protocol_claimed=sighting.protocol_claimed,
            assumed_port=sighting.assumed_port,
            seen_at_us=sighting.seen_at_us,
            answered=(sighting.host, sighting.port, sighting.transport) in answered,
        )
        for sighting in facts.sightings
    )
