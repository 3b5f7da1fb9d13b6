"""What the conversations with each endpoint say: which software answered, its fingerprints, the forms of its answers.

Conversations need the bytes of every reply, so they are read one host at a time and left behind; what stays is small.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from electrum_observatory.analysis.answer_forms import AnswerForms, answer_forms_of
from electrum_observatory.analysis.builds.evidence import evidence_of, observe
from electrum_observatory.analysis.builds.fingerprint import Fingerprint, fingerprint_of
from electrum_observatory.analysis.builds.identify import Identification, conclude
from electrum_observatory.analysis.builds.turns import read_turns
from electrum_observatory.datasets.dialogues import client_name_of, dialogues_by_endpoint
from electrum_observatory.datasets.load import StoredFacts
from electrum_observatory.model.campaign import Campaign, CampaignKind
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointBehaviour:
    """What the conversations with one endpoint say.

    Attributes:
        dialogues: How many there were.
        identification: Which software, by behaviour; and what it calls itself.
        fingerprint: Digests of the behaviour, and of what its operator chose.
        forms: Forms of its answers.
    """

    dialogues: int
    identification: Identification
    fingerprint: Fingerprint
    forms: AnswerForms


class StoredCampaigns(StoredFacts, Protocol):
    """The reading side of a store, replies included; ``store.reader.StoreReader`` is one."""

    def hosts(self, campaign_id: str) -> Mapping[str, Sequence[int]]:
        """Return every host with observations, with the keys of its endpoints."""

    def observations_of(self, campaign_id: str, endpoints: Sequence[int]) -> Iterator[Observation]:
        """Yield the observations of some endpoints with their witnesses."""


def conversations(reader: StoredCampaigns, campaign: str) -> Iterator[tuple[Endpoint, tuple[Dialogue, ...]]]:
    """Yield each endpoint of a campaign (id, prefix or "latest") that said something, with all it said."""
    stored = reader.campaign(campaign).campaign
    name = client_name_of(stored)
    for keys in reader.hosts(stored.campaign_id).values():
        observations = reader.observations_of(stored.campaign_id, keys)
        yield from dialogues_by_endpoint(observations, client_name=name).items()


def behaviours(reader: StoredCampaigns, campaign: str) -> dict[str, EndpointBehaviour]:
    """Return endpoint id to what its conversations say, of a campaign (id, prefix or "latest")."""
    seen_on = day_of(reader.campaign(campaign).campaign)
    return {
        endpoint.endpoint_id: judge(dialogues, seen_on=seen_on)
        for endpoint, dialogues in conversations(reader, campaign)
    }


def day_of(campaign: Campaign) -> date | None:
    """Return the day on which a campaign asked; None for an import, whose start is that of the reading."""
    if campaign.kind is not CampaignKind.SCAN:
        return None
    return datetime.fromtimestamp(campaign.started_at_us / 1_000_000, tz=UTC).date()


def judge(dialogues: Sequence[Dialogue], *, mask_names: bool = False, seen_on: date | None = None) -> EndpointBehaviour:
    """Judge the conversations with one endpoint; arguments as ``builds.identify.identify``."""
    read = [read_turns(dialogue) for dialogue in dialogues]
    observed = [observe(one) for one in read]
    evidence = [evidence_of(one, shown) for one, shown in zip(read, observed, strict=True)]
    return EndpointBehaviour(
        dialogues=len(dialogues),
        identification=conclude(evidence, mask_names=mask_names, seen_on=seen_on),
        fingerprint=fingerprint_of(read, observed),
        forms=answer_forms_of(read),
    )
