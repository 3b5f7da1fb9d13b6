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
from electrum_observatory.store.watching.recorder import WatchRecorder

_MAX_REMEMBERED = 50_000
_AT_ONCE = 500
"""Observations whose rows are in memory at the same time."""
_CAMPAIGN = rows.insertion("campaigns", rows.CAMPAIGN_COLUMNS)
_ENDPOINT = rows.insertion("endpoints", rows.ENDPOINT_COLUMNS, or_ignore=True)
_OBSERVATION = rows.insertion("observations", f"observation_pk, {rows.OBSERVATION_COLUMNS}")
_WITNESS = rows.insertion("witnesses", rows.WITNESS_COLUMNS)
_BLOB = rows.insertion("blobs", "digest, data", or_ignore=True)
_SIGHTING = rows.insertion("sightings", rows.SIGHTING_COLUMNS)
_SEAL = "UPDATE campaigns SET seal_state = ?, sealed_at_us = ?, seal_counts = ? WHERE campaign_pk = ?"


class Recorder:
    """Adds facts. Its memory of keys holds for committed rows only: call :meth:`forget` after a rollback.

    Attributes:
        watch: Adds the facts of watches.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self._open_campaigns: dict[str, int] = {}
        self._endpoints: dict[Endpoint, int] = {}
        self._blobs: set[bytes] = set()
        self._last_observation: int | None = None
        self.watch = WatchRecorder(connection, self.endpoint_key)

    def forget(self) -> None:
        """Drop the memory of keys, which may name rows that were rolled back."""
        self._open_campaigns.clear()
        self._endpoints.clear()
        self._blobs.clear()
        self._last_observation = None
        self.watch.forget()

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
        for start in range(0, len(observations), _AT_ONCE):
            self._add(observations[start : start + _AT_ONCE])
        if sightings:
            campaign_pk = self._open_campaign_pk(sighted_in)
            self.connection.executemany(_SIGHTING, [rows.sighting_row(one, campaign_pk) for one in sightings])

    def _add(self, observations: Sequence[Observation]) -> None:
        """Add observations with their witnesses, table by table: one statement for all rows costs half as much."""
        if self._last_observation is None:
            self._last_observation = self._select("SELECT coalesce(max(observation_pk), 0) FROM observations")[0][0]
        observed: list[rows.Row] = []
        witnessed: list[rows.Row] = []
        blobs: dict[bytes, bytes] = {}
        for key, observation in enumerate(observations, self._last_observation + 1):
            campaign_pk = self._open_campaign_pk(observation.campaign_id)
            endpoint_pk = self.endpoint_key(observation.endpoint)
            observed.append((key, *rows.observation_row(observation, campaign_pk, endpoint_pk)))
            for ordinal, witness in enumerate(observation.witnesses):
                reference = to_reference(witness)
                if reference.digest not in self._blobs:
                    blobs[reference.digest] = reference.data
                witnessed.append(rows.witness_row(key, ordinal, reference))
        self.connection.executemany(_OBSERVATION, observed)
        self.connection.executemany(_BLOB, blobs.items())
        self.connection.executemany(_WITNESS, witnessed)
        self._last_observation += len(observed)
        if len(self._blobs) >= _MAX_REMEMBERED:
            self._blobs.clear()
        self._blobs.update(blobs)

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

    def endpoint_key(self, endpoint: Endpoint) -> int:
        """Return the key of an endpoint, adding it where it is new."""
        known = self._endpoints.get(endpoint)
        if known is not None:
            return known
        if len(self._endpoints) >= _MAX_REMEMBERED:
            self._endpoints.clear()
        row = rows.endpoint_row(endpoint)
        self.connection.execute(_ENDPOINT, row)
        if self.connection.changes():
            endpoint_pk = self.connection.last_insert_rowid()
        else:
            endpoint_pk = self._select("SELECT endpoint_pk FROM endpoints WHERE endpoint_id = ?", row[0])[0][0]
        self._endpoints[endpoint] = endpoint_pk
        return endpoint_pk

    def _select(self, statement: str, *parameters: str) -> Any:
        return self.connection.execute(statement, parameters).fetchall()
