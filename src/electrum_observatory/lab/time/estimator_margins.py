"""How far confirmations in time exceed what is needed, for what estimators are asked after every block.

A sum over all ages at each question would read every counter. So what is asked of all nodes is kept up to date as
transactions end, as Core keeps its ``confAvg`` cumulative: by question one number for each bucket and node.
"""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.lab.time.estimator_counters import HEAVIEST, HORIZONS, Counts, Rates, merged

_ALL = slice(None)


class Margins:
    """By question, bucket and node: confirmed in time, less the needed share of all that ended.

    What ended is all that was confirmed, and what left unconfirmed when it had waited for the target or longer.
    """

    def __init__(self, horizons: Counts, blocks: Counts, shares: Rates, *, nodes: int, buckets: int) -> None:
        """Args: by question the number of its horizon, its target in blocks, the share that must be in time."""
        scales = np.array([one.scale for one in HORIZONS])[horizons]
        decays = np.array([one.decay for one in HORIZONS])[horizons]
        until = -(-blocks // scales) * scales  # whole periods
        self._until, self._at = np.unique(until, return_inverse=True)
        self._decays = decays[:, None]
        self._shares = shares[:, None]
        self._weights = np.ones((len(blocks), 1))
        self._kept = np.zeros((buckets, len(blocks), nodes))

    def fade(self) -> None:
        """Let a block pass: what is added later weighs more."""
        self._weights /= self._decays
        if self._weights.max() > HEAVIEST:
            self._kept /= self._weights
            self._weights[:] = 1.0

    def confirm(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Count confirmed transactions: cells of (age in blocks, bucket), and cell by node how many."""
        if len(ages):
            low, ended = self._spread(np.searchsorted(self._until, ages), buckets, counts)
            for place in range(1, ended.shape[1]):
                ended[:, place] += ended[:, place - 1]
            more = ended.take(self._at, axis=1)
            more -= self._shares * ended[:, -1:]
            more *= self._weights
            self._kept[low : low + len(more)] += more

    def fail(self, ages: Counts, buckets: Counts, counts: Counts, nodes: slice = _ALL) -> None:
        """Count transactions that left unconfirmed, cells as in :meth:`confirm`, of some nodes."""
        if len(ages):
            low, failed = self._spread(np.searchsorted(self._until, ages, side="right"), buckets, counts)
            for place in range(failed.shape[1] - 2, 0, -1):
                failed[:, place] += failed[:, place + 1]
            more = failed.take(self._at + 1, axis=1)
            more *= self._weights * self._shares
            self._kept[low : low + len(more), :, nodes] -= more

    def forget(self, nodes: Counts) -> None:
        """Begin anew for some nodes."""
        self._kept[..., nodes] = 0.0

    def copy(self, *, source: int, target: int) -> None:
        """Give one node what another has."""
        self._kept[..., target] = self._kept[..., source]

    def stretch(self, factors: Sequence[Rates]) -> None:
        """Multiply by horizon and node."""
        self._kept *= np.stack(factors)

    def less(self, waiting: Rates, span: slice) -> Rates:
        """Return bucket × question × node what is left where what still waits (the same) counts as not in time."""
        waiting *= -self._weights * self._shares
        waiting += self._kept[span]
        return waiting

    def _spread(self, places: Counts, buckets: Counts, counts: Counts) -> tuple[int, Rates]:
        """Return the lowest bucket, and from there bucket × place between the ages that matter × node: how many."""
        low, width = int(buckets.min()), len(self._until) + 1
        spread = np.zeros((int(buckets.max()) + 1 - low, width, counts.shape[1]))
        cells, sums = merged((buckets - low) * width + places, counts)
        spread.reshape(-1, counts.shape[1])[cells] = sums
        return low, spread
