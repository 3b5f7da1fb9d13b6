"""All facts of one campaign, gathered per endpoint: the one shape that every table is built from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.campaign import Campaign, CampaignSeal
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure, Stage
from electrum_observatory.model.observation import Json, Observation
from electrum_observatory.model.place import Place
from electrum_observatory.model.sighting import Sighting

_NOTHING: Mapping[str, Json] = MappingProxyType({})
_RANK = {
    AttemptStatus.COMPLETED: 3,
    AttemptStatus.FAILED: 2,
    AttemptStatus.NOT_APPLICABLE: 1,
    AttemptStatus.NOT_SCHEDULED: 0,
}


class PlaceLookup(Protocol):
    """Where an address lives; ``enrich.places.PlaceBook`` is one."""

    @property
    def attribution(self) -> tuple[str, ...]:
        """Lines to print beside any place."""

    @property
    def data_date(self) -> str:
        """When the data was made, in words."""

    def look_up(self, address: str) -> Place:
        """Return what the tables say; a place of nothing but None where they say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """What one campaign learned about one endpoint.

    Attributes:
        endpoint: What was dialled.
        vantage: Where the campaign ran.
        first_observed_us: Earliest start of an observation, UTC microseconds; None where an import does not know.
        attempts: The telling attempt of each probe: a completed one before a failed one, then the latest.
    """

    endpoint: Endpoint
    vantage: str
    first_observed_us: int | None
    attempts: Mapping[str, Attempt[Mapping[str, Json]]]

    @property
    def dialled(self) -> bool:
        """Whether a connection was tried: not where the name did not resolve or our own policy forbade it."""
        dial = self.attempts.get("connection")
        return any(map(_was_put, self.attempts.values() if dial is None else (dial,)))

    @property
    def unresolved(self) -> bool:
        """Whether it was never dialled because its name gave no address."""
        dial = self.attempts.get("connection")
        return dial is not None and dial.failure is not None and dial.failure.stage is Stage.RESOLVE

    @property
    def reachable(self) -> bool:
        """Whether a connection came about (with TLS and WebSocket where the transport has them)."""
        return self.completed("connection")

    @property
    def answered(self) -> bool:
        """Whether the server answered ``server.version``, be it by an error."""
        return self.completed("server_version")

    @property
    def failure(self) -> Failure | None:
        """What kept it from answering: the connection's failure, else the handshake's; None if it answered."""
        if self.answered:
            return None
        for probe in ("connection", "server_version"):
            attempt = self.attempts.get(probe)
            if attempt is not None and attempt.failure is not None:
                return attempt.failure
        return None

    def completed(self, probe: str) -> bool:
        """Whether the probe was put and answered."""
        attempt = self.attempts.get(probe)
        return attempt is not None and attempt.status is AttemptStatus.COMPLETED

    def result(self, probe: str) -> Mapping[str, Json]:
        """Return the probe's result as JSON; an empty mapping where there is none."""
        attempt = self.attempts.get(probe)
        return _NOTHING if attempt is None or attempt.result is None else attempt.result


def _was_put(attempt: Attempt[Mapping[str, Json]]) -> bool:
    """Whether an attempt went out on a connection, or at least tried to open one."""
    failure = attempt.failure
    before = (Stage.RESOLVE, Stage.POLICY)
    return attempt.status is AttemptStatus.COMPLETED or (failure is not None and failure.stage not in before)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """What one campaign learned.

    Attributes:
        campaign: What it set out to do.
        seal: How it ended; None while it runs, or where its process died.
        endpoints: One per endpoint that was dialled, did not resolve or was left out, ordered by canonical text.
        sightings: Who told of whom, in the order of the store.
    """

    campaign: Campaign
    seal: CampaignSeal | None
    endpoints: tuple[EndpointFacts, ...]
    sightings: tuple[Sighting, ...]


def gather(
    campaign: Campaign,
    seal: CampaignSeal | None,
    observations: Iterable[Observation],
    sightings: Iterable[Sighting],
) -> CampaignFacts:
    """Gather observations, in any order, into one value per endpoint. Witnesses and exchanges are left behind."""
    by_endpoint: dict[Endpoint, list[Observation]] = {}
    for observation in observations:
        by_endpoint.setdefault(observation.endpoint, []).append(_without_exchanges(observation))
    return CampaignFacts(
        campaign=campaign,
        seal=seal,
        endpoints=tuple(
            _endpoint_facts(endpoint, by_endpoint[endpoint])
            for endpoint in sorted(by_endpoint, key=lambda endpoint: endpoint.canonical)
        ),
        sightings=tuple(sightings),
    )


def _without_exchanges(observation: Observation) -> Observation:
    """Leave out what was sent and heard line by line: it is most of a campaign, and read host by host as dialogues."""
    result = observation.attempt.result
    if result is None or "exchanges" not in result:
        return observation
    rest = {name: value for name, value in result.items() if name != "exchanges"}
    return replace(observation, attempt=replace(observation.attempt, result=rest))


def _endpoint_facts(endpoint: Endpoint, observations: list[Observation]) -> EndpointFacts:
    telling = sorted(observations, key=lambda seen: (_RANK[seen.attempt.status], seen.started_at_us or 0))
    starts = [seen.started_at_us for seen in observations if seen.started_at_us is not None]
    return EndpointFacts(
        endpoint=endpoint,
        vantage=observations[0].vantage,
        first_observed_us=min(starts, default=None),
        attempts={seen.probe: seen.attempt for seen in telling},
    )
