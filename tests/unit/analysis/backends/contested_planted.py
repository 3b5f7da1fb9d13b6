"""Transactions as planted nodes have them: misses of their own, rules that classes of nodes share, packages.

Not the lab: a few draws, so that a test says what it plants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.pending_seen import PendingTransactions
from electrum_observatory.model.watch_ports import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Mempools:
    """What is planted.

    Attributes:
        nodes: Node of each machine.
        transactions: How many.
        missing: Bounds of the share that a node never has.
        unusual: Share of transactions that only some nodes take, each by a draw of its own.
        packages: Share that comes with the one before.
        strict: Nodes that refuse what ``refused`` says; none by default.
        refused: Share of transactions that these refuse.
        mishaps: Share of answers that say the contrary of what the node has.
        untold: Share of answers that did not come.
        turning: Machines that are on a second node by turns.
    """

    nodes: Sequence[int]
    transactions: int
    missing: tuple[float, float] = (0.001, 0.05)
    unusual: float = 0.1
    packages: float = 0.2
    strict: Sequence[int] = ()
    refused: float = 0.1
    mishaps: float = 0.001
    untold: float = 0.02
    turning: Mapping[int, int] = field(default_factory=dict)


def had(planted: Mempools, seed: int) -> PendingTransactions:
    """Draw who has what."""
    chance = np.random.default_rng(seed)
    nodes, number = np.array(planted.nodes), planted.transactions
    has = _mempools(planted, max([*nodes, *planted.turning.values()]) + 1, chance)
    seen = has[:, nodes]
    wavering = np.zeros(seen.shape, bool)
    for machine, other in planted.turning.items():
        differ = has[:, nodes[machine]] != has[:, other]
        wavering[differ, machine] = chance.random(differ.sum()) < 0.7
        seen[differ, machine] = chance.random(differ.sum()) < 0.5
    seen = seen ^ (chance.random(seen.shape) < planted.mishaps)
    told = chance.random(seen.shape) >= planted.untold
    return PendingTransactions(
        txids=[f"{one:064x}" for one in range(number)],
        numbers=np.arange(number),
        seen=np.where(told, seen, NOTHING).astype(np.int8),
        wavering=wavering,
        first=np.zeros(number, np.int64),
        last=np.full(number, 2),
    )


def _mempools(planted: Mempools, count: int, chance: np.random.Generator) -> NDArray[np.bool_]:
    number = planted.transactions
    takes = np.where(chance.random(number) < planted.unusual, chance.uniform(0.05, 0.6, number), 1.0)
    misses = chance.uniform(*planted.missing, count)
    has = (chance.random((number, count)) < takes[:, None]) & (chance.random((number, count)) >= misses)
    for one in np.flatnonzero(chance.random(number) < planted.packages):
        if one:
            has[one] = has[one - 1]
    refused = chance.random(number) < planted.refused
    has[np.ix_(refused, np.isin(np.arange(count), planted.strict))] = False
    return has
