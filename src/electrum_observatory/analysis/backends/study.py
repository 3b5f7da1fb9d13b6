"""The whole question: which machines of a watch stand on one bitcoind, with the bits of every pair."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.balancers import balancers_of
from electrum_observatory.analysis.backends.block import (
    Signal,
    Weighed,
    evidence_of,
    prior_bits,
    probability,
    reaches,
)
from electrum_observatory.analysis.backends.groups import Grouping, group_at, no_groups, with_balancers
from electrum_observatory.analysis.backends.material import Mask, Material, material_of
from electrum_observatory.analysis.backends.weighing import FEW_MACHINES, weigh_all
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch_ports import NOTHING

THRESHOLDS = (0.5, 0.9, 0.99)
DEFAULT_THRESHOLD = 0.9
ENOUGH = 0.5
"""Data suffice where at least half of what could be linked could be found."""

_ONE_VOTE = 0.5  # who gives equal histograms in half of the rounds has one vote with the other
_LARGE = 0.1
_LEAST_SUPPORT = 3.0  # bits; estimates go to and fro between two nodes' by chance, too


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackendStudy:
    """What was found.

    Attributes:
        material: What it was found from.
        voters: Whose pairs told what is usual; shape (N,).
        voices: Machines that count for the prior: those whose histograms are always equal count once.
        weighed: Bits by signal.
        bits: Bits of the block; shape (N, N).
        reachable: Whether a pair on one node could be expected to be found at all: whether what it would earn, judged
            by the data themselves, reaches what prior and threshold ask; shape (N, N).
        reach: Share of the others with which each machine could be found; shape (N,).
        reachable_share: Share of all pairs that could be found: the recall to be expected.
    """

    material: Material
    voters: Mask
    voices: int
    weighed: Mapping[Signal, Weighed]
    bits: Floats
    reachable: NDArray[np.bool_]
    reach: Floats
    reachable_share: float

    @property
    def sufficient(self) -> bool:
        """Whether more of what there is could be found than would be missed."""
        return self.reachable_share >= ENOUGH

    @property
    def declares(self) -> bool:
        """Whether links may be declared. Of a few machines they rest on what is known beforehand, so data must suffice.

        From many it was learned what is unusual: there a link stands for itself, however few are found.
        """
        return self.sufficient or self.learned

    @property
    def learned(self) -> bool:
        """Whether the machines are enough to learn from them what unrelated nodes have in common, not to assume it."""
        return self.machines >= FEW_MACHINES

    def can_tell_of(self, machine: int) -> bool:
        """Whether a machine could be found with at least half of the others, if it stood on their nodes."""
        return self.sufficient and float(self.reach[machine]) >= ENOUGH

    @property
    def machines(self) -> int:
        """How many machines were compared."""
        return len(self.material.facts)

    @property
    def prior(self) -> float:
        """Bits that a random pair lacks."""
        return prior_bits(self.voices)

    @property
    def telling(self) -> Mask:
        """Whether a pair could be found if it stood on one node, or is told apart; shape (N, N)."""
        return np.asarray(self.reachable | (self.bits < 0))

    def posterior(self, factor: float = 1.0) -> Floats:
        """Return the probability of one node for each pair, at a multiple of the prior."""
        return probability(self.bits, self.voices, factor)

    def groups(self, threshold: float = DEFAULT_THRESHOLD, factor: float = 1.0) -> Grouping:
        """Return the groups at a threshold."""
        if not self.declares:
            return no_groups(self.posterior(factor), threshold)
        found = group_at(self.bits, self.telling, prior_bits(self.voices, factor), threshold)
        members = [group.members for group in found.groups]
        balancers = [
            one
            for one in balancers_of(self.material.estimates, members)
            if all(self._histograms_support(one.machine, members[group]) for group in one.groups)
        ]
        return with_balancers(found, balancers)

    def _histograms_support(self, machine: int, members: tuple[int, ...]) -> bool:
        """Whether histograms speak for a machine on a group's node, too: estimates alone name no balancer."""
        others = [member for member in members if member != machine]
        bits = {signal: one.bits[machine, others] for signal, one in self.weighed.items()}
        together = bits[Signal.CHANGE] + np.maximum(bits[Signal.EQUAL], bits[Signal.CLOSE])
        return float(together.mean()) >= _LEAST_SUPPORT


def study(table: WatchTable, machines: Mapping[str, str] | None = None) -> BackendStudy:
    """Study a watch.

    Args:
        table: Its readings.
        machines: Endpoint id to machine id; servers of one address are one machine without it.
    """
    return study_material(material_of(table, machines))


def study_material(material: Material) -> BackendStudy:
    """Study readings that were read before.

    Where a node turns out to have more than a tenth of the machines, everything is weighed again with one vote
    for it (leave-cluster-out): else a large fleet would make itself look usual.
    """
    voters = voters_of(material)
    voices = int(voters.sum())
    first = _studied(material, voters, voices)
    grouping = group_at(first.bits, first.telling, first.prior, DEFAULT_THRESHOLD)
    large = [group for group in grouping.groups if voters[list(group.members)].sum() > max(_LARGE * voices, 2)]
    if not large or voices < FEW_MACHINES:
        return first
    voters = voters.copy()
    for group in large:
        voters[list(group.members[1:])] = False
    return _studied(material, voters, voices)


def _studied(material: Material, voters: Mask, voices: int) -> BackendStudy:
    weighed = {signal: _apart(one) for signal, one in weigh_all(material, voters).items()}
    reachable = reaches(weighed, voices, DEFAULT_THRESHOLD) & ~np.eye(len(voters), dtype=bool)
    others = np.maximum(voters.sum() - voters, 1)
    reach = reachable[:, voters].sum(axis=1) / others
    return BackendStudy(
        material=material,
        voters=voters,
        voices=voices,
        weighed=weighed,
        bits=evidence_of(weighed),
        reachable=reachable,
        reach=reach,
        reachable_share=float(reach[voters].mean()) if voters.any() else 0.0,
    )


def voters_of(material: Material) -> Mask:
    """Return one of each set of servers whose histograms are equal in half of the rounds: clones have one vote."""
    content = material.content
    size = content.shape[1]
    same, both = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
    for row in content:
        told = row != NOTHING
        together = told[:, None] & told[None, :]
        both += together
        same += together & (row[:, None] == row[None, :])
    alike = (same > _ONE_VOTE * both) & (both > 0)
    voting = np.ones(size, bool)
    for one in range(size):
        voting[one] = not (alike[one, :one] & voting[:one]).any()
    return voting


def _apart(one: Weighed) -> Weighed:
    """Clear what a server has with itself."""
    bits, expected = np.nan_to_num(one.bits), np.nan_to_num(one.expected)
    np.fill_diagonal(bits, 0.0)
    np.fill_diagonal(expected, 0.0)
    return Weighed(bits=bits, expected=expected, alike=None if one.alike is None else _apart(one.alike))
