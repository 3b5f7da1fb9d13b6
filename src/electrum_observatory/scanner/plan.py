"""What a scan would do, without doing it: who would be asked what. Resolves nothing, fetches nothing, dials nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.model.address import is_address
from electrum_observatory.scanner.admission import Refusal, withheld_endpoints
from electrum_observatory.scanner.behaviour import Subject
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.discovery.base import Source
from electrum_observatory.scanner.frontier import Target
from electrum_observatory.scanner.packing import PlannedVisit
from electrum_observatory.scanner.probes.registry import all_probes
from electrum_observatory.scanner.revisits import Revisits
from electrum_observatory.scanner.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherVisit:
    """One of the visits that an endpoint gets after the routine one.

    Attributes:
        number: From 1.
        connections: Connections it opens.
        requests: Messages it sends at most.
        errors: Error replies that some programs give.
        probes: Ids of its questions.
    """

    number: int
    connections: int
    requests: int
    errors: int
    probes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsLeft:
    """What earlier sittings of the campaign left over for one endpoint.

    Attributes:
        endpoint: Canonical text.
        visits: Numbers of the visits that are left, in part or whole.
    """

    endpoint: str
    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """The first round of a scan; what servers would tell of others cannot be known beforehand.

    Attributes:
        targets: Whom the scan would start with, in order.
        refusals: Whom our rules refuse already.
        probes: Ids of the questions each would be asked.
        requests_per_visit: Requests that one visit sends at most, the ping after unanswered ones included.
        connections_per_visit: Connections that one visit opens at most.
        spacing_s: Seconds between two connections to one machine.
        depth: How far hearsay would be followed.
        not_read: Ids of sources that would have to be fetched first.
        counts: What was left out and why.
        further_visits: What is asked about behaviour, visit by visit; of each machine, so many endpoints get them.
        visits_left: Whom earlier sittings of the campaign left in the middle of them or before; most have all left.
        examined_per_machine: How many.
        rest_s: Seconds that a machine is left in peace before each of them.
        left_out: Questions that are not put, with the reason.
    """

    targets: tuple[Target, ...]
    refusals: tuple[Refusal, ...]
    probes: tuple[str, ...]
    requests_per_visit: int
    connections_per_visit: int
    spacing_s: float
    depth: int
    not_read: tuple[str, ...]
    counts: dict[str, int]
    further_visits: tuple[FurtherVisit, ...]
    visits_left: tuple[VisitsLeft, ...]
    examined_per_machine: int
    rest_s: float
    left_out: dict[str, str]

    @property
    def further_s(self) -> float:
        """Seconds that the further visits of one endpoint take at least, the rests before them included."""
        second = sum(visit.connections - 1 for visit in self.further_visits)
        return len(self.further_visits) * self.rest_s + second * self.spacing_s


async def plan_scan(
    *,
    config: ScanConfig,
    sources: Sequence[Source],
    rules: Rules,
    now_us: int,
    reference: ChainReference | None = None,
) -> ScanPlan:
    """Read the sources that need no network and apply every rule that needs no resolver.

    Who was asked minutes ago is known by address: of names, a scan finds that out after it has looked them up. Of a
    campaign that is gone on with, what is left is planned.
    """
    frontier = rules.frontier(config)
    admission = rules.admission(config, frontier)
    for source in sources:
        if not source.touches_network:
            async for one in source.sightings():
                trusted = one.told_by is None
                frontier.offer([one], depth=0 if trusted else 1, trusted=trusted)
    targets: list[Target] = []
    settled = rules.earlier.settled_targets()
    withheld = [target for target in frontier.drop_withheld() if target.key not in settled]
    refusals = [admission.refuse_port(target, one) for target in withheld for one in withheld_endpoints(target)]
    while (target := frontier.take()) is not None:
        if target.key in settled:
            continue
        refusal = admission.refuse_host(target)
        refused = [] if refusal is None else [refusal]
        if refusal is None and is_address(target.host):
            endpoints, refused = admission.judge(target, (target.host,))
            rests = ((one, rules.history.rest(one, now_us=now_us, budgets=config.budgets)) for one in endpoints)
            refused += [Refusal(endpoint=one, kind=rest.kind, detail=rest.words) for one, rest in rests if rest]
        if refused:
            refusals += refused
        else:
            targets.append(target)
    probes = [probe for probe in all_probes(pings=config.pings) if probe.id in config.probes]
    subject = Subject(network=NETWORKS[config.network], reference=reference, client_name=config.client_name)
    revisits = Revisits(config, subject)
    going_on = [found for one in rules.examined_before() if (found := revisits.go_on(one)) is not None]
    return ScanPlan(
        targets=tuple(targets),
        refusals=tuple(refusals),
        probes=tuple(probe.id for probe in probes),
        requests_per_visit=min(sum(probe.cost.requests for probe in probes) + 1, config.budgets.requests),
        connections_per_visit=2,
        spacing_s=config.budgets.spacing_s,
        depth=config.depth,
        not_read=tuple(source.id for source in sources if source.touches_network),
        counts=dict(sorted((frontier.counts + admission.counts).items())),
        further_visits=tuple(map(_further, (*revisits.plan, *revisits.treatment_of("")))),
        visits_left=tuple(
            VisitsLeft(endpoint=one.endpoint.canonical, visits=tuple(visit.number for visit in one.left))
            for one in going_on
        ),
        examined_per_machine=config.caps.examined_per_machine,
        rest_s=config.budgets.revisit_s,
        left_out={probe.id: attempt.reason for probe, attempt in revisits.left_out},
    )


def _further(visit: PlannedVisit) -> FurtherVisit:
    return FurtherVisit(
        number=visit.number,
        connections=len(visit.connections),
        requests=visit.requests,
        errors=visit.errors,
        probes=tuple(probe.id for probe in visit.probes),
    )
