"""How ``estimatesmartfee`` combines its horizons: ``estimateSmartFee`` of bitcoind's ``policy/fees.cpp``.

Pure rules over medians that somebody has looked up; -1 stands for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.estimator_counters import HORIZONS, LONG, MEDIUM, SHORT, Counts, Rates

SHARES = (0.60, 0.85, 0.95)
"""What must be confirmed in time: within half the target, the target, and twice the target."""
CONSERVATIVE = ((1, SHORT.longest), (2, MEDIUM.longest))
"""Number of a horizon that is asked besides for twice a short target, and how short that must be, in blocks."""
LIMITS = ((1, MEDIUM.longest), (0, SHORT.longest))
"""Number of a fresher horizon whose answer for its longest target may be less, and that target."""

Question = tuple[int, int, float]
"""Number of a horizon, target in blocks, share that must be confirmed in time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Medians:
    """What was looked up for some targets of some nodes.

    Attributes:
        own: Share × target × node: of the freshest horizon that reaches the target's half, the target and its double.
        limits: By ``LIMITS``: share × node.
        conservative: By ``CONSERVATIVE``: target × node.
    """

    own: Rates
    limits: Sequence[Rates]
    conservative: Sequence[Rates]


def reaching(targets: Counts) -> Counts:
    """Return the number of the freshest horizon that reaches each target; one more than the last where none does."""
    return np.searchsorted([horizon.longest for horizon in HORIZONS], targets)


def multiples(targets: Counts) -> Counts:
    """Return share × target: its half, itself and its double."""
    return np.stack([targets // 2, targets, 2 * targets])


def questions_of(target: int) -> tuple[Question, ...]:
    """Return all that must be known to tell what a node estimates for a target, limits apart."""
    blocks = multiples(np.array([target]))[:, 0]
    asked = zip(reaching(blocks).tolist(), blocks.tolist(), SHARES, strict=True)
    own = [one for one in asked if one[0] < len(HORIZONS)]
    more = [(number, 2 * target, SHARES[-1]) for number, longest in CONSERVATIVE if 2 * target <= longest]
    return (*own, *more)


def smart_fees(medians: Medians, targets: Counts, conservative: NDArray[np.bool_]) -> Rates:
    """Return target × node: the dearest of the estimates for half the target, the target and twice the target.

    Args:
        medians: What was looked up.
        targets: Target × node, or × 1 for all nodes.
        conservative: By node: whether it looks further at once, rather than only where it finds nothing.
    """
    found: Rates = _combined(medians, multiples(targets), conservative).max(axis=0)
    wanted = conservative | (found == -1)
    for looked, (_, longest) in zip(medians.conservative, CONSERVATIVE, strict=True):
        found = np.where(wanted & (2 * targets <= longest), np.maximum(found, looked), found)
    return found


def _combined(medians: Medians, blocks: Counts, conservative: NDArray[np.bool_]) -> Rates:
    """``estimateCombinedFee``: the freshest horizon that reaches the target, or what a fresher one says if less."""
    found = medians.own
    for limits, (_, longest) in zip(medians.limits, LIMITS, strict=True):
        limit = limits[:, None, :]
        beyond = (blocks > longest) & (blocks <= LONG.longest) & (limit > 0)
        beyond[-1] &= ~conservative
        found = np.where(beyond & ((found == -1) | (limit < found)), limit, found)
    return found
