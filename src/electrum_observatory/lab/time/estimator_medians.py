"""The median that a fee estimator answers with: ``EstimateMedianVal`` of bitcoind's ``policy/fees.cpp``.

Many answers are looked for at once, one a column, and buckets are walked row by row from the dearest, as bitcoind does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.estimator_counters import Counts, Rates

_ROUNDING = 1 + 1e-12

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """What was confirmed, by bucket (dearest first) and counters: those of one node and horizon.

    Attributes:
        ends: Where a group of buckets has come to hold enough to tell something; shape (B, C).
        count: Transactions; shape (B, C).
        rates: The sum of their fee rates; shape (B, C).
    """

    ends: Flags
    count: Rates
    rates: Rates


def group_ends(count: Rates, needed: Rates) -> Flags:
    """Return bucket × counters: where a group of buckets has come to hold the transactions that are needed."""
    ends = np.zeros(count.shape, dtype=np.bool_)
    held = np.zeros(count.shape[1])
    for bucket in np.flatnonzero(count.any(axis=1)):
        held += count[bucket]
        np.greater_equal(held, needed, out=ends[bucket])
        np.putmask(held, ends[bucket], 0.0)
    return ends


def medians(excess: Rates, of: Counts, counted: Counted) -> Rates:
    """Return the mean rate of the bucket that holds the median of the cheapest passing range.

    bitcoind walks buckets from the dearest, in groups that hold enough. A group passes where, since the last group that
    passed, enough was confirmed in time; so groups pass exactly where the running sum of ``excess`` reaches a new
    maximum, and the answer is the last of them.

    Args:
        excess: By bucket and column: how far confirmations in time exceed the needed share of all.
        of: By column: which counters.
        counted: What those hold.

    Returns:
        By column: sat/kvB, -1 where no group passes.
    """
    near, far = _last_passing(excess, counted.ends.take(of, axis=1))
    bucket = _middle(np.maximum(far, 0), near, of, counted.count)
    inside = counted.count[bucket, of]
    usable = (far >= 0) & (inside > 0)
    return np.where(usable, counted.rates[bucket, of] / np.where(usable, inside, 1.0), -1.0)


def _last_passing(excess: Rates, ends: Flags) -> tuple[Counts, Counts]:
    """Return the first and the last bucket of the last range that passes; (0, -1) where none does."""
    passed = np.empty(excess.shape, dtype=np.bool_)
    held, best = np.zeros(excess.shape[1]), np.zeros(excess.shape[1])
    for more, end, passes in zip(excess, ends, passed, strict=True):
        held += more
        np.greater_equal(held, best, out=passes)
        passes &= end
        np.putmask(best, passes, held)
    numbers = passed * np.arange(1, len(passed) + 1, dtype=np.uint8)[:, None]  # never more than 237 buckets
    last = numbers.max(axis=0)
    numbers *= numbers != last
    return numbers.max(axis=0).astype(np.int64), last.astype(np.int64) - 1


def _middle(far: Counts, near: Counts, of: Counts, count: Rates) -> Counts:
    """Return in which bucket, of those from ``near`` to ``far``, the median transaction is."""
    cumulated = np.zeros((len(count) + 1, count.shape[1]))
    np.cumsum(count, axis=0, out=cumulated[1:])
    upper = cumulated[far + 1, of]
    wanted = (upper - (upper - cumulated[near, of]) / 2) * _ROUNDING
    low, high = near, far
    while (low < high).any():
        middle = (low + high) // 2
        reached = cumulated[middle + 1, of] > wanted
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    return low
