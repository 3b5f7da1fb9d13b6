"""Are clusters of the published kind nodes, or software? What program, policy and machine tell of them.

Factors are what can be known of a server apart from its node: which algorithm its histograms allow (from their shape),
its relay fee (two defaults of bitcoind's versions, or an own setting), and which endpoints are one machine. Where they
tell the clusters, the clusters need no shared node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from electrum_observatory.analysis.histograms.information import (
    FEWEST_SERVERS,
    Explained,
    entropy_bits,
    explained_by,
    jointly,
)
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

PROGRAM, POLICY, MACHINE = "program", "policy", "machine"
UNKNOWN_POLICY = "not told"
_SATOSHIS_PER_COIN = 1e8


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPairs:
    """Pairs of servers that the published rule puts in one cluster, by what else they share.

    Attributes:
        linked: All such pairs.
        same_machine: Endpoints of one machine.
        same_program_and_policy: Of several machines, alike in both.
        same_program: Alike in the program alone.
        same_policy: Alike in the policy alone.
        neither: Alike in nothing that is known.
    """

    linked: int
    same_machine: int
    same_program_and_policy: int
    same_program: int
    same_policy: int
    neither: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedClusters:
    """What tells the clusters.

    Attributes:
        servers: Servers with histograms.
        machines: Machines among them.
        clusters: Clusters of two or more servers.
        entropy_bits: Of the clusters.
        factors: By factor, alone (``program``) and jointly (``program × policy``), over servers.
        over_machines: The same, each machine counted once, by the first of its endpoints.
        pairs: What linked pairs share.
        sufficient: Whether there are servers enough for any of it.
    """

    servers: int
    machines: int
    clusters: int
    entropy_bits: float
    factors: Mapping[str, Explained]
    over_machines: Mapping[str, Explained]
    pairs: LinkedPairs
    sufficient: bool


def explain_clusters(
    groups: Numbers, programs: Sequence[str], policies: Sequence[str], machines: Sequence[str], *, seed: int = 0
) -> ExplainedClusters:
    """Judge what tells the groups of n servers; those that are ``NOTHING`` are left out.

    Args:
        groups: Number of each server's group; shape (n,).
        programs: Name of each server's class of algorithms.
        policies: Name of each server's relay policy.
        machines: Id of each server's machine.
        seed: Of the deals by which chance is measured.
    """
    known = np.flatnonzero(groups != NOTHING)
    groups = groups[known]
    values = {
        name: np.unique(np.array(words, dtype=object)[known].astype(str), return_inverse=True)[1]
        for name, words in ((PROGRAM, programs), (POLICY, policies), (MACHINE, machines))
    }
    first = np.unique(values[MACHINE], return_index=True)[1]
    by_machine = {name: numbers[first] for name, numbers in values.items() if name != MACHINE}
    return ExplainedClusters(
        servers=len(known),
        machines=len(first),
        clusters=int((np.bincount(groups) > 1).sum()) if len(groups) else 0,
        entropy_bits=entropy_bits(groups),
        factors=_explained(groups, values, seed),
        over_machines=_explained(groups[first], by_machine, seed),
        pairs=_pairs(groups, values),
        sufficient=len(first) >= FEWEST_SERVERS,
    )


def policies_of(relay: Floats) -> tuple[str, ...]:
    """Name each server's relay policy by the relay fee that it told most often; shape (T, N), BTC/kvB, NaN unknown."""
    return tuple(_policy(column[~np.isnan(column)]) for column in relay.T)


def _policy(told: Floats) -> str:
    if not len(told):
        return UNKNOWN_POLICY
    fees, times = np.unique(np.round(told * _SATOSHIS_PER_COIN), return_counts=True)
    return f"relays from {fees[times.argmax()] / 1_000:g} sat/vB"


def _explained(groups: Numbers, values: Mapping[str, Numbers], seed: int) -> dict[str, Explained]:
    sets = [chosen for number in range(1, len(values) + 1) for chosen in combinations(values, number)]
    return {
        " × ".join(chosen): explained_by(groups, jointly(*(values[name] for name in chosen)), seed=seed)
        for chosen in sets
        if len(groups)
    }


def _pairs(groups: Numbers, values: Mapping[str, Numbers]) -> LinkedPairs:
    one, other = np.triu_indices(len(groups), 1)
    linked = groups[one] == groups[other]
    same = {name: (numbers[one] == numbers[other])[linked] for name, numbers in values.items()}
    program, policy, apart = same[PROGRAM], same[POLICY], ~same[MACHINE]
    return LinkedPairs(
        linked=int(linked.sum()),
        same_machine=int(same[MACHINE].sum()),
        same_program_and_policy=int((apart & program & policy).sum()),
        same_program=int((apart & program & ~policy).sum()),
        same_policy=int((apart & ~program & policy).sum()),
        neither=int((apart & ~program & ~policy).sum()),
    )
