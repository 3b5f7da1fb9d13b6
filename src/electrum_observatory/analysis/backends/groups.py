"""Groups of machines that are consistent with one node, at a threshold.

Average linkage over the bits: a machine joins a group by what it has with all of it, so one strong pair does not chain
two nodes together. Single linkage is kept beside it, and whoever stands on two nodes by turns is named. Groups are of
nodes; they say nothing of who operates the servers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.balancers import Balancer
from electrum_observatory.analysis.backends.profiles import joined, with_profiles
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Groups at a threshold.

    Attributes:
        threshold: Posterior from which a pair is declared.
        groups: By average linkage, of two machines or more, the largest first.
        single: By single linkage.
        bridges: Machines that are consistent with the nodes of two groups.
        links: Declared pairs: their posterior reaches the threshold, and they lie in one group or at a bridge;
            shape (N, N), symmetric.
        likely: Posterior of each pair, with what its group adds; shape (N, N).
        false_discovery: Expected share of false ones among them: mean of 1 - p; 0 without any.
    """

    threshold: float
    groups: tuple[Group, ...]
    single: tuple[Group, ...]
    bridges: tuple[Balancer, ...]
    links: NDArray[np.bool_]
    likely: Floats
    false_discovery: float

    @property
    def declared(self) -> int:
        """How many pairs are declared."""
        return int(np.triu(self.links, 1).sum())


def group_at(bits: Floats, telling: NDArray[np.bool_], prior: float, threshold: float) -> Grouping:
    """Group machines.

    Args:
        bits: Of each pair; shape (N, N).
        telling: Whether a pair's bits say anything for or against; shape (N, N).
        prior: Bits that a random pair lacks.
        threshold: Posterior from which a pair is declared.
    """
    posterior = 1 / (1 + np.exp2(prior - bits))
    if len(bits) < 2:
        return no_groups(posterior, threshold)
    needed = prior + float(np.log2(threshold / (1 - threshold)))
    linked = joined(_members(_linked(bits, needed, "average")), bits, telling, prior, threshold)
    likely = with_profiles(posterior, linked, bits, telling, prior)
    links = _declared(linked, likely >= threshold)
    return Grouping(
        threshold=threshold,
        groups=_groups(linked, bits, likely),
        single=_groups(_members(_linked(bits, needed, "single")), bits, likely),
        bridges=(),
        links=links,
        likely=likely,
        false_discovery=_false_share(links, likely),
    )


def no_groups(posterior: Floats, threshold: float) -> Grouping:
    """Declare nothing."""
    return Grouping(
        threshold=threshold,
        groups=(),
        single=(),
        bridges=(),
        links=np.zeros(posterior.shape, bool),
        likely=posterior,
        false_discovery=0.0,
    )


def _linked(bits: Floats, needed: float, method: str) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    most = float(bits.max())
    distance = most - bits
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method)
    return np.asarray(fcluster(tree, most - needed, "distance"), dtype=np.int64)


def _members(labels: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return the members of each label that two machines or more have."""
    values, counts = np.unique(labels, return_counts=True)
    return [tuple(int(one) for one in np.flatnonzero(labels == value)) for value in values[counts > 1]]


def _groups(every: Iterable[tuple[int, ...]], bits: Floats, posterior: Floats) -> tuple[Group, ...]:
    return tuple(_group(members, bits, posterior) for members in sorted(every, key=len, reverse=True))


def _group(members: tuple[int, ...], bits: Floats, posterior: Floats) -> Group:
    among, pairs = np.ix_(members, members), np.triu_indices(len(members), 1)
    return Group(
        members=members,
        bits=float(bits[among][pairs].mean()),
        weakest=float(bits[among][pairs].min()),
        posterior=float(posterior[among][pairs].mean()),
    )


def _declared(groups: Iterable[tuple[int, ...]], likely: NDArray[np.bool_]) -> NDArray[np.bool_]:
    together = np.zeros(likely.shape, bool)
    for members in groups:
        together[np.ix_(members, members)] = True
    together[np.diag_indices(len(together))] = False
    return together & likely


def with_balancers(grouping: Grouping, balancers: Iterable[Balancer]) -> Grouping:
    """Declare the links of balancers that reach the threshold, too.

    Args:
        grouping: Groups without them.
        balancers: See :func:`~electrum_observatory.analysis.backends.balancers.balancers_of`.
    """
    kept = tuple(one for one in balancers if one.posterior >= grouping.threshold)
    links, likely = grouping.links.copy(), grouping.likely.copy()
    for one in kept:
        members = [member for group in one.groups for member in grouping.groups[group].members if member != one.machine]
        links[one.machine, members] = links[members, one.machine] = True
        raised = np.maximum(likely[one.machine, members], one.posterior)
        likely[one.machine, members] = likely[members, one.machine] = raised
    return replace(grouping, bridges=kept, links=links, likely=likely, false_discovery=_false_share(links, likely))


def _false_share(links: NDArray[np.bool_], posterior: Floats) -> float:
    chosen = np.triu(links, 1)
    return float((1 - posterior[chosen]).mean()) if chosen.any() else 0.0
