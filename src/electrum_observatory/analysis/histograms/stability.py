"""Do the groups last? Agreement of the groupings of two moments, and how often two servers are in one group."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

FEWEST_SERVERS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stability:
    """How the groups of T moments agree.

    Attributes:
        consecutive: Adjusted Rand index of each moment with the one before it, NaN where fewer than three servers had
            data in both, or no grouping could disagree; shape (T - 1,).
        with_first: Likewise of each moment with the first; shape (T - 1,).
        together: Share of the moments, of those at which both had data, at which two servers were in one group; NaN
            where there was none; shape (n, n).
        moments: Number of such moments; shape (n, n).
    """

    consecutive: Floats
    with_first: Floats
    together: Floats
    moments: Numbers


def stability_of(groups: Iterable[Numbers]) -> Stability:
    """Judge the groups of moments in order; shape (n,) each."""
    each = list(groups)
    number = len(each[0]) if each else 0
    together = np.zeros((number, number), dtype=np.int64)
    moments = np.zeros((number, number), dtype=np.int64)
    for group in each:
        known = group != NOTHING
        moments += known[:, None] & known
        together += (group[:, None] == group) & known[:, None]
    with np.errstate(invalid="ignore"):
        share = np.where(moments > 0, together / moments, np.nan)
    return Stability(
        consecutive=np.array([adjusted_rand(one, other) for one, other in pairwise(each)]),
        with_first=np.array([adjusted_rand(each[0], other) for other in each[1:]]),
        together=share,
        moments=moments,
    )


def adjusted_rand(one: Numbers, other: Numbers) -> float:
    """Return the adjusted Rand index over the servers that both group: 1 for equal groupings, about 0 by chance.

    NaN for fewer than three servers, and where both put all in one group or each alone: then nothing could disagree.
    """
    both = (one != NOTHING) & (other != NOTHING)
    total = int(both.sum())
    if total < FEWEST_SERVERS:
        return float("nan")
    rows, columns = one[both], other[both]
    _, cells = np.unique(np.stack([rows, columns]), axis=1, return_counts=True)
    in_cells, in_rows, in_columns = (_pairs(counts) for counts in (cells, _counts(rows), _counts(columns)))
    expected = in_rows * in_columns / _pairs(np.array([total]))
    most = (in_rows + in_columns) / 2
    return float("nan") if most == expected else float((in_cells - expected) / (most - expected))


def _counts(groups: Numbers) -> Numbers:
    return np.asarray(np.unique(groups, return_counts=True)[1])


def _pairs(counts: Numbers) -> float:
    return float((counts * (counts - 1) / 2).sum())
