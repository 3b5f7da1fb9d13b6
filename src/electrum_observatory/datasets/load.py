"""From the store to the facts of one campaign, through the little that tables need of a store."""

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from electrum_observatory.datasets.facts import CampaignFacts, gather
from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting


class StoredCampaign(Protocol):
    """A campaign as the store hands it out."""

    @property
    def campaign(self) -> Campaign:
        """What it set out to do."""

    @property
    def seal(self) -> CampaignSeal | None:
        """How it ended; None while it is open."""


class StoredFacts(Protocol):
    """The reading side of a store; ``store.reader.StoreReader`` is one."""

    def campaigns(self) -> Sequence[StoredCampaign]:
        """Return every campaign."""

    def campaign(self, wanted: str, /) -> StoredCampaign:
        """Return the campaign with this id or prefix, or the "latest"."""

    def observations(self, campaign_id: str, probes: Collection[str] | None = None) -> Iterator[Observation]:
        """Yield the observations of a campaign, of these probes or of all."""

    def sightings(self, campaign_id: str) -> Iterator[Sighting]:
        """Yield the sightings of a campaign."""


def load(reader: StoredFacts, campaign: str) -> CampaignFacts:
    """Return what a campaign (id, prefix or "latest") learned."""
    stored = reader.campaign(campaign)
    campaign_id = stored.campaign.campaign_id
    return gather(
        stored.campaign,
        stored.seal,
        reader.observations(campaign_id),
        reader.sightings(campaign_id),
    )


def first_seen(reader: StoredFacts) -> dict[str, int]:
    """Return endpoint id to UTC microseconds of its first dial in any campaign, so that machine ids stay stable.

    Where an import does not know the time of a dial, the start of its campaign stands in.
    """
    earliest: dict[str, int] = {}
    for stored in reader.campaigns():
        for dial in reader.observations(stored.campaign.campaign_id, probes=("connection",)):
            time = stored.campaign.started_at_us if dial.started_at_us is None else dial.started_at_us
            endpoint_id = dial.endpoint.endpoint_id
            earliest[endpoint_id] = min(time, earliest.get(endpoint_id, time))
    return earliest
