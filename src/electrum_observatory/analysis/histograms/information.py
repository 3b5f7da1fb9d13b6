"""How much one grouping tells of another: mutual information, freed of what chance alone would give.

The information between a few hundred servers' groups and any factor with many values is large by chance. So the same
factor is dealt out to the servers anew, many times: the mean of what that gives is taken off, and the share of deals
that give as much is p.
"""

from dataclasses import dataclass

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import Numbers

DEALS = 9_999
FEWEST_SERVERS = 8
_CHUNK = 256
_LEAST_ROOM_BITS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a factor tells of a grouping of n servers.

    Attributes:
        servers: n.
        values: Distinct values of the factor.
        bits: Mutual information as counted.
        by_chance_bits: Its mean where the factor is dealt out anew.
        share: Entropy coefficient: ``bits`` over the entropy of the grouping; None where that is 0.
        corrected: The same with ``by_chance_bits`` taken off both: 0 by chance, 1 where the factor tells the grouping;
            None where chance alone would tell nearly all of it, so that nothing can be concluded.
        adjusted: Adjusted mutual information (over the mean of both entropies): low for a factor that is right but far
            finer than the grouping; None as for ``corrected``.
        p: Share of deals, this one counted, that tell as much.
    """

    servers: int
    values: int
    bits: float
    by_chance_bits: float
    share: float | None
    corrected: float | None
    adjusted: float | None
    p: float


def entropy_bits(groups: Numbers) -> float:
    """Return the entropy of a grouping; shape (n,)."""
    share = np.unique(groups, return_counts=True)[1] / max(len(groups), 1)
    return float(-(share * np.log2(share)).sum()) + 0.0


def explained_by(groups: Numbers, factor: Numbers, *, seed: int = 0, deals: int = DEALS) -> Explained:
    """Judge what a factor tells of a grouping, both as numbers of each server; shape (n,)."""
    _, groups = np.unique(groups, return_inverse=True)
    _, factor = np.unique(factor, return_inverse=True)
    of_groups, of_factor = entropy_bits(groups), entropy_bits(factor)
    chance = np.random.default_rng(seed)
    bits = float(_information(groups, factor[None])[0])
    dealt = np.concatenate(
        [
            _information(groups, chance.permuted(np.tile(factor, (min(_CHUNK, deals - start), 1)), axis=1))
            for start in range(0, deals, _CHUNK)
        ]
    )
    by_chance = float(dealt.mean())
    return Explained(
        servers=len(groups),
        values=len(np.unique(factor)),
        bits=bits,
        by_chance_bits=by_chance,
        share=bits / of_groups if of_groups > 0 else None,
        corrected=_beyond_chance(bits, by_chance, of_groups),
        adjusted=_beyond_chance(bits, by_chance, (of_groups + of_factor) / 2),
        p=float((1 + (dealt >= bits - 1e-9).sum()) / (1 + deals)),
    )


def jointly(*factors: Numbers) -> Numbers:
    """Return one factor that has a value for each combination of values."""
    return np.asarray(np.unique(np.stack(factors), axis=1, return_inverse=True)[1].ravel())


def _beyond_chance(bits: float, by_chance: float, most: float) -> float | None:
    room = most - by_chance
    return None if room < _LEAST_ROOM_BITS else (bits - by_chance) / room


def _information(groups: Numbers, factors: Numbers) -> Floats:
    """Return the mutual information in bits of groups with each of several factors; shape (P, n) to (P,).

    Cells are counted as runs of sorted numbers: most cells of a large table are empty.
    """
    total = max(len(groups), 1)
    in_cells = _weighed(groups * (factors.max(initial=0) + 1) + factors)
    return np.asarray(np.log2(total) + (in_cells - _weighed(groups[None]) - _weighed(factors[:1])) / total)


def _weighed(values: Numbers) -> Floats:
    """Return the sum of c·log2(c) over the counts c of each row's values; shape (P, n) to (P,)."""
    ordered = np.sort(values, axis=1)
    begins = np.ones(ordered.shape, dtype=np.bool_)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    begin = np.flatnonzero(begins)
    counts = np.diff(begin, append=ordered.size).astype(np.float64)
    row = begin // max(ordered.shape[1], 1)
    weights = counts * np.log2(counts)
    return np.asarray(np.bincount(row, weights=weights, minlength=len(ordered)), dtype=np.float64)
