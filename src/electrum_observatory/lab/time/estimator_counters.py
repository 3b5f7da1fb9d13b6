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

_ALL = slice(None)
_SPACING = 1.05
_DEAREST = 1e7
_INFINITE = 1e99
HEAVIEST = 1e12
"""Counters are brought back to the weight of the present where that has grown to this."""


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
        confirmed: Node × period × bucket: after how many periods transactions were confirmed; row 0 is "later than the
            last period".
        failed: Node × period × bucket: how many full periods transactions had waited when they left unconfirmed; row 0
            is one period.
        counted: Bucket × node: all that were confirmed.
        rates: Bucket × node: the sum of their fee rates.
    """

    def __init__(self, horizon: Horizon, *, nodes: int, buckets: int) -> None:
        self.horizon = horizon
        self.weight = 1.0
        self.confirmed = np.zeros((nodes, horizon.periods + 1, buckets))
        self.failed = np.zeros((nodes, horizon.periods, buckets))
        self.counted = np.zeros((buckets, nodes))
        self.rates = np.zeros((buckets, nodes))
        self._deepest_failed = 0

    def fade(self) -> None:
        """Let a block pass."""
        self.weight /= self.horizon.decay
        if self.weight > HEAVIEST:
            for kept in (*self._by_node(), *self._by_bucket()):
                kept /= self.weight
            self.weight = 1.0

    def record(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Count confirmed transactions: cells of (age in blocks, bucket), each once, and cell by node how many."""
        periods = -(-ages // self.horizon.scale)
        self._add(self.confirmed, np.where(periods > self.horizon.periods, 0, periods), buckets, counts)

    def record_rates(self, buckets: Counts, counts: Counts, sums: Rates) -> None:
        """Add up confirmed transactions and their fee rates: distinct buckets, and bucket by node each."""
        self.counted[buckets] += counts * self.weight
        self.rates[buckets] += sums * self.weight

    def fail(self, ages: Counts, buckets: Counts, counts: Counts, nodes: slice = _ALL) -> None:
        """Count what left unconfirmed, cells as in :meth:`record`, of some nodes; a young one tells nothing."""
        periods = np.minimum(ages // self.horizon.scale, self.horizon.periods)
        old = periods > 0
        if old.any():
            self._deepest_failed = max(self._deepest_failed, int(periods.max()))
            self._add(self.failed[nodes], periods[old] - 1, buckets[old], counts[old])

    def forget(self, nodes: Counts) -> None:
        """Begin anew for some nodes."""
        for kept in self._by_node():
            kept[nodes] = 0.0
        for kept in self._by_bucket():
            kept[..., nodes] = 0.0

    def copy(self, *, source: int, target: int) -> None:
        """Give one node the counters of another."""
        for kept in self._by_node():
            kept[target] = kept[source]
        for kept in self._by_bucket():
            kept[..., target] = kept[..., source]

    def stretch(self, factors: Rates) -> None:
        """Multiply each node's counters, as if it had seen more blocks like those that it saw."""
        for kept in self._by_node():
            kept *= factors[:, None, None]
        for kept in self._by_bucket():
            kept *= factors

    def margins_of(self, nodes: Counts, blocks: Counts, shares: Rates, span: slice) -> Rates:
        """Return for rows of (node, target, share) by bucket, for any target, what ``Margins`` keep for a few.

        What was confirmed in time, less the needed share of all that ended; in stored weight.
        """
        periods = -(-blocks // self.horizon.scale)
        in_time = _row_sums(self.confirmed, nodes, np.ones_like(nodes), periods + 1, span)
        failed = _row_sums(self.failed, nodes, periods - 1, np.maximum(self._deepest_failed, periods - 1), span)
        failed += self.counted[span, nodes].T
        failed *= shares[:, None]
        in_time -= failed
        return in_time

    def _add(self, kept: Rates, rows: Counts, buckets: Counts, counts: Counts) -> None:
        cells, sums = merged(rows * kept.shape[2] + buckets, counts)
        kept.reshape(len(kept), -1)[:, cells] += (sums * self.weight).T

    def _by_node(self) -> tuple[Rates, ...]:
        return self.confirmed, self.failed

    def _by_bucket(self) -> tuple[Rates, ...]:
        return self.counted, self.rates


def _row_sums(kept: Rates, nodes: Counts, begins: Counts, ends: Counts, span: slice) -> Rates:
    """Return for each node the sum of its rows from one to before another; shape (nodes, buckets of the span)."""
    counts = ends - begins
    sums = np.zeros((len(nodes), span.stop - span.start))
    some = np.flatnonzero(counts)
    if len(some):
        starts = np.cumsum(counts[some]) - counts[some]
        rows = np.arange(int(counts.sum())) + np.repeat(begins[some] - starts, counts[some])
        sums[some] = np.add.reduceat(kept[np.repeat(nodes[some], counts[some]), rows, span], starts, axis=0)
    return sums
