"""Groups of machines that are consistent with one node, at a threshold.

Average linkage over the bits: a machine joins a group by what it has with all of it, so one strong pair does not chain
two nodes together. Single linkage is kept beside it, and whoever belongs to two groups is named: a balancer that asks
two nodes by turns looks like that. Groups are of nodes; they say nothing of who operates the servers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Machines that are consistent with one node.

    Attributes:
        members: Indices of machines.
        bits: Mean bits of its pairs.
        weakest: Least bits of a pair.
        posterior: Mean posterior of its pairs.
    """

    members: tuple[int, ...]
    bits: float
    weakest: float
    posterior: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A machine that is consistent with the nodes of two groups, as behind a balancer."""

    machine: int
    groups: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Groups at a threshold.

    Attributes:
        threshold: Posterior from which a pair is declared.
        groups: By average linkage, of two machines or more, the largest first.
        single: By single linkage.
        bridges: Machines between two groups of average linkage.
        links: Declared pairs: their posterior reaches the threshold, and they lie in one group or at a bridge;
            shape (N, N), symmetric.
        false_discovery: Expected share of false ones among them: mean of 1 - p; 0 without any.
    """

    threshold: float
    groups: tuple[Group, ...]
    single: tuple[Group, ...]
    bridges: tuple[Bridge, ...]
    links: NDArray[np.bool_]
    false_discovery: float

    @property
    def declared(self) -> int:
        """How many pairs are declared."""
        return int(np.triu(self.links, 1).sum())


def group_at(bits: Floats, prior: float, threshold: float, *, declare: bool = True) -> Grouping:
    """Group machines.

    Args:
        bits: Of each pair; shape (N, N).
        prior: Bits that a random pair lacks.
        threshold: Posterior from which a pair is declared.
        declare: Whether the data suffice to declare anything.
    """
    posterior = 1 / (1 + np.exp2(prior - bits))
    needed = prior + float(np.log2(threshold / (1 - threshold)))
    nothing = np.zeros(bits.shape, bool)
    if not declare or len(bits) < 2:
        return Grouping(threshold=threshold, groups=(), single=(), bridges=(), links=nothing, false_discovery=0.0)
    labels = _linked(bits, needed, "average")
    groups = tuple(_groups(labels, bits, posterior))
    bridges = tuple(_bridges(groups, bits, needed))
    links = _declared(groups, bridges, posterior >= threshold)
    chosen = np.triu(links, 1)
    return Grouping(
        threshold=threshold,
        groups=groups,
        single=tuple(_groups(_linked(bits, needed, "single"), bits, posterior)),
        bridges=bridges,
        links=links,
        false_discovery=float((1 - posterior[chosen]).mean()) if chosen.any() else 0.0,
    )


def _linked(bits: Floats, needed: float, method: str) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    most = float(bits.max())
    distance = most - bits
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method)
    return np.asarray(fcluster(tree, most - needed, "distance"), dtype=np.int64)


def _groups(labels: NDArray[np.int64], bits: Floats, posterior: Floats) -> Iterator[Group]:
    values, counts = np.unique(labels, return_counts=True)
    for value in values[np.argsort(-counts, kind="stable")]:
        members = np.flatnonzero(labels == value)
        if len(members) < 2:
            return
        pairs = np.triu_indices(len(members), 1)
        among = np.ix_(members, members)
        yield Group(
            members=tuple(int(one) for one in members),
            bits=float(bits[among][pairs].mean()),
            weakest=float(bits[among][pairs].min()),
            posterior=float(posterior[among][pairs].mean()),
        )


def _bridges(groups: tuple[Group, ...], bits: Floats, needed: float) -> Iterator[Bridge]:
    """Yield machines whose mean bits with a group that they are not in reach the threshold, too."""
    for number, group in enumerate(groups):
        members = list(group.members)
        mean = bits[:, members].mean(axis=1)
        for machine in np.flatnonzero(mean >= needed):
            home = next((other for other, one in enumerate(groups) if machine in one.members), None)
            if home is not None and home != number:
                yield Bridge(machine=int(machine), groups=(home, number))


def _declared(groups: tuple[Group, ...], bridges: tuple[Bridge, ...], likely: NDArray[np.bool_]) -> NDArray[np.bool_]:
    together = np.zeros(likely.shape, bool)
    for group in groups:
        together[np.ix_(group.members, group.members)] = True
    for bridge in bridges:
        members = list(groups[bridge.groups[1]].members)
        together[bridge.machine, members] = together[members, bridge.machine] = True
    together[np.diag_indices(len(together))] = False
    return together & likely
