"""The mempool minimum: while mempools are full, a function of what each node threw out, and when.

It decays all the time, so one node's servers tell values that differ a little with the age of their caches.
"""

from collections.abc import Iterator

import numpy as np

from electrum_observatory.analysis.backends.agreement import Moment
from electrum_observatory.datasets.watch.answers import Floats

TOLERANCE = 0.005
"""Half-life twelve hours at the slowest and three at the fastest: in two minutes' cache at most this much."""


def minimum_moments(minimum: Floats) -> Iterator[Moment]:
    """Compare mempool minima, NaN where a node's mempool is not full; shape (T, N)."""
    for moment in np.flatnonzero(np.isfinite(minimum).sum(axis=1) >= 2):
        logs = np.log(minimum[moment])
        apart = np.abs(logs[:, None] - logs[None, :])
        both = np.isfinite(apart)
        yield int(moment), both, both & (apart <= TOLERANCE)
