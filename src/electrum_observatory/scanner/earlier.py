"""What earlier sittings of the same campaign have heard, asked and counted: where a scan goes on, it starts from here.

Handed in through :class:`Rules`. Hearsay is told to the frontier again, teller by teller and in the old order, so that
depths, caps and the voices behind an unusual port stand where they stood; it is not recorded a second time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.frontier import Frontier, TargetKey
from electrum_observatory.scanner.tally import Tally

_Statement = tuple[str, int, Transport, str, str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An endpoint whose routine visit was answered, and what was put to it since.

    Attributes:
        endpoint: Whom.
        refuses_ranges: Whether it was seen to refuse a range of versions.
        legacy_tls: Whether it needed old TLS.
        put: Ids of the questions about behaviour that have an outcome.
        last_asked_us: When something was last asked; UTC microseconds.
    """

    endpoint: Endpoint
    refuses_ranges: bool
    legacy_tls: bool
    put: frozenset[str]
    last_asked_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was done before; empty for a campaign that begins.

    Attributes:
        heard: What was told, in the order it was told.
        endpoints: Every endpoint with an outcome, by id; the tellers of hearsay are among them.
        settled: Ids of the endpoints whose last visit has an outcome, or that our own rules refused.
        dialled: Ids of those that a connection was tried to: they use up room under the caps per network.
        examined: Whose routine visit was answered.
        counts: The campaign's counts so far, without what visits that were broken off added to them.
    """

    heard: Sequence[Sighting] = ()
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()
    dialled: frozenset[str] = frozenset()
    examined: Sequence[Examined] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def is_settled(self, endpoint: Endpoint) -> bool:
        """Whether an endpoint must not be asked again in this campaign."""
        return bool(self.settled) and endpoint.endpoint_id in self.settled

    def settled_targets(self) -> Counter[TargetKey]:
        """Return the targets of which at least one address is settled, and of how many: their names did resolve."""
        return Counter(map(_key, map(self.endpoints.__getitem__, self.settled)))

    def replay(self, frontier: Frontier) -> None:
        """Bring an empty frontier to where the earlier sittings left theirs; what overflows was counted before."""
        for endpoint in map(self.endpoints.__getitem__, self.dialled):
            frontier.admit_machine(machine_key(endpoint), trusted=True, teller="")
            if endpoint.address is not None:
                frontier.admit_address(endpoint.address, trusted=True, teller="")
        depths: dict[TargetKey, int] = {}
        for one in self.heard:
            speaker = None if one.told_by is None else self.endpoints.get(one.told_by)
            depth = 0 if one.told_by is None else 1 + (depths.get(_key(speaker), 0) if speaker else 0)
            frontier.offer([one], depth=depth, trusted=depth == 0, speaker=speaker)
            depths.setdefault(_key(one), depth)
        frontier.forget_counts()

    def news(self, sightings: Iterable[Sighting]) -> list[Sighting]:
        """Leave out what the same source has said before."""
        if not self.heard:
            return list(sightings)
        known = set(map(_statement, self.heard))
        return [one for one in sightings if _statement(one) not in known]


def counted(observations: Iterable[Observation], network: Network) -> Counter[str]:
    """Count endpoints by what came of them, as a running scan does; each endpoint's observations stand together."""
    by_endpoint: dict[Endpoint, list[Observation]] = {}
    for one in observations:
        by_endpoint.setdefault(one.endpoint, []).append(one)
    tally = Tally(network)
    for seen in by_endpoint.values():
        tally.add(seen)
    return tally.counts


def _key(one: Endpoint | Sighting) -> TargetKey:
    return one.host, one.port, one.transport


def _statement(one: Sighting) -> _Statement:
    return one.host, one.port, one.transport, one.source, one.told_by, one.address_claimed
