"""When each server of a world is there, when its process was started, and when we ourselves were blind.

Servers come and go for reasons of their own (``life_events``); here the reasons are forgotten and what a watch could
see is left: up, refused, or no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.life_events import DAY_S, WEEK_S, Away, Changed, Events, Why
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw
from electrum_observatory.lab.time.rounds import Chunk, Floats, Found
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.watch import Availability, Blindness, BlindSpell
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING

_UP, _REFUSED, _UNKNOWN = (
    AVAILABILITIES.index(one) for one in (Availability.UP, Availability.REFUSED, Availability.UNKNOWN)
)
_FAILURES = (
    Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_REFUSED),
    Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_TIMEOUT),
)
_OURS = (Blindness.NOT_RUNNING, Blindness.SUSPENDED, Blindness.NO_NETWORK)
_KEEPS_RUNNING = frozenset({Why.MOVE})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Absences:
    """The times in which one server does not answer, by time and apart from each other.

    Attributes:
        from_s: World times.
        to_s: World times, exclusive.
        refuses: Whether its host refuses then.
    """

    from_s: Floats
    to_s: Floats
    refuses: NDArray[np.bool_]

    def at(self, moments: Floats) -> NDArray[np.int64]:
        """Return the absence that each world time falls into, as a place; NOTHING where the server is there."""
        place = np.searchsorted(self.from_s, moments, side="right") - 1
        inside = (place >= 0) & (moments < self.to_s[place]) if len(self.to_s) else np.zeros(moments.shape, np.bool_)
        return np.where(inside, place, NOTHING)


class AllLives:
    """The lives of a world's servers (``rounds.Lives``)."""

    def __init__(self, plan: WorldPlan, mempools: Mempools) -> None:  # noqa: ARG002 - lives follow from the plan alone
        self._plan = plan
        events = Events(plan)
        self._aways = [sorted(events.aways[one.server_id], key=lambda away: away.from_s) for one in plan.servers]
        self._absences = [_merged(aways) for aways in self._aways]
        self.changes: tuple[Changed, ...] = tuple(events.changes)
        self.hosts = tuple(tuple(server.server_id for server in host) for host in events.hosts)
        self.patterns = events.patterns

    def starts(self, server: int) -> Floats:
        """World times at which this server's process was started, by time; the first before the watch."""
        rng = stream(self._plan.seed, "life", "first start", self._plan.servers[server].server_id)
        first = -rng.uniform(0.1, 30.0) * DAY_S
        restarted = [away.to_s for away in self._aways[server] if away.why not in _KEEPS_RUNNING]
        return np.array([first, *sorted(at for at in restarted if first < at < self._plan.seconds)])

    def absences(self, server: int) -> Absences:
        """The times in which a server does not answer."""
        return self._absences[server]

    def found(self, chunk: Chunk) -> Found:
        """How each server was found in each round."""
        availability = np.full(chunk.asked_s.shape, _UP, dtype=np.int64)
        failure_at = np.full(chunk.asked_s.shape, NOTHING, dtype=np.int64)
        for server, absences in enumerate(self._absences):
            place = absences.at(chunk.asked_s[:, server])
            away = np.flatnonzero(place != NOTHING)
            refuses = absences.refuses[place[away]]
            availability[away, server] = np.where(refuses, _REFUSED, _UNKNOWN)
            failure_at[away, server] = np.where(refuses, 0, 1)
        return Found(availability=availability, failures=_FAILURES, failure_at=failure_at)


def blind_spells(plan: WorldPlan) -> tuple[BlindSpell, ...]:
    """Return the times in which this world's watch saw nobody, oldest first: no rounds, no news."""
    rng = stream(plan.seed, "life", "blind")
    rate = draw("blind.per_week", plan.seed) / WEEK_S
    length = RANGES["blind.length"]
    found: list[BlindSpell] = []
    at = 0.0
    while (at := at + rng.expovariate(rate)) < plan.seconds:
        ends = min(at + length.low * (length.high / length.low) ** rng.random(), float(plan.seconds))
        spell = BlindSpell(
            why=rng.choice(_OURS), from_us=plan.start_us + round(at * 1e6), to_us=plan.start_us + round(ends * 1e6)
        )
        found.append(spell)
        at = ends
    return tuple(found)


def _merged(aways: Sequence[Away]) -> Absences:
    """Join what overlaps; the first reason decides what one sees."""
    spans: list[tuple[float, float, bool]] = []
    for away in aways:
        if spans and away.from_s <= spans[-1][1]:
            began, ended, refuses = spans[-1]
            spans[-1] = (began, max(ended, away.to_s), refuses)
        else:
            spans.append((away.from_s, away.to_s, away.refuses))
    return Absences(
        from_s=np.array([began for began, _, _ in spans], dtype=np.float64),
        to_s=np.array([ended for _, ended, _ in spans], dtype=np.float64),
        refuses=np.array([refuses for _, _, refuses in spans], dtype=np.bool_),
    )
