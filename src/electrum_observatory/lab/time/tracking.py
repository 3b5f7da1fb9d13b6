"""Which node's fee estimator tracked which transaction, and what became of it: what the estimators are fed with.

bitcoind tracks what enters its mempool while it is at the tip. What a node hears of only after the next block counts
from that block on; what it hears of later still (it was away) is not tracked.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.estimator import Transactions
from electrum_observatory.lab.time.flow import WARM_UP_S
from electrum_observatory.lab.time.mempools import Mempools, Stretch
from electrum_observatory.lab.time.mining import FIRST_HEIGHT

_IN_TIME, _LATE = np.uint8(1), np.uint8(2)

Places = NDArray[np.int64]

_View: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64]]
"""By transaction: whether a node tracked it, and whether until its block; then block, transaction and node's number of
what it lost without one."""


class Day:
    """Which node tracked which transaction, for the blocks of a day."""

    def __init__(self, mempools: Mempools, places: Places, first: int, last: int) -> None:
        """Args: ``places`` are of nodes, ``first`` and ``last`` of blocks; the last is outside."""
        blocks, flow = mempools.history.blocks, mempools.history.flow
        before = blocks.found_s[first - 1] if first else -float(WARM_UP_S)
        stretch = mempools.stretch(before, blocks.found_s[last - 1])
        self.block = stretch.block.astype(np.int64)
        self.next_block = np.searchsorted(blocks.found_s, stretch.born_s, side="right")
        self._following = np.minimum(self.next_block + 1, len(blocks.found_s))
        self._seen = stretch.born_s >= -WARM_UP_S
        fee, vsize = flow.fee_sat[stretch.rows], flow.vsize[stretch.rows].astype(np.int64)
        self.rates = fee * 1000 // vsize
        self.order = np.argsort(self.block, kind="stable")
        self.ends = np.searchsorted(self.block[self.order], np.arange(first, last + 1))
        self.first = first
        looks = [self._look(mempools, number, int(node), stretch) for number, node in enumerate(places)]
        self.tracked = np.ascontiguousarray(np.stack([tracked for tracked, _, _ in looks]).T)
        self.stayed = np.ascontiguousarray(np.stack([stayed for _, stayed, _ in looks]).T)
        drops = np.concatenate([lost for _, _, lost in looks], axis=1)
        self._drops = drops[:, np.argsort(drops[0], kind="stable")]

    def _look(self, mempools: Mempools, number: int, node: int, stretch: Stretch) -> _View:
        """Return one node's view."""
        presence, block_s = mempools.presence(node, stretch), mempools.block_s[node]
        had = (presence.leaves > presence.enters) & self._seen
        in_time = had & (presence.enters < block_s.take(self.next_block))
        late = had & ~in_time & (presence.enters < block_s.take(self._following))
        stayed = presence.leaves == block_s.take(self.block)
        lost = np.flatnonzero((in_time | late) & ~stayed)
        gone = np.searchsorted(block_s, presence.leaves[lost])
        return in_time * _IN_TIME + late * _LATE, stayed, np.stack([gone, lost, np.full(len(lost), number)])

    def arrived(self, block: int) -> Transactions:
        """What came before a block, and what some nodes heard of only after the one before."""
        low, middle, high = np.searchsorted(self.next_block, (block - 1, block, block + 1))
        before = np.arange(low, middle)
        before = before[(self.tracked[low:middle] == _LATE).any(axis=1)]
        return self._joined(np.arange(middle, high), before, slice(None))

    def confirmed(self, block: int) -> Transactions:
        """What a block took."""
        rows = self.order[self.ends[block - self.first] : self.ends[block - self.first + 1]]
        late = rows[(self.tracked[rows] == _LATE).any(axis=1)]
        return self._joined(rows, late, self.stayed)

    def dropped(self, block: int) -> Transactions:
        """What some nodes lost before a block."""
        low, high = np.searchsorted(self._drops[0], (block, block + 1))
        _, rows, nodes = self._drops[:, low:high]
        rows, column = np.unique(rows, return_inverse=True)
        lost = np.zeros((len(rows), self.tracked.shape[1]), dtype=np.bool_)
        lost[column, nodes] = True
        late = np.flatnonzero((lost & (self.tracked[rows] == _LATE)).any(axis=1))
        some = self._joined(rows, rows[late], slice(None))
        only = np.concatenate([lost, lost[late]])
        return Transactions(rates=some.rates, entered=some.entered, tracked=some.tracked & only)

    def _joined(
        self,
        rows: NDArray[np.int64],
        late: NDArray[np.int64],
        stayed: NDArray[np.bool_] | slice,
    ) -> Transactions:
        """Transactions by the height at which they entered: those in time, then again those that were late."""
        both = np.concatenate([rows, late])
        kinds = np.concatenate([np.full(len(rows), _IN_TIME), np.full(len(late), _LATE)])
        tracked = self.tracked[both] == kinds[:, None]
        if not isinstance(stayed, slice):
            tracked &= stayed[both]
        entered = FIRST_HEIGHT - 1 + self.next_block[both] + (kinds == _LATE)
        return Transactions(rates=self.rates[both], entered=entered, tracked=tracked)
