"""A sink that keeps what it is given, and a scan put together from scripted parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.errors import StoreError
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.engine import Engine
from electrum_observatory.scanner.progress import Progress
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_campaign
from tests.unit.scanner.scripted import ScriptedDialer, ScriptedResolver
from tests.unit.scanner.virtual_time import VirtualClock

BITCOIN = NETWORKS["bitcoin"]


class CaptureSink:
    """Keeps everything; breaks at the batch it is told to."""

    def __init__(self, *, full_at_batch: int | None = None) -> None:
        self.campaign: Campaign | None = None
        self.seal: CampaignSeal | None = None
        self.observations: list[Observation] = []
        self.sightings: list[Sighting] = []
        self.batches = 0
        self._full_at_batch = full_at_batch

    async def open_campaign(self, campaign: Campaign) -> None:
        self.campaign = campaign

    async def record(
        self,
        observations: Sequence[Observation],
        sightings: Sequence[Sighting] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        self.counts = counts
        self.batches += 1
        if self.batches == self._full_at_batch:
            raise StoreError("no space left on the data folder")
        self.observations += observations
        self.sightings += sightings

    async def seal_campaign(self, seal: CampaignSeal) -> None:
        self.seal = seal

    def rows(self, probe: str) -> dict[str, Observation]:
        rows = {one.endpoint.canonical: one for one in self.observations if one.probe == probe}
        assert len(rows) == sum(one.probe == probe for one in self.observations), f"{probe} twice for one endpoint"
        return rows

    def failures(self) -> dict[str, str]:
        """Endpoint to stage/kind of its failed connection."""
        rows = self.rows("connection").items()
        failures = {endpoint: one.attempt.failure for endpoint, one in rows}
        return {endpoint: f"{one.stage}/{one.kind}" for endpoint, one in failures.items() if one is not None}


class CaptureObserver:
    def __init__(self) -> None:
        self.seen: list[Progress] = []

    def progressed(self, progress: Progress) -> None:
        self.seen.append(progress)


class Scan:
    """One scripted scan; ``await scan.run()`` runs it, everything it did stays in its attributes."""

    def __init__(
        self,
        answers: Mapping[tuple[str, int], Any],
        *,
        targets: Sequence[str] = (),
        sources: Sequence[Any] | None = None,
        names: Mapping[str, Any] | None = None,
        pointers: Mapping[str, Any] | None = None,
        config: ScanConfig | None = None,
        rules: Rules | None = None,
        sink: CaptureSink | None = None,
        connect_s: float = 0.02,
        dialer: Any = None,
        reference: ChainReference | None = None,
        **config_overrides: Any,
    ) -> None:
        self.config = replace(config or ScanConfig(), **config_overrides)
        self.sources = [typed_targets(targets, BITCOIN)] if sources is None else list(sources)
        self.rules = rules or Rules()
        self.dialer = dialer or ScriptedDialer(answers, connect_s=connect_s)
        self.resolver = ScriptedResolver(names, pointers)
        self.sink = sink or CaptureSink()
        self.observer = CaptureObserver()
        self.engine = Engine(
            campaign=make_campaign(),
            config=self.config,
            sources=self.sources,
            rules=self.rules,
            dialer=self.dialer,
            resolver=self.resolver,
            sink=self.sink,
            clock=VirtualClock(),
            observer=self.observer,
            reference=reference,
        )

    async def run(self) -> Any:
        return await self.engine.run()
