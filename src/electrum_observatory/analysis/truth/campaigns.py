"""Stored campaigns as conversations to be judged: every endpoint under its canonical name, every visit with its time.

Several campaigns can be put together, since lags, replays and refusals need several visits.
"""

from collections.abc import Iterator, Sequence

from electrum_observatory.analysis.behaviour import StoredCampaigns
from electrum_observatory.analysis.truth.reading import Heard, heard_of
from electrum_observatory.datasets.dialogues import client_name_of
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation


def heard_in(reader: StoredCampaigns, campaigns: Sequence[str]) -> Iterator[Heard]:
    """Yield every connection of some campaigns (ids, beginnings or "latest"); their network must be one."""
    for campaign in campaigns:
        stored = reader.campaign(campaign).campaign
        name = client_name_of(stored)
        for keys in reader.hosts(stored.campaign_id).values():
            by_endpoint: dict[Endpoint, list[Observation]] = {}
            for one in reader.observations_of(stored.campaign_id, keys):
                by_endpoint.setdefault(one.endpoint, []).append(one)
            for endpoint, observations in by_endpoint.items():
                yield from heard_of(observations, server=endpoint.canonical, client_name=name)
