"""Evidence from contested transactions: those that some nodes have and others have not (signals.md B1).

Servers on one node have the same ones but for mishaps; unrelated ones agree as often as expectation says. So each
pattern of holders weighs by the logarithm of how unexpected it is that both have, or lack, what makes it. A weight of
evidence has a mean of one, as a ratio, over unrelated pairs: where all pairs but the most alike exceed that, facts
depend on each other in ways not thought of, and all bits are made smaller until they do not.

Two that differ are on two nodes, or one of them is on several by turns: then it differs in half of what the nodes
differ in. That excuses, and earns nothing. Of a few machines nothing can be learned: what is known beforehand counts.
"""

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.block import MOST_OF_FAMILY, Weighed
from electrum_observatory.analysis.backends.contested_columns import (
    Mask,
    Patterns,
    expected_shares,
    patterns_of,
    usual_shares,
    weights_of,
)
from electrum_observatory.analysis.backends.null import most_bits
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.pending_seen import HAS, LACKS, PendingTransactions
from electrum_observatory.model.watch_ports import NOTHING

_MISHAPS = 0.005  # of what a node has, or has not, a server says the contrary in all rounds
_FEWEST_FACTS = 3.0
_TYPICAL = 0.8  # of what complete agreement would earn
_TURNING = 0.15  # of servers, that are on two nodes by turns
_LEAST_STEADY = 0.3
_SIBLINGS = 6  # of a machine at most: so many pairs may be related, and are left out of what is usual
_OF_ALIKE = 0.5  # that they miss nothing is expected of both already; what peers tell each other is not
_TEMPERS = (1.0, 0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.1)


def contested_weighed(found: PendingTransactions, voters: Mask, policies: NDArray[np.int64], *, few: bool) -> Weighed:
    """Weigh contested transactions.

    Args:
        found: Who has which; columns as machines.
        voters: Whose pairs tell what is usual; shape (N,).
        policies: Relay fee of each machine; shape (N,).
        few: Whether there are too few machines to learn from.
    """
    patterns = patterns_of(found)
    values, usual = patterns.values, usual_shares(patterns.values, voters)
    weights = _known_beforehand(patterns) if few else weights_of(values, voters)
    expected = np.repeat(usual[:, None], values.shape[1], axis=1) if few else expected_shares(values, voters, policies)
    told = (values != NOTHING).astype(np.float64)
    enough = few | ((told * weights[:, None]).T @ told >= _FEWEST_FACTS)
    bits, alone = _for_one_node(values, weights, expected)
    pairs = np.triu(enough, 1) & voters[:, None] & voters[None, :]
    most = min(most_bits(int(np.count_nonzero(pairs))), MOST_OF_FAMILY)
    temper = 1.0 if few else _temper(bits[pairs], int(voters.sum()), most)
    excused = np.log2(_TURNING) + temper * _for_turns(values, weights, usual)
    steady = steadiness(found)
    bits = np.where(bits > 0, temper * bits, np.minimum(np.maximum(temper * bits, excused), 0.0))
    bits = np.where(bits < 0, bits * steady[:, None] * steady[None, :], bits)
    earned = _TYPICAL * temper * np.minimum(alone, alone.T)
    bits = np.where(enough, np.clip(bits, -MOST_OF_FAMILY, most), 0.0)
    expected = np.where(enough, np.clip(earned, 0.0, most), 0.0)
    return Weighed(bits=bits, expected=expected, alike=Weighed(bits=_OF_ALIKE * bits, expected=_OF_ALIKE * expected))


def steadiness(found: PendingTransactions) -> Floats:
    """Return how far each machine's answers are one node's: 1, and less where they go to and fro; shape (N,)."""
    told = (found.seen != NOTHING) | found.wavering
    contested = ((found.seen == HAS).any(axis=1) & (found.seen == LACKS).any(axis=1)) | found.wavering.any(axis=1)
    wavers = (found.wavering & contested[:, None]).sum(axis=0) / np.maximum((told & contested[:, None]).sum(axis=0), 1)
    return np.asarray(np.clip(1 - 2 * wavers, _LEAST_STEADY, 1.0))


def _known_beforehand(patterns: Patterns) -> Floats:
    """Return what patterns count among a few machines.

    A policy makes a pattern, and cannot make the contrary one: where both are seen, they are two facts. What one
    transaction shows may be a mishap and counts half, what two show three quarters.
    """
    sides = (1 - np.exp2(-patterns.had.astype(np.float64))) + (1 - np.exp2(-patterns.lacked.astype(np.float64)))
    return np.asarray(weights_of(patterns.values, np.ones(patterns.values.shape[1], bool)) * sides)


def _for_one_node(values: NDArray[np.int8], weights: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Return the bits for one node, and what complete agreement with each machine (rows) would earn.

    What both have is as unexpected for the one as for the other: half of the bits by each one's own expectation.
    """
    has, lacks = (values == HAS).astype(np.float64), (values == LACKS).astype(np.float64)
    weight, agree = weights[:, None], np.log2((1 - _MISHAPS) ** 2 + _MISHAPS**2)
    having, lacking = (
        weight * has * (agree / 2 - np.log2(expected) / 2),
        weight * lacks * (agree / 2 - np.log2(1 - expected) / 2),
    )
    half = having.T @ has + lacking.T @ lacks
    differ = np.log2(_MISHAPS * (1 - _MISHAPS))
    mixed = (weight * has * (differ - np.log2(expected))).T @ lacks - (weight * has).T @ (lacks * np.log2(1 - expected))
    return half + half.T + mixed + mixed.T, 2 * (having + lacking).T @ (has + lacks)


def _for_turns(values: NDArray[np.int8], weights: Floats, usual: Floats) -> Floats:
    """Return the bits for a node that one of two servers is on half of the time."""
    has, lacks = (values == HAS).astype(np.float64), (values == LACKS).astype(np.float64)
    having, lacking = (weights * np.log2(0.5 + 0.5 / share) for share in (usual, 1 - usual))
    mixed = (weights[:, None] * has).T @ lacks
    return np.asarray((having[:, None] * has).T @ has + (lacking[:, None] * lacks).T @ lacks - mixed - mixed.T)


def _temper(bits: Floats, machines: int, most: float) -> float:
    """Return by how much bits must be made smaller so that unrelated pairs earn a ratio of one at most.

    The most alike, where related ones are, are left out as in :mod:`~.agreement_null`.
    """
    if not len(bits):
        return 1.0
    related = np.clip(_SIBLINGS * machines / 2, 0.02 * len(bits), 0.45 * len(bits))
    usual = np.sort(bits)[: max(1, len(bits) - round(related))]
    fits = (one for one in _TEMPERS if float(np.exp2(np.minimum(one * usual, most)).mean()) <= 1.0)
    return next(fits, 0.0)
