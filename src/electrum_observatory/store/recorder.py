"""What the writer thread does with the tables; it alone calls this, inside a transaction that it opened."""

from collections.abc import Sequence
from typing import Any

import apsw

from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import rows
from electrum_observatory.store.blobs import to_reference
from electrum_observatory.store.json_text import to_json_text

_MAX_REMEMBERED = 50_000
_CAMPAIGN = rows.insertion("campaigns", rows.CAMPAIGN_COLUMNS)
_ENDPOINT = rows.insertion("endpoints", rows.ENDPOINT_COLUMNS, or_ignore=True)
_OBSERVATION = rows.insertion("observations", rows.OBSERVATION_COLUMNS)
_WITNESS = rows.insertion("witnesses", rows.WITNESS_COLUMNS)
_BLOB = rows.insertion("blobs", "digest, data", or_ignore=True)
_SIGHTING = rows.insertion("sightings", rows.SIGHTING_COLUMNS)
_SEAL = "UPDATE campaigns SET seal_state = ?, sealed_at_us = ?, seal_counts = ? WHERE campaign_pk = ?"


class Recorder:
    """Adds facts. Its memory of keys holds for committed rows only: call :meth:`forget` after a rollback."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self._open_campaigns: dict[str, int] = {}
        self._endpoints: dict[Endpoint, int] = {}

    def forget(self) -> None:
        """Drop the memory of keys, which may name rows that were rolled back."""
        self._open_campaigns.clear()
        self._endpoints.clear()

    def open_campaign(self, campaign: Campaign) -> None:
        """Add a campaign. Raises ValueError where its id is taken."""
        known = self._select("SELECT 1 FROM campaigns WHERE campaign_id = ?", campaign.campaign_id)
        if known:
            raise ValueError(f"campaign {campaign.campaign_id} exists already")
        self.connection.execute(_CAMPAIGN, rows.campaign_row(campaign))

    def seal_campaign(self, seal: CampaignSeal) -> None:
        """End a campaign. Raises ValueError where it is unknown or sealed."""
        campaign_pk = self._open_campaign_pk(seal.campaign_id)
        self.connection.execute(_SEAL, (seal.state.value, seal.sealed_at_us, to_json_text(seal.counts), campaign_pk))
        self._open_campaigns.pop(seal.campaign_id, None)

    def record(self, observations: Sequence[Observation], sightings: Sequence[Sighting], sighted_in: str) -> None:
        """Add facts. Raises ValueError where a campaign is unknown or sealed."""
        for observation in observations:
            self._add_observation(observation)
        if sightings:
            campaign_pk = self._open_campaign_pk(sighted_in)
            self.connection.executemany(_SIGHTING, [rows.sighting_row(one, campaign_pk) for one in sightings])

    def _add_observation(self, observation: Observation) -> None:
        campaign_pk = self._open_campaign_pk(observation.campaign_id)
        endpoint_pk = self._endpoint_pk(observation.endpoint)
        self.connection.execute(_OBSERVATION, rows.observation_row(observation, campaign_pk, endpoint_pk))
        observation_pk = self.connection.last_insert_rowid()
        for ordinal, witness in enumerate(observation.witnesses):
            reference = to_reference(witness)
            self.connection.execute(_BLOB, (reference.digest, reference.data))
            self.connection.execute(_WITNESS, rows.witness_row(observation_pk, ordinal, reference))

    def _open_campaign_pk(self, campaign_id: str) -> int:
        known = self._open_campaigns.get(campaign_id)
        if known is not None:
            return known
        found = self._select("SELECT campaign_pk, seal_state FROM campaigns WHERE campaign_id = ?", campaign_id)
        if not found:
            raise ValueError(f"campaign {campaign_id} was never opened")
        campaign_pk, state = found[0]
        if state is not None:
            raise ValueError(f"campaign {campaign_id} is sealed ({state}): nothing can be added to it")
        self._open_campaigns[campaign_id] = campaign_pk
        return int(campaign_pk)

    def _endpoint_pk(self, endpoint: Endpoint) -> int:
        known = self._endpoints.get(endpoint)
        if known is not None:
            return known
        if len(self._endpoints) >= _MAX_REMEMBERED:
            self._endpoints.clear()
        row = rows.endpoint_row(endpoint)
        self.connection.execute(_ENDPOINT, row)
        endpoint_pk = int(self._select("SELECT endpoint_pk FROM endpoints WHERE endpoint_id = ?", row[0])[0][0])
        self._endpoints[endpoint] = endpoint_pk
        return endpoint_pk

    def _select(self, statement: str, *parameters: str) -> Any:
        return self.connection.execute(statement, parameters).fetchall()
