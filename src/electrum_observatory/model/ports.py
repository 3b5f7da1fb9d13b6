"""The borders that are handed in: the clock, and the sink that facts go to."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting


class Clock(Protocol):
    """Time, as an argument."""

    @property
    def boot_id(self) -> str:
        """Names the boot whose monotonic clock this is."""

    def now_us(self) -> int:
        """UTC, microseconds since the epoch."""

    def monotonic_ns(self) -> int:
        """Monotonic nanoseconds since an arbitrary instant of ``boot_id``."""

    async def sleep(self, seconds: float) -> None:
        """Wait. A lab clock may divide the wait by its time scale."""


class ObservationSink(Protocol):
    """Where facts go. Implementations keep them exactly as handed over."""

    async def open_campaign(self, campaign: Campaign) -> None:
        """Make the campaign known; to be awaited before anything is recorded under it."""

    async def record(
        self,
        observations: Sequence[Observation],
        sightings: Sequence[Sighting] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Keep the batch. Returns once it is committed: whatever happens afterwards, it is not lost.

        ``counts`` are the campaign's as they stand with this batch; kept with it, so that a run that is cut off can be
        gone on with.
        """

    async def seal_campaign(self, seal: CampaignSeal) -> None:
        """Write the end of the campaign; nothing may be recorded under it afterwards."""
