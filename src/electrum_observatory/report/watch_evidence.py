"""Groups of machines and the evidence of their pairs, as the pages show them: every link opens to its witnesses."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
from electrum_observatory.analysis.backends.groups import Group, Grouping
from electrum_observatory.analysis.backends.study import THRESHOLDS, BackendStudy
from electrum_observatory.analysis.backends.witnesses import Witness, opened, witnesses_of
from electrum_observatory.analysis.backends.words import Verdict, verdict_of, verdict_of_group
from electrum_observatory.report.watch_findings import WatchFindings

PAIRS_OF_A_PAGE = 40
MOST_PAIRS = 240
"""Of a group, opened on pages: the weakest. The command opens any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A machine of a group.

    Attributes:
        name: The server that stands for it.
        host: That server's host alone.
        others: Its other servers.
        program: Whose histograms its could be.
        policy: Its relay fee in words.
    """

    name: str
    host: str
    others: tuple[str, ...]
    program: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """The evidence of two machines.

    Attributes:
        number: Counts the pairs of a group from 1, the weakest first.
        names: The two servers.
        bits: Of all signals together.
        posteriors: Probability of one node at each of ``PRIOR_FACTORS``.
        verdict: What may be said.
        declared: Whether the pair is declared at the default threshold.
        signals: Signal, its bits, bits expected on one node; of signals with either.
        witnesses: The most telling readings.
        command: The command line that prints all this.
    """

    number: int
    names: tuple[str, str]
    bits: float
    posteriors: tuple[float, ...]
    verdict: Verdict
    declared: bool
    signals: tuple[tuple[str, float, float], ...]
    witnesses: tuple[Witness, ...]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """One group.

    Attributes:
        number: From 1, as the command counts.
        group: Its figures.
        verdict: What may be said.
        members: Its machines.
        machines: Their indices.
        published: Numbers of the published rule's clusters that its members are in.
    """

    number: int
    group: Group
    verdict: Verdict
    members: tuple[MemberView, ...]
    machines: tuple[int, ...]
    published: tuple[int, ...]

    @property
    def pairs(self) -> int:
        """How many pairs it has."""
        return len(self.members) * (len(self.members) - 1) // 2

    @property
    def page(self) -> str:
        """File of its first page, within the folder of groups."""
        return f"group-{self.number}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeView:
    """A machine that is consistent with the nodes of two groups.

    Attributes:
        name: The server that stands for it.
        groups: Numbers of the two groups.
        each: Share of the moments at which it agreed with the first only, and with the second only.
        posterior: Of standing on both.
        page: File of its page, within the folder of groups.
    """

    name: str
    groups: tuple[int, int]
    each: tuple[float, float]
    posterior: float
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityRow:
    """What is declared at one threshold.

    Attributes:
        threshold: Posterior from which a pair is declared.
        by_prior: At each of ``PRIOR_FACTORS``: pairs, groups, machines in groups, expected share of false pairs.
    """

    threshold: float
    by_prior: tuple[tuple[int, int, int, float], ...]


def name_of(study: BackendStudy, machine: int) -> str:
    """Return the server that stands for a machine, as people know it."""
    return study.material.facts[machine].endpoint.service


def group_views(found: WatchFindings, grouping: Grouping) -> tuple[GroupView, ...]:
    """Return the groups of a grouping."""
    return tuple(
        GroupView(
            number=number,
            group=group,
            verdict=verdict_of_group(found.study, group.members),
            members=tuple(_member(found, one) for one in group.members),
            machines=group.members,
            published=tuple(sorted({int(found.published.groups[one]) + 1 for one in group.members})),
        )
        for number, group in enumerate(grouping.groups, start=1)
    )


def _member(found: WatchFindings, machine: int) -> MemberView:
    stands = found.study.material.facts[machine]
    aliases = found.study.material.aliases[machine]
    return MemberView(
        name=name_of(found.study, machine),
        host=stands.endpoint.host,
        others=tuple(one.endpoint.service for one in aliases if one is not stands),
        program=stands.algorithm,
        policy=found.published.policies[machine],
    )


def bridge_views(found: WatchFindings, grouping: Grouping) -> tuple[BridgeView, ...]:
    """Return the machines that stand on two nodes by turns."""
    return tuple(
        BridgeView(
            name=name_of(found.study, one.machine),
            groups=(one.groups[0] + 1, one.groups[1] + 1),
            each=one.each,
            posterior=one.posterior,
            page=f"bridge-{number}.html",
        )
        for number, one in enumerate(grouping.bridges, start=1)
    )


def sensitivity(study: BackendStudy, usual: Grouping) -> tuple[SensitivityRow, ...]:
    """Return what is declared at three thresholds under three priors; ``usual`` is the grouping at the defaults."""

    def grouping(threshold: float, factor: float) -> Grouping:
        is_usual = (threshold, factor) == (usual.threshold, 1.0)
        return usual if is_usual else study.groups(threshold, factor)

    return tuple(
        SensitivityRow(
            threshold=threshold, by_prior=tuple(_declared(grouping(threshold, factor)) for factor in PRIOR_FACTORS)
        )
        for threshold in THRESHOLDS
    )


def _declared(grouping: Grouping) -> tuple[int, int, int, float]:
    machines = {member for group in grouping.groups for member in group.members}
    return grouping.declared, len(grouping.groups), len(machines), grouping.false_discovery


class PairTeller:
    """Opens pairs; what all of them need is computed once."""

    def __init__(self, found: WatchFindings, grouping: Grouping) -> None:
        self._found = found
        self._opened = opened(found.study)
        self._posteriors = tuple(found.study.posterior(factor) for factor in PRIOR_FACTORS)
        self._links = grouping.links

    def of_group(self, machines: tuple[int, ...]) -> tuple[PairView, ...]:
        """Return the pairs of a group, the weakest first; of a very large group the weakest only."""
        return self._told(list(combinations(machines, 2)))

    def of_one(self, machine: int, others: tuple[int, ...]) -> tuple[PairView, ...]:
        """Return the pairs of one machine with others, likewise."""
        return self._told([(machine, other) for other in others if other != machine])

    def _told(self, pairs: list[tuple[int, int]]) -> tuple[PairView, ...]:
        bits = self._found.study.bits
        weakest = sorted(pairs, key=lambda pair: float(bits[pair]))[:MOST_PAIRS]
        return tuple(self._pair(number, *pair) for number, pair in enumerate(weakest, start=1))

    def _pair(self, number: int, one: int, other: int) -> PairView:
        study, read = self._found.study, self._found.read
        return PairView(
            number=number,
            names=(name_of(study, one), name_of(study, other)),
            bits=float(study.bits[one, other]),
            posteriors=tuple(float(each[one, other]) for each in self._posteriors),
            verdict=verdict_of(study, one, other),
            declared=bool(self._links[one, other]),
            signals=tuple(_signals(study, one, other)),
            witnesses=witnesses_of(study, read.table, one, other, self._opened),
            command=pair_command(self._found, one, other),
        )


def _signals(study: BackendStudy, one: int, other: int) -> Iterator[tuple[str, float, float]]:
    for signal, weighed in study.weighed.items():
        bits, expected = float(weighed.bits[one, other]), float(weighed.expected[one, other])
        if bits or expected:
            yield str(signal), bits, expected


def pair_command(found: WatchFindings, one: int, other: int) -> str:
    """Return the command line that opens a pair."""
    names = (found.study.material.facts[machine].endpoint.canonical for machine in (one, other))
    return f"observatory backends {watch_options(found)} --pair {' '.join(shlex.quote(name) for name in names)}"


def watch_options(found: WatchFindings) -> str:
    """Return the options that name this watch and span."""
    span = found.read.span_words
    return f"--watch {found.read.watch.watch_id}{' ' if span else ''}{span}"
