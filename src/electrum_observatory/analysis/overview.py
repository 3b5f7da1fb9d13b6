"""The summary numbers of one campaign, each with its denominator. The unit is the machine unless a name says else."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.chains import genesis_of, of_this_network
from electrum_observatory.analysis.machines import Machine
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.sightings import SightingRow

SEVERAL = " / "
"""Stands between the values of a machine whose endpoints differ in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One line of a table of shares.

    Attributes:
        label: The value; None where it was not learned.
        machines: Machines with this value.
        of: Machines in the population.
        endpoints: Their answering endpoints of this network.
    """

    label: str | None
    machines: int
    of: int
    endpoints: int

    @property
    def share(self) -> float:
        """Part of the population, 0–1."""
        return self.machines / self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Populations:
    """How many there are, by how much is known about them. Never added to one another.

    Attributes:
        advertised_hosts: Distinct hosts that anybody told of. Hearsay, hence hosts and not machines.
        advertised_answered: Those of them that answered under this name.
        dialled_endpoints: Endpoints that we tried.
        dialled: Machines that we tried.
        unresolved_endpoints: Endpoints whose name gave no address, so that there was nothing to dial.
        unresolved: Machines (that is: names) of which no endpoint was tried for that reason.
        left_out_endpoints: Endpoints that our own policy did not let us try.
        left_out: Machines of which no endpoint was tried for that reason alone.
        reachable: Machines to which a connection came about.
        answered: Machines that answered the handshake.
        answered_endpoints: Endpoints that did.
        verified: Machines that answered and of which an endpoint's block 0 is the network's, hashed by us.
        claimed: Machines that answered and only say so.
        other_chain: Machines that answered and of which every answering endpoint serves or names another chain.
        genesis_unknown: Machines that answered and whose chain was not learned.
    """

    advertised_hosts: int
    advertised_answered: int
    dialled_endpoints: int
    dialled: int
    unresolved_endpoints: int
    unresolved: int
    left_out_endpoints: int
    left_out: int
    reachable: int
    answered: int
    answered_endpoints: int
    verified: int
    claimed: int
    other_chain: int
    genesis_unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the endpoints were observed.

    Attributes:
        first_us: Earliest observation, UTC microseconds; None where an import does not know.
        last_us: Latest first observation of an endpoint.
    """

    first_us: int | None
    last_us: int | None


def populations(machines: Sequence[Machine], sightings: Iterable[SightingRow]) -> Populations:
    """Count the populations, each by itself."""
    advertised: dict[str, bool] = {}
    for sighting in sightings:
        advertised[sighting.host] = advertised.get(sighting.host, False) or sighting.answered
    endpoints = [row for machine in machines for row in machine.endpoints]
    answered = [machine for machine in machines if machine.answered]
    states = Counter(genesis_of(machine) for machine in answered)
    return Populations(
        advertised_hosts=len(advertised),
        advertised_answered=sum(advertised.values()),
        dialled_endpoints=sum(row.dialled for row in endpoints),
        dialled=sum(machine.dialled for machine in machines),
        unresolved_endpoints=sum(row.unresolved for row in endpoints),
        unresolved=sum(machine.unresolved for machine in machines),
        left_out_endpoints=sum(not row.dialled and not row.unresolved for row in endpoints),
        left_out=sum(not machine.dialled and not machine.unresolved for machine in machines),
        reachable=sum(machine.reachable for machine in machines),
        answered=len(answered),
        answered_endpoints=sum(row.answered for row in endpoints),
        verified=states[GenesisState.VERIFIED],
        claimed=states[GenesisState.CLAIMED],
        other_chain=states[GenesisState.OTHER],
        genesis_unknown=states[GenesisState.UNKNOWN],
    )


def window(machines: Iterable[Machine]) -> Window:
    """Return when the endpoints of the machines were observed."""
    times = [row.first_observed_us for machine in machines for row in machine.endpoints]
    known = [time for time in times if time is not None]
    return Window(first_us=min(known, default=None), last_us=max(known, default=None))


def shares(machines: Sequence[Machine], value: Callable[[ServerRow], str | None]) -> tuple[Share, ...]:
    """Split those of the machines that answered by a value of their endpoints, the largest share first.

    A machine counts once: where its endpoints differ, the line names all values joined by :data:`SEVERAL`. The machines
    whose value was not learned make one line, which comes last.
    """
    answered = [machine for machine in machines if machine.answered]
    count: Counter[str | None] = Counter()
    endpoints: Counter[str | None] = Counter()
    for machine in answered:
        label = value_of(machine, value)
        count[label] += 1
        endpoints[label] += len(_telling(machine))
    lines = (
        Share(label=label, machines=machines_of, of=len(answered), endpoints=endpoints[label])
        for label, machines_of in count.items()
    )
    return tuple(sorted(lines, key=lambda line: (line.label is None, -line.machines, line.label or "")))


def value_of(machine: Machine, value: Callable[[ServerRow], str | None]) -> str | None:
    """Return the value of a machine's answering endpoints, joined where they differ; None where it was not learned.

    Endpoints of another chain are left out, unless the machine has no others.
    """
    found = {text for row in _telling(machine) if (text := value(row)) is not None}
    return SEVERAL.join(sorted(found)) if found else None


def _telling(machine: Machine) -> tuple[ServerRow, ...]:
    answered = tuple(row for row in machine.endpoints if row.answered)
    return of_this_network(answered) or answered


def claimed_product(row: ServerRow) -> str | None:
    """Return the name in a claimed version without its number: "ElectrumX 1.18.0" and "electrs/0.10.5" lose theirs."""
    if row.software is None:
        return None
    return row.software.replace("/", " ").split(" ")[0] or row.software


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCount:
    """What one discovery source told of.

    Attributes:
        source: Its stable id.
        tellers: Endpoints that named somebody this way; 0 for lists.
        hosts: Distinct hosts it named.
        answered: Those of them of which an endpoint answered as named.
        alone: Hosts that no other source named.
    """

    source: str
    tellers: int
    hosts: int
    answered: int
    alone: int


_TELLS: Mapping[str, Callable[[ServerRow], bool]] = {
    "peers_subscribe": lambda row: bool(row.peers_rows),
    "features_hosts": lambda row: row.features_hosts not in (None, "{}"),
}


def source_counts(sightings: Iterable[SightingRow], rows: Sequence[ServerRow]) -> tuple[SourceCount, ...]:
    """Count what each discovery source told of, the one with most hosts first."""
    hosts: dict[str, dict[str, bool]] = {}
    for sighting in sightings:
        named = hosts.setdefault(sighting.source, {})
        named[sighting.host] = named.get(sighting.host, False) or sighting.answered
    sources_of = Counter(host for named in hosts.values() for host in named)
    lines = (
        SourceCount(
            source=source,
            tellers=sum(map(_TELLS[source], rows)) if source in _TELLS else 0,
            hosts=len(named),
            answered=sum(named.values()),
            alone=sum(sources_of[host] == 1 for host in named),
        )
        for source, named in hosts.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.hosts, line.source)))
