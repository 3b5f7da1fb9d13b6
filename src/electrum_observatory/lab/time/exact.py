"""Esplora's histograms, whose bins end at the exact rate of a transaction: cut from the transactions themselves.

The transactions of a stretch are sorted by rate once; a snapshot's own are picked out of them in that order. All
snapshots of a block of rounds are then cut side by side, one bin a step: their running sizes stand one after the other
in a single rising row, in which one search finds where each one's next bin is full.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.cutting import Ints

_BIN_VSIZE = 50_000
_MOST_AT_ONCE = 4_000_000
_WINDOW = np.arange(1, 65)
_NONE_CUT = np.empty(0, dtype=np.int64)

Rates: TypeAlias = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactAlgorithm:
    """How one line of esplora rates a transaction.

    Attributes:
        name: "ES-old" or "ES-new".
        size: Size that it counts, of a weight.
        rate: Exact rate, of (fee, weight); its type is that of the program.
    """

    name: str
    size: Callable[[Ints], Ints]
    rate: Callable[[Ints, Ints], NDArray[np.float32] | NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactBins:
    """The histograms of C snapshots.

    Attributes:
        ends: Where each snapshot's bins end in those below; shape (C,).
        rates: Rate of the last transaction of each bin.
        sizes: What it holds.
    """

    ends: Ints
    rates: NDArray[np.float32] | NDArray[np.float64]
    sizes: Ints


def _old_rate(fee: Ints, weight: Ints) -> NDArray[np.float32]:
    rate: NDArray[np.float32] = np.divide(fee, weight // 4, dtype=np.float32, casting="unsafe")
    return rate


def _new_rate(fee: Ints, weight: Ints) -> NDArray[np.float64]:
    return fee / (weight / 4)


ESPLORA_OLD = ExactAlgorithm(name="ES-old", size=lambda weight: weight // 4, rate=_old_rate)
ESPLORA_NEW = ExactAlgorithm(name="ES-new", size=lambda weight: -(-weight // 4), rate=_new_rate)


def cut_exact(rates: Rates, sizes: Ints, first: Ints, last: Ints, count: int) -> ExactBins:
    """Cut ``count`` snapshots.

    Args:
        rates: Of the transactions, descending.
        sizes: Of the same.
        first: The first snapshot that has each of them.
        last: The first one after that without it.
        count: How many snapshots there are.
    """
    step = max(1, _MOST_AT_ONCE * count // max(1, int((last - first).sum())))
    found = [
        _side_by_side(rates, sizes, first, last, begin, min(begin + step, count)) for begin in range(0, count, step)
    ]
    counts = np.concatenate([np.empty(0, np.int64), *(one[0] for one in found)])
    picked = np.concatenate([np.empty(0, np.int64), *(one[1] for one in found)])
    made = np.concatenate([np.empty(0, np.int64), *(one[2] for one in found)])
    return ExactBins(ends=np.cumsum(counts), rates=rates[picked], sizes=made)


def _side_by_side(rates: Rates, sizes: Ints, first: Ints, last: Ints, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Return how many bins each snapshot has, the transaction that ends each bin, and what each holds."""
    near = np.flatnonzero((first < end) & (last > begin))
    near_first, near_last = first[near].astype(np.int16), last[near].astype(np.int16)
    own = [near[(near_first <= number) & (near_last > number)] for number in range(begin, end)]
    has = np.concatenate(own)
    ends = np.cumsum([len(one) for one in own])
    starts = ends - [len(one) for one in own]
    running = np.concatenate([[0], np.cumsum(sizes[has])])
    ordered = has + np.repeat(np.arange(end - begin) * len(rates), ends - starts)
    alike = _ends_of_equal(rates)
    rows, at = np.flatnonzero(ends > starts), starts[ends > starts]
    cut_rows, cut_at, cut_sizes = [_NONE_CUT], [_NONE_CUT], [_NONE_CUT]
    while len(rows):
        full = np.minimum(_first_above(running, at, _BIN_VSIZE), ends[rows] - 1)
        until = full + 1
        goes_on = np.flatnonzero((until < ends[rows]) & (alike[has[full]] >= has[np.minimum(until, len(has) - 1)]))
        wanted = alike[has[full[goes_on]]] + rows[goes_on] * len(rates)
        until[goes_on] = np.searchsorted(ordered, wanted, side="right")
        cut_rows.append(rows)
        cut_at.append(has[until - 1])
        cut_sizes.append(running[until] - running[at])
        left = until < ends[rows]
        rows, at = rows[left], until[left]
    order = np.argsort(np.concatenate(cut_rows), kind="stable")
    counts = np.bincount(np.concatenate(cut_rows), minlength=end - begin)
    return counts, np.concatenate(cut_at)[order], np.concatenate(cut_sizes)[order]


def _first_above(running: Ints, at: Ints, more: int) -> Ints:
    """The first transaction after each place with which more than this has come together; near ones are tried first."""
    wanted = running[at] + more
    window = running[np.minimum(at[:, None] + _WINDOW, len(running) - 1)]
    found: Ints = at + (window <= wanted[:, None]).sum(axis=1)
    far = window[:, -1] <= wanted
    found[far] = np.searchsorted(running, wanted[far], side="right") - 1
    return found


def _ends_of_equal(rates: Rates) -> Ints:
    """For each rate the place of the last one that equals it."""
    ends = np.flatnonzero(np.append(rates[1:] != rates[:-1], True)) if len(rates) else _NONE_CUT
    return np.repeat(ends, np.diff(ends, prepend=-1))
