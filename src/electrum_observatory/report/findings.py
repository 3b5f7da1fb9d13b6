"""What the pages show, put together from tables and analysis. Nothing is concluded here."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.analysis import certificates, chains, latency, overview, unanswered
from electrum_observatory.analysis.behaviour import EndpointBehaviour
from electrum_observatory.analysis.machines import Machine, assign, machine_of
from electrum_observatory.datasets import servers, sightings, tls
from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.sightings import SightingRow
from electrum_observatory.datasets.tls import TlsRow
from electrum_observatory.model.campaign import Campaign, CampaignKind, CampaignSeal
from electrum_observatory.report.build_words import build_of, program_of
from electrum_observatory.report.countries import country_name
from electrum_observatory.report.machine_view import provider_of
from electrum_observatory.report.world_map import Spot, spots

NOBODY_JUDGED: Mapping[str, EndpointBehaviour] = MappingProxyType({})
"""Where no replies are at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesOfMachines:
    """The tables of shares; each splits the machines of this network that answered.

    Attributes:
        implementations: Which program it is by behaviour.
        builds: Program and range of versions by behaviour.
        products: Claimed software without its version.
        software: Claimed software, whole.
        protocols: Protocol version settled on.
        countries: Country of the address.
        providers: Hosting company, or the announcing organisation where none is known.
        tips: Blocks behind the agreed tip, or that the named height is above it.
        relay_fees: Lowest fee rate relayed, sat/vB.
    """

    implementations: tuple[overview.Share, ...]
    builds: tuple[overview.Share, ...]
    products: tuple[overview.Share, ...]
    software: tuple[overview.Share, ...]
    protocols: tuple[overview.Share, ...]
    countries: tuple[overview.Share, ...]
    providers: tuple[overview.Share, ...]
    tips: tuple[overview.Share, ...]
    relay_fees: tuple[overview.Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything the pages of one campaign need.

    Attributes:
        campaign: What it set out to do.
        seal: How it ended; None where it is open.
        machines: All machines, those that answered first, then by name.
        machine_of: Endpoint id to machine id.
        populations: The headline numbers.
        measured: The machines that shares, map, latency and tips are about.
        window: When it looked; the start of a scan that looked at nobody.
        shares: Tables of shares.
        spots: Places of the map.
        pings: Shortest round trip of each machine, ms, in order.
        median_ping: Their median, ms; None where there are none.
        agreed_tip: The height that tips are compared with; None where none was learned.
        certificates: One line per certificate.
        tls: Endpoint id to its certificate row.
        failures: Ways not to answer.
        sources: What each discovery source told of.
        sightings_of: Host to the sightings of it.
        attribution: Lines to print beside places.
        data_date: When the data of places was made.
        judged: Endpoint id to what its conversations say.
        unvisited: Ports that somebody told of and that no outcome is recorded of; in a campaign that ended, refused.
    """

    campaign: Campaign
    seal: CampaignSeal | None
    machines: tuple[Machine, ...]
    machine_of: Mapping[str, str]
    populations: overview.Populations
    measured: tuple[Machine, ...]
    window: overview.Window
    shares: SharesOfMachines
    spots: tuple[Spot, ...]
    pings: tuple[float, ...]
    median_ping: float | None
    agreed_tip: int | None
    certificates: tuple[certificates.CertificateUse, ...]
    tls: Mapping[str, TlsRow]
    failures: tuple[unanswered.FailureCount, ...]
    sources: tuple[overview.SourceCount, ...]
    sightings_of: Mapping[str, tuple[SightingRow, ...]]
    attribution: tuple[str, ...]
    data_date: str
    judged: Mapping[str, EndpointBehaviour]
    unvisited: int

    @property
    def partial(self) -> bool:
        """Whether the campaign was not sealed complete."""
        return self.seal is None or self.seal.state.partial

    @property
    def visited(self) -> int:
        """Endpoints that an outcome is recorded of."""
        return sum(len(machine.endpoints) for machine in self.machines)

    @property
    def answered(self) -> tuple[Machine, ...]:
        """The machines that answered."""
        return tuple(machine for machine in self.machines if machine.answered)

    @property
    def silent(self) -> tuple[Machine, ...]:
        """The machines that did not, or were left out."""
        return tuple(machine for machine in self.machines if not machine.answered)

    @property
    def measured_words(self) -> str:
        """The measured machines in words, to stand behind a number or "machines"."""
        if self.campaign.kind is CampaignKind.SCAN:
            return "whose chain was verified"
        return "that answered" + (" and are not of another chain" if self.populations.other_chain else "")

    @property
    def of_another_chain(self) -> tuple[Machine, ...]:
        """The machines of which every answering endpoint serves or names another chain."""
        return tuple(one for one in self.answered if chains.genesis_of(one) is GenesisState.OTHER)

    @property
    def of_two_chains(self) -> tuple[Machine, ...]:
        """The machines of which some answering endpoints serve or name another chain, and some do not."""
        mixed = (one for one in self.answered if chains.of_another_chain(one.endpoints))
        return tuple(one for one in mixed if chains.genesis_of(one) is not GenesisState.OTHER)

    @property
    def keeps_only(self) -> str | None:
        """Whom the files of an import keep, if they tell of no failure: then nobody knows how many were dialled."""
        counted = self.populations
        if self.campaign.kind is not CampaignKind.IMPORT or self.failures or not counted.answered:
            return None
        return "that answered" if counted.reachable == counted.answered else "that were reached"

    @property
    def by_id(self) -> dict[str, Machine]:
        """Machine id to machine."""
        return {machine.machine_id: machine for machine in self.machines}


def findings(
    facts: CampaignFacts,
    places: PlaceLookup,
    first_seen: Mapping[str, int],
    judged: Mapping[str, EndpointBehaviour] = NOBODY_JUDGED,
) -> Findings:
    """Put the findings of one campaign together; ``judged`` is endpoint id to what its conversations say."""
    machines = tuple(
        sorted(assign(servers.build(facts, places), first_seen), key=lambda one: (not one.answered, _name(one)))
    )
    named = machine_of(machines)
    told = sightings.build(facts, places)
    shown = tls.build(facts, places)
    measured = chains.measured(machines, facts.campaign.kind)
    pings = latency.shortest_pings(measured)
    tip = latency.agreed_tip(measured)
    return Findings(
        campaign=facts.campaign,
        seal=facts.seal,
        machines=machines,
        machine_of=named,
        populations=overview.populations(machines, told),
        measured=measured,
        window=_window(facts, machines),
        shares=_shares(measured, tip, judged),
        spots=spots(measured),
        pings=pings,
        median_ping=latency.median_or_none(pings),
        agreed_tip=tip,
        certificates=certificates.uses(shown, named),
        tls={row.endpoint_id: row for row in shown},
        failures=unanswered.failure_counts(machines),
        sources=overview.source_counts(told, [row for machine in machines for row in machine.endpoints]),
        sightings_of=_by_host(told),
        attribution=places.attribution,
        data_date=places.data_date,
        judged=judged,
        unvisited=_unvisited(machines, told),
    )


def _shares(
    machines: tuple[Machine, ...], tip: int | None, judged: Mapping[str, EndpointBehaviour]
) -> SharesOfMachines:
    def blocks_behind(row: ServerRow) -> str | None:
        if tip is None or row.tip_height is None:
            return None
        return "above" if row.tip_height > tip else str(tip - row.tip_height)

    return SharesOfMachines(
        implementations=overview.shares(machines, lambda row: program_of(judged.get(row.endpoint_id))),
        builds=overview.shares(machines, lambda row: build_of(judged.get(row.endpoint_id))),
        products=overview.shares(machines, overview.claimed_product),
        software=overview.shares(machines, lambda row: row.software),
        protocols=overview.shares(machines, lambda row: row.protocol),
        countries=overview.shares(machines, lambda row: country_name(row.country)),
        providers=overview.shares(machines, provider_of),
        tips=overview.shares(machines, blocks_behind),
        relay_fees=overview.shares(machines, _sat_per_vb),
    )


def _sat_per_vb(row: ServerRow) -> str | None:
    return None if row.relay_fee_btc_per_kvb is None else f"{row.relay_fee_btc_per_kvb * 100_000:g}"


def _window(facts: CampaignFacts, machines: tuple[Machine, ...]) -> overview.Window:
    seen = overview.window(machines)
    if seen.first_us is None and facts.campaign.kind is CampaignKind.SCAN:
        return overview.Window(first_us=facts.campaign.started_at_us, last_us=facts.campaign.started_at_us)
    return seen


def _unvisited(machines: tuple[Machine, ...], told: tuple[SightingRow, ...]) -> int:
    came_to = {(row.host, row.port, row.transport) for machine in machines for row in machine.endpoints}
    return len({(row.host, row.port, row.transport) for row in told} - came_to)


def _by_host(told: tuple[SightingRow, ...]) -> dict[str, tuple[SightingRow, ...]]:
    hosts: dict[str, list[SightingRow]] = {}
    for sighting in told:
        hosts.setdefault(sighting.host, []).append(sighting)
    return {host: tuple(rows) for host, rows in hosts.items()}


def _name(machine: Machine) -> tuple[bool, str]:
    host = machine.hosts[0]
    return (":" in host or host.rsplit(".", 1)[-1].isdigit(), host)
