"""Spreads the questions about behaviour over visits, from their declared costs alone: always in the same way.

A visit has at most two connections; on each, the questions keep the order of the registry, and one on which some
program closes comes last. A question whose own message begins the connection has it to itself, and one that only
consenting operators are asked has a visit to itself. Each question goes into the first visit that has room for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening

CONNECTIONS_PER_VISIT = 2
_HANDSHAKE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedConnection:
    """One connection of a visit.

    Attributes:
        number: Within its visit, from 0.
        opening: How it begins.
        probes: What is put on it, in order.
    """

    number: int
    opening: Opening
    probes: tuple[BehaviourProbe, ...]

    @property
    def requests(self) -> int:
        """Messages at most, the handshake included."""
        handshake = 0 if self.opening is Opening.BARE else _HANDSHAKE
        return handshake + sum(map(requests_of, self.probes))

    @property
    def errors(self) -> int:
        """Error replies at most."""
        return sum(probe.cost.errors for probe in self.probes)

    @property
    def full(self) -> bool:
        """Whether nothing may follow."""
        return self.opening is Opening.BARE or any(probe.cost.may_close for probe in self.probes)

    def takes(self, probe: BehaviourProbe) -> bool:
        """Whether a probe may be put on it, costs aside."""
        alike = self.opening is probe.opening is not Opening.BARE
        return alike and not (self.full and probe.cost.may_close)

    def with_probe(self, probe: BehaviourProbe) -> "PlannedConnection":
        """Return it with one more probe: last, but before one on which some program closes."""
        before = sum(not one.cost.may_close for one in self.probes)
        return replace(self, probes=(*self.probes[:before], probe, *self.probes[before:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """One visit.

    Attributes:
        number: From 1.
        connections: In order.
    """

    number: int
    connections: tuple[PlannedConnection, ...]

    @property
    def requests(self) -> int:
        """Messages at most."""
        return sum(one.requests for one in self.connections)

    @property
    def errors(self) -> int:
        """Error replies at most."""
        return sum(one.errors for one in self.connections)

    @property
    def probes(self) -> tuple[BehaviourProbe, ...]:
        """All that is put, in order."""
        return tuple(probe for one in self.connections for probe in one.probes)

    @property
    def alone(self) -> bool:
        """Whether it is the visit of one aggressive probe."""
        return any(probe.group is Group.AGGRESSIVE for probe in self.probes)

    def places_for(self, probe: BehaviourProbe) -> "list[PlannedVisit]":
        """Return the visits that it could be with a probe more: the first connection that takes it, or a new one."""
        found = []
        for place, one in enumerate(self.connections):
            if one.takes(probe):
                ends = self.connections[:place], self.connections[place + 1 :]
                found.append(replace(self, connections=(*ends[0], one.with_probe(probe), *ends[1])))
        if len(self.connections) < CONNECTIONS_PER_VISIT:
            another = PlannedConnection(number=len(self.connections), opening=probe.opening, probes=(probe,))
            found.append(replace(self, connections=(*self.connections, another)))
        return found


def requests_of(probe: BehaviourProbe) -> int:
    """Return the messages that a probe sends at most."""
    return probe.cost.requests + probe.cost.pings


def pack(
    probes: Sequence[BehaviourProbe], *, requests: int, errors: int, first_number: int = 1
) -> tuple[PlannedVisit, ...]:
    """Return the visits that put all probes, none beyond these limits but one of an aggressive probe.

    Raises:
        ValueError: A single probe is beyond the limits.
    """
    visits: list[PlannedVisit] = []
    for probe in probes:
        place, visit = _first_with_room(visits, probe, requests, errors)
        visits[place:] = [visit, *visits[place + 1 :]]
    return tuple(replace(visit, number=number) for number, visit in enumerate(visits, first_number))


def _first_with_room(
    visits: Sequence[PlannedVisit], probe: BehaviourProbe, requests: int, errors: int
) -> tuple[int, PlannedVisit]:
    alone = probe.group is Group.AGGRESSIVE
    for place, visit in enumerate(visits):
        if alone or visit.alone:
            continue
        for wider in visit.places_for(probe):
            if wider.requests <= requests and wider.errors <= errors:
                return place, wider
    alone_on_it = PlannedConnection(number=0, opening=probe.opening, probes=(probe,))
    fresh = PlannedVisit(number=0, connections=(alone_on_it,))
    if not alone and (fresh.requests > requests or fresh.errors > errors):
        words = f"{probe.id} may cost {fresh.requests} requests and {fresh.errors} errors"
        raise ValueError(f"{words}; a visit has {requests} and {errors}")
    return len(visits), fresh
