"""What a fee estimator counts: ``TxConfirmStats`` of bitcoind's ``policy/fees.cpp``, for many nodes in one array.

Counters fade by a factor at each block. Rather than to multiply all of them, what is added later weighs more: a counter
is what is stored, over the weight of the present. Buckets stand from the dearest to the cheapest, the order in which
bitcoind walks them.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Rates = NDArray[np.float64]
Number = TypeVar("Number", np.int16, np.int64, np.float64)

_SPACING = 1.05
_DEAREST = 1e7
_INFINITE = 1e99
_HEAVIEST = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """How far back a set of counters looks.

    Attributes:
        periods: How many it keeps.
        scale: Blocks in a period.
        decay: What is left of a counter after a block.
        sufficient: Transactions per block that make a range of buckets tell something.
    """

    periods: int
    scale: int
    decay: float
    sufficient: float

    @property
    def longest(self) -> int:
        """The longest target that it tracks, in blocks."""
        return self.periods * self.scale

    @property
    def needed(self) -> float:
        """Faded transactions that a range of buckets must hold."""
        return self.sufficient / (1 - self.decay)


SHORT = Horizon(periods=12, scale=1, decay=0.962, sufficient=0.5)
MEDIUM = Horizon(periods=24, scale=2, decay=0.9952, sufficient=0.1)
LONG = Horizon(periods=42, scale=24, decay=0.99931, sufficient=0.1)
HORIZONS = (SHORT, MEDIUM, LONG)
"""``policy/fees.h``: a fresh, a medium and a long memory."""


def bucket_bounds(cheapest: int) -> Rates:
    """Return the upper bounds of the buckets in sat/kvB, dearest first; ``cheapest`` is 100 (Core 30), before 1000."""
    bounds = [float(cheapest)]
    while (following := bounds[-1] * _SPACING) <= _DEAREST:
        bounds.append(following)
    return np.array([*bounds, _INFINITE])[::-1].copy()


def buckets_of(rates: Counts, bounds: Rates) -> Counts:
    """Return the bucket of each fee rate: the cheapest whose bound is not below it."""
    return np.asarray(len(bounds) - 1 - np.searchsorted(bounds[::-1], rates, side="left"), dtype=np.int64)


def tally(tracked: NDArray[np.bool_], keys: Counts) -> tuple[Counts, Counts]:
    """Count each node's transactions by key.

    Args:
        tracked: Transaction by node.
        keys: Of each transaction; fewer than 32,768 have the same one.

    Returns:
        The distinct keys, rising, and key by node how many.
    """
    order, found, starts = _grouped(keys)
    counts = _sums(tracked[order].astype(np.int16), starts)  # narrow: nodes × transactions are many
    return found, counts.astype(np.int64)


def rate_sums(tracked: NDArray[np.bool_], keys: Counts, rates: Counts) -> Rates:
    """Return distinct key, rising, by node the sum of the rates of what is tracked; whole numbers, so exact."""
    order, _, starts = _grouped(keys)
    return _sums(np.where(tracked[order], rates[order, None].astype(np.float64), 0.0), starts)


def merged(keys: Counts, rows: NDArray[Number]) -> tuple[Counts, NDArray[Number]]:
    """Return the distinct keys, rising, and the sums of the rows of each."""
    order, found, starts = _grouped(keys)
    return found, _sums(rows[order], starts)


def _grouped(keys: Counts) -> tuple[Counts, Counts, Counts]:
    """Return an order in which equal keys stand together, the distinct keys, and where each begins in that order."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(keys)])
    return order, ordered[starts], starts


def _sums(rows: NDArray[Number], starts: Counts) -> NDArray[Number]:
    return np.add.reduceat(rows, starts, axis=0) if len(starts) else rows


class HorizonCounters:
    """One horizon of many nodes.

    Attributes:
        horizon: Which.
        weight: What one transaction of the present adds.
        confirmed: Period × bucket × node: after how many periods transactions were confirmed; row 0 is "later than the
            last period".
        failed: Period × bucket × node: how many full periods transactions had waited when they left unconfirmed; row 0
            is one period.
        counted: Bucket × node: all that were confirmed.
        rates: Bucket × node: the sum of their fee rates.
    """

    def __init__(self, horizon: Horizon, *, nodes: int, buckets: int) -> None:
        self.horizon = horizon
        self.weight = 1.0
        self.confirmed = np.zeros((horizon.periods + 1, buckets, nodes))
        self.failed = np.zeros((horizon.periods, buckets, nodes))
        self.counted = np.zeros((buckets, nodes))
        self.rates = np.zeros((buckets, nodes))
        self._deepest_confirmed = 0
        self._deepest_failed = 0

    def fade(self) -> None:
        """Let a block pass."""
        self.weight /= self.horizon.decay
        if self.weight > _HEAVIEST:
            for kept in self._all():
                kept /= self.weight
            self.weight = 1.0

    def record(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Count confirmed transactions: cells of (age in blocks, bucket), each once, and cell by node how many."""
        periods = -(-ages // self.horizon.scale)
        rows = np.where(periods > self.horizon.periods, 0, periods)
        self._deepest_confirmed = max(self._deepest_confirmed, int(rows.max(initial=0)))
        self._add(self.confirmed, rows, buckets, counts)

    def record_rates(self, buckets: Counts, counts: Counts, sums: Rates) -> None:
        """Add up confirmed transactions and their fee rates: distinct buckets, and bucket by node each."""
        self.counted[buckets] += counts * self.weight
        self.rates[buckets] += sums * self.weight

    def fail(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Count transactions that left unconfirmed, cells as in :meth:`record`; a young one tells nothing."""
        periods = np.minimum(ages // self.horizon.scale, self.horizon.periods)
        old = periods > 0
        if old.any():
            self._deepest_failed = max(self._deepest_failed, int(periods.max()))
            self._add(self.failed, periods[old] - 1, buckets[old], counts[old])

    def forget(self, nodes: Counts) -> None:
        """Begin anew for some nodes."""
        for kept in self._all():
            kept[..., nodes] = 0.0

    def copy(self, *, source: int, target: int) -> None:
        """Give one node the counters of another."""
        for kept in self._all():
            kept[..., target] = kept[..., source]

    def stretch(self, factors: Rates) -> None:
        """Multiply each node's counters, as if it had seen more blocks like those that it saw."""
        for kept in self._all():
            kept *= factors

    def ended(self, span: slice) -> "Ended":
        """Return what became of the transactions of some buckets, in stored weight."""
        buckets, nodes = self.counted[span].shape
        in_time = np.zeros((buckets, self._deepest_confirmed + 1, nodes))
        for period in range(1, in_time.shape[1]):
            np.add(in_time[:, period - 1], self.confirmed[period, span], out=in_time[:, period])
        settled = np.empty((buckets, self._deepest_failed + 1, nodes))
        np.add(in_time[:, -1], self.confirmed[0, span], out=settled[:, -1])
        for period in range(settled.shape[1] - 1, 0, -1):
            np.add(settled[:, period], self.failed[period - 1, span], out=settled[:, period - 1])
        return Ended(scale=self.horizon.scale, in_time=in_time, settled=settled)

    def _add(self, kept: Rates, rows: Counts, buckets: Counts, counts: Counts) -> None:
        cells, sums = merged(rows * kept.shape[1] + buckets, counts)
        kept.reshape(-1, kept.shape[2])[cells] += sums * self.weight

    def _all(self) -> tuple[Rates, ...]:
        return self.confirmed, self.failed, self.counted, self.rates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ended:
    """What became of the transactions of one horizon, by how many periods a target is.

    Attributes:
        scale: Blocks in a period.
        in_time: Bucket × period × node: confirmed within so many periods.
        settled: Bucket × period - 1 × node: all that was ever confirmed, and what left unconfirmed after so many
            periods or more.
    """

    scale: int
    in_time: Rates
    settled: Rates

    def rows(self, targets: Counts) -> tuple[Counts, Counts]:
        """Return the rows of both that belong to targets in blocks; beyond the last nothing changes."""
        periods = -(-targets // self.scale)
        return np.minimum(periods, self.in_time.shape[1] - 1), np.minimum(periods, self.settled.shape[1]) - 1
