"""Cut many mempools into fee histograms at once, each algorithm as ``lab.histograms`` cuts one.

A table holds how many virtual bytes each of C snapshots has at each of K keys; the keys are walked from high to low
once, all snapshots side by side. Equality with ``lab.histograms`` is tested transaction by transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Table = NDArray[np.int32]
"""Virtual bytes by key (descending) and snapshot; shape (K, C)."""

_GROWTH = 1.1
_MOST_BINS = 200
_NEAR = 8
_INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bins:
    """The histograms of C snapshots, one after the other.

    Attributes:
        ends: Where each snapshot's bins end, in the two below; shape (C,).
        keys: Key of each bin.
        sizes: What it holds.
    """

    ends: Ints
    keys: Ints
    sizes: Ints


def cut_lumps(first_bin: int) -> Callable[[Table, Ints], Bins]:
    """Cut where a bin is full, and before a single key that alone would be more than two bins."""
    thresholds = _thresholds(first_bin)
    whole = np.minimum(thresholds, _INT32_MAX).astype(np.int32)
    twice = np.minimum(2 * thresholds, _INT32_MAX).astype(np.int32)

    def cut(table: Table, keys: Ints) -> Bins:
        made = _Made(table.shape[1])
        threshold = np.full(table.shape[1], whole[0])
        cumulated = np.zeros(table.shape[1], dtype=np.int32)
        full = np.empty(table.shape[1], dtype=np.bool_)
        largest = table.max(axis=1, initial=0).tolist()
        for number, sizes in enumerate(table):
            if largest[number] > twice[0]:
                rows = np.flatnonzero((sizes > twice.take(made.counts)) & (cumulated > 0))
                if len(rows):
                    made.add(rows, keys[_before(table, number, rows)], cumulated)
                    threshold[rows] = whole[made.counts[rows]]
            np.add(cumulated, sizes, out=cumulated)
            rows = np.greater(cumulated, threshold, out=full).nonzero()[0]
            if len(rows):
                made.add(rows, keys[number : number + 1].repeat(len(rows)), cumulated)
                threshold[rows] = whole[made.counts[rows]]
        return made.bins()

    return cut


def cut_surplus(first_bin: int) -> Callable[[Table, Ints], Bins]:
    """Cut where a bin is full; what it holds too much counts towards the following ones."""
    thresholds = _thresholds(first_bin)

    def cut(table: Table, keys: Ints) -> Bins:
        made = _Made(table.shape[1])
        threshold = np.full(table.shape[1], thresholds[0])
        cumulated = np.zeros(table.shape[1], dtype=np.int32)
        surplus = np.zeros(table.shape[1])
        for number in range(len(keys)):
            cumulated += table[number]
            full = cumulated + surplus > threshold
            if full.any():
                rows = np.flatnonzero(full & (table[number] > 0))
                surplus[rows] += cumulated[rows] - threshold[rows]
                made.add(rows, keys[number : number + 1].repeat(len(rows)), cumulated)
                threshold[rows] = thresholds[made.counts[rows]]
        return made.bins()

    return cut


def cut_powers(table: Table, keys: Ints) -> Bins:
    """Sum up between powers of two, labelled by the upper bound; from the highest one in use down to 0."""
    bits = np.array([int(key).bit_length() for key in keys], dtype=np.int64)
    if not len(bits):
        return _Made(table.shape[1]).bins()
    begins = np.flatnonzero(np.append(True, bits[1:] != bits[:-1]))
    most = int(bits[0])
    sums = np.zeros((most + 1, table.shape[1]), dtype=np.int64)
    sums[most - bits[begins]] = np.add.reduceat(table, begins, axis=0)
    used = np.cumsum(sums, axis=0) > 0
    at, row = np.nonzero(used.T)
    return Bins(ends=np.cumsum(used.sum(axis=0)), keys=(1 << (most - row)) - 1, sizes=sums[row, at])


class _Made:
    """Bins as they come, key by key, put in the order of snapshots at the end."""

    def __init__(self, count: int) -> None:
        self.counts = np.zeros(count, dtype=np.int64)
        self._rows: list[Ints] = []
        self._keys: list[Ints] = []
        self._sizes: list[Table] = []

    def add(self, rows: Ints, keys: Ints, cumulated: Table) -> None:
        """Make a bin of what came together in some snapshots, in which the next one then begins."""
        self._rows.append(rows)
        self._keys.append(keys)
        self._sizes.append(cumulated[rows])
        cumulated[rows] = 0
        self.counts[rows] += 1

    def bins(self) -> Bins:
        if not self._rows:
            return Bins(ends=self.counts, keys=np.empty(0, np.int64), sizes=np.empty(0, np.int64))
        rows = np.concatenate(self._rows)
        order = np.argsort(rows, kind="stable")
        return Bins(
            ends=np.cumsum(self.counts),
            keys=np.concatenate(self._keys)[order],
            sizes=np.concatenate(self._sizes)[order].astype(np.int64),
        )


def _thresholds(first_bin: int) -> NDArray[np.float64]:
    """Multiplied up one by one, as the programs do: the last digits count."""
    found = [float(first_bin)]
    for _ in range(_MOST_BINS):
        found.append(found[-1] * _GROWTH)
    return np.array(found)


def _before(table: Table, number: int, rows: Ints) -> Ints:
    """The last key before this one at which each of these snapshots has anything; it is seldom far."""
    near = max(0, number - _NEAR)
    above = table[near:number, rows][::-1] > 0
    place: Ints = number - 1 - np.argmax(above, axis=0)
    if near and not above.any(axis=0).all():
        far = np.flatnonzero(~above.any(axis=0))
        place[far] = number - 1 - np.argmax(table[:number, rows[far]][::-1] > 0, axis=0)
    return place
