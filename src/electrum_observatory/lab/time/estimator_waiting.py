"""Which tracked transactions still wait, by age: the ``unconfTxs`` of bitcoind's ``policy/fees.cpp``.

Core asks how many have waited for a target or longer. That sum is kept for each age somebody may ask for, and a ring of
the heights at which transactions entered moves them from age to age.
"""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.lab.time.estimator_counters import Counts, Rates


class Waiting:
    """Tracked transactions of many nodes that no block has taken yet."""

    def __init__(self, *, nodes: int, buckets: int, height: int, ages: Sequence[int]) -> None:
        """Args: ``ages`` in blocks are those that :meth:`at_least` knows."""
        self._ages = np.array(sorted(set(ages)), dtype=np.int64)
        self._ring = np.zeros((int(self._ages[-1]) + 1, nodes, buckets), dtype=np.int16)
        self._older = np.zeros((len(self._ages), nodes, buckets), dtype=np.int32)
        self._began = self._height = height

    def arrive(self, buckets: Counts, counts: Counts) -> None:
        """Take what came since the last block: distinct buckets, and bucket by node how many."""
        self._ring[self._height % len(self._ring)][:, buckets] += counts.T.astype(np.int16)

    def leave(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Let go of cells of (age, bucket), each once and by age; cell by node how many."""
        if not len(ages):
            return
        recent = int(np.searchsorted(ages, len(self._ring)))
        rows = (self._height - ages[:recent]) % len(self._ring)
        self._ring[rows, :, buckets[:recent]] -= counts[:recent].astype(np.int16)
        # From the oldest on: what left so far is missing at each age that is no higher.
        left = np.zeros(self._older.shape[1:], dtype=np.int32)
        low, high, end = left.shape[1], 0, len(ages)
        begins = np.flatnonzero(np.append(True, ages[1:] != ages[:-1])).tolist()
        for place in range(int(np.searchsorted(self._ages, ages[-1], side="right")) - 1, -1, -1):
            while begins and ages[begins[-1]] >= self._ages[place]:
                begin = begins.pop()
                here = buckets[begin:end]  # rising, as each cell comes once
                left[:, here] += counts[begin:end].T
                low, high, end = min(low, int(here[0])), max(high, int(here[-1]) + 1), begin
            self._older[place][:, low:high] -= left[:, low:high]

    def pass_block(self, span: slice) -> None:
        """Let everybody grow older by a block; ``span`` holds all buckets in which anything ever came."""
        self._height += 1
        size = len(self._ring)
        reached = self._ages[self._ages <= self._height - self._began]  # nothing is older than the estimators
        for place, row in enumerate((self._height - reached) % size):
            self._older[place][:, span] += self._ring[row][:, span]
        self._ring[self._height % size] = 0

    def at_least(self, ages: Counts, span: slice) -> Rates:
        """Return bucket × age × node: how many have waited for one of the kept ages (blocks) or longer."""
        kept = np.searchsorted(self._ages, ages)
        return self._older[kept, :, span].transpose(2, 0, 1).astype(np.float64, order="C")

    def at_least_of(self, nodes: Counts, ages: Counts, span: slice) -> Rates:
        """Return for rows of (node, age) by bucket how many have waited so long or longer, for any age up to the last.

        What has waited for the next shorter age that is kept, less those that entered since.
        """
        kept = np.searchsorted(self._ages, ages, side="right") - 1
        waiting = self._older[kept, nodes, span]
        missing = ages - self._ages[kept]
        rows = np.flatnonzero(missing)
        if len(rows):
            ends = np.cumsum(missing[rows])
            starts = ends - missing[rows]
            of = np.repeat(rows, missing[rows])
            younger = np.arange(len(of)) - np.repeat(starts, missing[rows])
            entered = (self._height - self._ages[kept[of]] - younger) % len(self._ring)
            waiting[rows] -= np.add.reduceat(self._ring[entered, nodes[of], span], starts, axis=0, dtype=np.int32)
        return np.asarray(waiting, dtype=np.float64)

    def take_all(self, node: int) -> tuple[Counts, Counts, Counts]:
        """Forget what one node tracks; returns age, bucket and count of it."""
        heights = (self._height - np.arange(len(self._ring))) % len(self._ring)
        by_age = self._ring[heights, node].astype(np.int64)
        oldest = int(self._ages[-1])
        by_age[oldest] = self._older[-1, node]
        self._ring[:, node] = 0
        self._older[:, node] = 0
        ages, buckets = np.nonzero(by_age)
        return ages, buckets, by_age[ages, buckets]
