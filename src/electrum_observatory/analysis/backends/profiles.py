"""A machine against the profile of a group, itself left out.

Two servers may have too little in common to be a pair and still both stand, beyond doubt, with the same third ones.
What a group says of a machine is the mean of its bits with the members that could tell: shared evidence counts once,
not once for each member. What the group adds is its size. Where one sibling for each machine is expected, and machines
come one after the other (the Chinese restaurant process of that prior), the odds of standing with k others are k halves
of the odds of a random pair.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats

_EVEN = 0.0


def joined(
    groups: Sequence[Sequence[int]], bits: Floats, telling: NDArray[np.bool_], prior: float, threshold: float
) -> list[tuple[int, ...]]:
    """Return the groups with the machines in none of them that one group's profile claims, and no other's.

    Args:
        groups: Members of each.
        bits: Of each pair; shape (N, N).
        telling: Whether a pair's bits say anything for or against; shape (N, N).
        prior: Bits that a random pair lacks.
        threshold: Posterior from which a machine is in.
    """
    if not groups:
        return []
    odds = np.stack([_odds(*_profile(members, bits, telling), prior) for members in groups], axis=1)
    odds[sorted(member for members in groups for member in members)] = -np.inf
    best = odds.argmax(axis=1)
    ordered = np.sort(odds, axis=1)
    alone = ordered[:, -2] < _EVEN if len(groups) > 1 else np.ones(len(bits), bool)
    joins = (odds.max(axis=1) >= np.log2(threshold / (1 - threshold))) & alone
    return [
        (*members, *(int(one) for one in np.flatnonzero(joins & (best == number))))
        for number, members in enumerate(groups)
    ]


def with_profiles(
    posterior: Floats, groups: Sequence[Sequence[int]], bits: Floats, telling: NDArray[np.bool_], prior: float
) -> Floats:
    """Return the posteriors, for pairs within a group at least what the rest of the group makes of them.

    Both must stand with the others of the group, each judged without the other; what speaks against the pair itself is
    taken off in full.
    """
    out = posterior.copy()
    for members in groups:
        among = np.ix_(members, members)
        total, number = _profile(members, bits, telling)
        own, told = bits[among] * telling[among], telling[among]
        odds = _odds(total[list(members)][:, None] - own, number[list(members)][:, None] - told, prior)
        each = 1 / (1 + np.exp2(-odds))
        both = np.clip(each * each.T, 1e-12, 1 - 1e-12)
        against = np.minimum(bits[among], 0.0)
        raised = 1 / (1 + np.exp2(-np.log2(both / (1 - both)) - against))
        out[among] = np.maximum(out[among], raised)
    return out


def _profile(members: Sequence[int], bits: Floats, telling: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return each machine's bits with the members that tell, added up, and how many these are; shape (N,) each."""
    chosen = list(members)
    return (bits * telling)[:, chosen].sum(axis=1), telling[:, chosen].sum(axis=1).astype(np.float64)


def _odds(total: Floats, number: Floats, prior: float) -> Floats:
    """Return the bits for standing with a group; without a member that tells there is nothing for it."""
    some = np.maximum(number, 1.0)
    return np.where(number > 0, total / some - prior - 1 + np.log2(some), -np.inf)
