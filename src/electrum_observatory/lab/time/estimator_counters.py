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
        tracked: Node by transaction.
        keys: Of each transaction; fewer than 32,768 have the same one.

    Returns:
        The distinct keys, rising, and node by key how many.
    """
    order, found, starts = _grouped(keys)
    counts = _sums(tracked[:, order].astype(np.int16), starts)  # narrow: nodes × transactions are many
    return found, counts.astype(np.int64)


def rate_sums(tracked: NDArray[np.bool_], keys: Counts, rates: Counts) -> Rates:
    """Return node by distinct key, rising, the sum of the rates of what is tracked; whole numbers, so exact."""
    order, _, starts = _grouped(keys)
    return _sums(np.where(tracked[:, order], rates[order].astype(np.float64), 0.0), starts)


def merged(keys: Counts, columns: NDArray[Number]) -> tuple[Counts, NDArray[Number]]:
    """Return the distinct keys, rising, and the sums of the columns of each."""
    order, found, starts = _grouped(keys)
    return found, _sums(columns[:, order], starts)


def _grouped(keys: Counts) -> tuple[Counts, Counts, Counts]:
    """Return an order in which equal keys stand together, the distinct keys, and where each begins in that order."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(keys)])
    return order, ordered[starts], starts


def _sums(columns: NDArray[Number], starts: Counts) -> NDArray[Number]:
    return np.add.reduceat(columns, starts, axis=1) if len(starts) else columns


class HorizonCounters:
    """One horizon of many nodes.

    Attributes:
        horizon: Which.
        weight: What one transaction of the present adds.
        confirmed: Node × period × bucket: after how many periods transactions were confirmed; row 0 is "later than the
            last period".
        failed: Node × period × bucket: how many full periods transactions had waited when they left unconfirmed; row 0
            is one period.
        counted: Node × bucket: all that were confirmed.
        rates: Node × bucket: the sum of their fee rates.
    """

    def __init__(self, horizon: Horizon, *, nodes: int, buckets: int) -> None:
        self.horizon = horizon
        self.weight = 1.0
        self.confirmed = np.zeros((nodes, horizon.periods + 1, buckets))
        self.failed = np.zeros((nodes, horizon.periods, buckets))
        self.counted = np.zeros((nodes, buckets))
        self.rates = np.zeros((nodes, buckets))
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
        """Count confirmed transactions: cells of (age in blocks, bucket), each once, and node by cell how many."""
        periods = -(-ages // self.horizon.scale)
        rows = np.where(periods > self.horizon.periods, 0, periods)
        self._deepest_confirmed = max(self._deepest_confirmed, int(rows.max(initial=0)))
        self._add(self.confirmed, rows, buckets, counts)

    def record_rates(self, buckets: Counts, counts: Counts, sums: Rates) -> None:
        """Add up confirmed transactions and their fee rates: distinct buckets, and node by bucket each."""
        self.counted[:, buckets] += counts * self.weight
        self.rates[:, buckets] += sums * self.weight

    def fail(self, ages: Counts, buckets: Counts, counts: Counts) -> None:
        """Count transactions that left unconfirmed, cells as in :meth:`record`; a young one tells nothing."""
        periods = np.minimum(ages // self.horizon.scale, self.horizon.periods)
        old = periods > 0
        if old.any():
            self._deepest_failed = max(self._deepest_failed, int(periods.max()))
            self._add(self.failed, periods[old] - 1, buckets[old], counts[:, old])

    def forget(self, nodes: Counts) -> None:
        """Begin anew for some nodes."""
        for kept in self._all():
            kept[nodes] = 0.0

    def copy(self, *, source: int, target: int) -> None:
        """Give one node the counters of another."""
        for kept in self._all():
            kept[target] = kept[source]

    def stretch(self, factors: Rates) -> None:
        """Multiply each node's counters, as if it had seen more blocks like those that it saw."""
        for kept in self._all():
            kept *= factors.reshape(-1, *[1] * (kept.ndim - 1))

    def successes(self, nodes: Counts | slice, targets: Counts, needed: Rates, span: slice) -> Rates:
        """Return for each bucket how far confirmations in time exceed the needed share of all that ended.

        Args:
            nodes: For which.
            targets: Node × question: blocks; one row serves all nodes.
            needed: By question, share that must be confirmed in time; or node × question × 1.
            span: Which buckets.

        Returns:
            Node × question × bucket: confirmed in time - needed × (confirmed + failed), in stored weight.
        """
        periods = -(-targets // self.horizon.scale)[..., None]
        rows = np.arange(self._deepest_confirmed + 1)
        in_time = (rows >= 1) & (rows <= periods)
        excess: Rates = np.matmul(in_time - _column(needed), self.confirmed[nodes, : self._deepest_confirmed + 1, span])
        if self._deepest_failed:
            late = np.arange(1, self._deepest_failed + 1) >= periods
            excess -= np.matmul(late * _column(needed), self.failed[nodes, : self._deepest_failed, span])
        return excess

    def _add(self, kept: Rates, rows: Counts, buckets: Counts, counts: Counts) -> None:
        width = kept.shape[2]
        cells, sums = merged(rows * width + buckets, counts)
        kept[:, cells // width, cells % width] += sums * self.weight

    def _all(self) -> tuple[Rates, ...]:
        return self.confirmed, self.failed, self.counted, self.rates


def medians(excess: Rates, ends: NDArray[np.bool_], counted: Rates, rates: Rates) -> Rates:
    """Return the mean rate of the bucket that holds the median of the cheapest passing range (``EstimateMedianVal``).

    bitcoind walks buckets from the dearest, in groups that hold enough. A group passes where, since the last group that
    passed, enough was confirmed in time; so groups pass exactly where the running sum of ``excess`` reaches a new
    maximum, and the answer is the last maximum.

    Args:
        excess: Node × question × bucket, dearest first: as of :meth:`HorizonCounters.successes`, less what still waits.
        ends: Node × bucket: where a group ends.
        counted: Node × bucket: transactions confirmed.
        rates: Node × bucket: the sum of their fee rates.

    Returns:
        Node × question: sat/kvB, -1 where no group passes.
    """
    backwards = np.empty_like(excess)
    np.cumsum(excess, axis=-1, out=backwards[..., ::-1])
    backwards += np.where(ends[:, None, ::-1], 0.0, -np.inf)
    far, top = _last_maximum(backwards)
    np.copyto(backwards, -np.inf, where=np.arange(backwards.shape[-1])[::-1] >= far[..., None])
    before, top_before = _last_maximum(backwards)
    near = np.where(top_before >= 0, before + 1, 0)
    rows = np.arange(len(counted))[:, None]
    cumulated = np.concatenate([np.zeros((len(counted), 1)), np.cumsum(counted, axis=-1)], axis=-1)
    upper = cumulated[rows, far + 1]
    middle = upper - (upper - cumulated[rows, near]) / 2
    reached = cumulated[:, None, :] <= middle[..., None] * (1 + 1e-12)
    bucket = np.clip(np.count_nonzero(reached, axis=-1) - 1, near, far)
    inside = counted[rows, bucket]
    return np.where((top >= 0) & (inside > 0), rates[rows, bucket] / np.where(inside > 0, inside, 1.0), -1.0)


def group_ends(counted: Rates, needed: Rates) -> NDArray[np.bool_]:
    """Return row × bucket, dearest first: where a group of buckets has come to hold the transactions a row needs."""
    columns = np.ascontiguousarray(counted.T)
    ends = np.zeros(columns.shape, dtype=np.bool_)
    held = np.zeros(len(counted))
    for bucket in np.flatnonzero(columns.any(axis=1)):
        held += columns[bucket]
        np.greater_equal(held, needed, out=ends[bucket])
        held[ends[bucket]] = 0.0
    return ends.T


def _column(needed: Rates) -> Rates:
    return needed[:, None] if needed.ndim == 1 else needed


def _last_maximum(backwards: Rates) -> tuple[Counts, Rates]:
    """Return where each row, written backwards, has its last maximum, counted forwards, and the maximum."""
    place = np.argmax(backwards, axis=-1)
    top = np.take_along_axis(backwards, place[..., None], axis=-1)[..., 0]
    return backwards.shape[-1] - 1 - place, top
