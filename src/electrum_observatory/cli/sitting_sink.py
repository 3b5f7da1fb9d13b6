"""The store, as the engine of one sitting sees it; whoever wants to can be told of each commit."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from electrum_observatory.cli.wiring import Scan
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store.live import LiveStore

OnCommit: TypeAlias = Callable[[Sequence[Observation], Sequence[Sighting]], None]
"""Called with each batch once it is on the disk: nothing of it can be lost from then on."""


def look_away(observations: Sequence[Observation], sightings: Sequence[Sighting]) -> None:
    """Take no notice of a commit."""


class SittingSink:
    """Implements ``model.ports.ObservationSink``: opening means beginning the campaign, or going on with it."""

    def __init__(self, store: LiveStore, scan: Scan, on_commit: OnCommit) -> None:
        self._store = store
        self._scan = scan
        self._on_commit = on_commit
        self.seal_campaign = store.seal_campaign

    async def open_campaign(self, campaign: Campaign) -> None:
        """Begin the sitting."""
        if self._scan.known_to is None:
            await self._store.open_campaign(campaign, self._scan.sitting)
        else:
            await self._store.go_on_with(campaign.campaign_id, self._scan.sitting, known_to=self._scan.known_to)

    async def record(
        self,
        observations: Sequence[Observation],
        sightings: Sequence[Sighting] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Keep the batch, then tell whoever asked to be told."""
        await self._store.record(observations, sightings, counts)
        self._on_commit(observations, sightings)
