"""Groups of machines that are consistent with one node, at a threshold.

Average linkage over the bits: a machine joins a group by what it has with all of it, so one strong pair does not chain
two nodes together. Single linkage is kept beside it, and whoever stands on two nodes by turns is named. Groups are of
nodes; they say nothing of who operates the servers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.balancers import Balancer
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
        false_discovery: Expected share of false ones among them: mean of 1 - p; 0 without any.
    """

    threshold: float
    groups: tuple[Group, ...]
    single: tuple[Group, ...]
    bridges: tuple[Balancer, ...]
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
    links = _declared(groups, posterior >= threshold)
    return Grouping(
        threshold=threshold,
        groups=groups,
        single=tuple(_groups(_linked(bits, needed, "single"), bits, posterior)),
        bridges=(),
        links=links,
        false_discovery=_false_share(links, posterior),
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


def _declared(groups: tuple[Group, ...], likely: NDArray[np.bool_]) -> NDArray[np.bool_]:
    together = np.zeros(likely.shape, bool)
    for group in groups:
        together[np.ix_(group.members, group.members)] = True
    together[np.diag_indices(len(together))] = False
    return together & likely


def with_balancers(grouping: Grouping, balancers: Iterable[Balancer], posterior: Floats) -> Grouping:
    """Declare the links of balancers that reach the threshold, too.

    Args:
        grouping: Groups without them.
        balancers: See :func:`~electrum_observatory.analysis.backends.balancers.balancers_of`.
        posterior: Of each pair.
    """
    kept = tuple(one for one in balancers if one.posterior >= grouping.threshold)
    links, likely = grouping.links.copy(), posterior.copy()
    for one in kept:
        members = [member for group in one.groups for member in grouping.groups[group].members if member != one.machine]
        links[one.machine, members] = links[members, one.machine] = True
        raised = np.maximum(likely[one.machine, members], one.posterior)
        likely[one.machine, members] = likely[members, one.machine] = raised
    return replace(grouping, bridges=kept, links=links, false_discovery=_false_share(links, likely))


def _false_share(links: NDArray[np.bool_], posterior: Floats) -> float:
    chosen = np.triu(links, 1)
    return float((1 - posterior[chosen]).mean()) if chosen.any() else 0.0
