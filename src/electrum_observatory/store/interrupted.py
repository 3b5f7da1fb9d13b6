"""What a campaign that is not complete has done so far, read back so that it can be finished and nobody is asked twice.

An endpoint is *settled* once its last visit has an outcome: it answered, failed, or was refused by our own rules. A
visit that was broken off by Ctrl-C left a ``cancelled`` row and is not; one that was under way when the process was
killed left nothing at all. Further visits are apart from that: each of their questions has an outcome or has none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import rows
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from electrum_observatory.store.sittings import StoredSitting, last_counts

_UNDIALLED = (Stage.RESOLVE.value, Stage.POLICY.value)
_OUTCOMES = """
SELECT endpoint_pk, observation_pk, host, address, port, transport, failure_stage, failure_kind, probe, started_at_us
FROM observations JOIN endpoints USING (endpoint_pk)
WHERE campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = ?) ORDER BY observation_pk
"""
_HEARD = f"""
SELECT {", ".join(rows.SIGHTING_COLUMNS.split(", ")[1:])} FROM sightings
WHERE campaign_pk = (SELECT campaign_pk FROM campaigns WHERE campaign_id = ?) ORDER BY sighting_pk
"""  # noqa: S608 (our own column names)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneSoFar:
    """The state of an interrupted campaign.

    Attributes:
        stored: The campaign.
        sittings: Its runs so far.
        heard: What it was told, in the order it was told.
        endpoints: Every endpoint with an observation, by id: the tellers of hearsay are among them.
        settled: Ids of those whose last visit has an outcome.
        dialled: Ids of the settled ones that a connection was tried to.
        examined: What was put in further visits, by id of the endpoint: see :class:`FurtherAsked`.
        broken_off: The observations that ``counts`` holds of visits which are to be made anew.
        known_to: Key of the last observation; 0 where there is none.
    """

    stored: StoredCampaign
    sittings: Sequence[StoredSitting]
    heard: tuple[Sighting, ...]
    endpoints: Mapping[str, Endpoint]
    settled: frozenset[str]
    dialled: frozenset[str]
    examined: Mapping[str, "FurtherAsked"]
    broken_off: tuple[Observation, ...]
    known_to: int

    @property
    def counts(self) -> Mapping[str, int] | None:
        """The campaign's counts as they stood with the last commit; None where none were ever kept."""
        return last_counts(self.sittings)


@dataclass(slots=True)
class FurtherAsked:
    """What was put to an endpoint in further visits.

    Attributes:
        put: Ids of the questions that have an outcome; what was broken off has none.
        last_asked_us: When the last of them was put; UTC microseconds, 0 where that is not known.
    """

    put: set[str]
    last_asked_us: int = 0


@dataclass(slots=True)
class _Outcome:
    """How the last visit of an endpoint ended, and the number of the sitting that made it."""

    endpoint: Endpoint
    sitting: int
    broken_off: bool = False
    dialled: bool = True


def done_so_far(reader: StoreReader, stored: StoredCampaign, *, further: Collection[str] = ()) -> DoneSoFar:
    """Read the state of a campaign. Raises StoreError where the database cannot be read.

    ``further`` are the ids of the probes of further visits: they say nothing of how the first one ended.
    """
    campaign_id = stored.campaign.campaign_id
    sittings = reader.sittings(campaign_id)
    found = reader.select(_OUTCOMES, (campaign_id,))
    routine = [row for row in found if row[-2] not in further]
    outcomes = _outcomes(routine, [one.after_observation_pk for one in sittings])
    counted = max((one.number for one in sittings if one.counts is not None), default=None)
    left = {key for key, one in outcomes.items() if one.broken_off and counted in (None, one.sitting)}
    return DoneSoFar(
        stored=stored,
        sittings=sittings,
        heard=tuple(rows.read_sighting(row) for row in reader.select(_HEARD, (campaign_id,))),
        endpoints={one.endpoint.endpoint_id: one.endpoint for one in outcomes.values()},
        settled=frozenset(one.endpoint.endpoint_id for one in outcomes.values() if not one.broken_off),
        dialled=frozenset(one.endpoint.endpoint_id for one in outcomes.values() if one.dialled and not one.broken_off),
        examined=_examined([row for row in found if row[-2] in further], outcomes),
        broken_off=tuple(reader.observations_of(campaign_id, sorted(left))) if left else (),
        known_to=found[-1][1] if found else 0,
    )


def _outcomes(found: Sequence[rows.Row], boundaries: Sequence[int]) -> dict[int, _Outcome]:
    """Fold the rows of each endpoint; those of a later sitting replace what an earlier one left."""
    outcomes: dict[int, _Outcome] = {}
    sitting, ahead = 0, [*boundaries]
    for endpoint_pk, key, host, address, port, transport, stage, kind, _, _ in found:
        while ahead and key > ahead[0]:
            ahead.pop(0)
            sitting += 1
        outcome = outcomes.get(endpoint_pk)
        if outcome is None or outcome.sitting < sitting:
            endpoint = Endpoint(host=host, address=address, port=port, transport=Transport(transport))
            outcome = outcomes[endpoint_pk] = _Outcome(endpoint, sitting)
        outcome.broken_off |= kind == FailureKind.CANCELLED.value
        outcome.dialled &= stage not in _UNDIALLED
    return outcomes


def _examined(found: Sequence[rows.Row], outcomes: Mapping[int, _Outcome]) -> Mapping[str, FurtherAsked]:
    """Gather the rows of further visits by endpoint."""
    examined: dict[str, FurtherAsked] = {}
    for endpoint_pk, *_, kind, probe, at_us in found:
        if endpoint_pk not in outcomes:
            continue
        asked = examined.setdefault(outcomes[endpoint_pk].endpoint.endpoint_id, FurtherAsked(set()))
        asked.last_asked_us = max(asked.last_asked_us, at_us or 0)
        if kind != FailureKind.CANCELLED.value:
            asked.put.add(probe)
    return examined
