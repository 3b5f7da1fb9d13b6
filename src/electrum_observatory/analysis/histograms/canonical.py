"""One form for all algorithms: how much pays at least a feerate, as an interval (field reference §4.4).

A histogram gives the cumulative size exactly at the lower edges of its bins, and bounds between them. Where the
algorithm drops what fills no bin, what lies below the last edge is bounded by the threshold of that bin. Where an
algorithm cannot say anything at a feerate, the interval is marked incomparable rather than filled with a guess.

A program that counts too little, by a factor b at most, tells feerates that are too high by as much. Then what truly
pays f is told to pay f, but told to be smaller, by b at most; and what is told to pay b f truly pays f. So with T for
what is told and C for the truth, T(b f) <= C(f) <= b T(f).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.rules import EVERY, GROWTH, RULES, Algorithm, Bias, Cut, Measure, Rule
from electrum_observatory.analysis.histograms.shapes import cumulative
from electrum_observatory.datasets.watch.answers import Floats, HistogramState
from electrum_observatory.datasets.watch.histogram_columns import Histograms, taken
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

FEERATES: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""sat/vB. Most algorithms have edges at powers of two; tenths only those that tell them apart."""

DEPTHS: tuple[float, ...] = (1e6, 2e6, 4e6, 8e6, 16e6)
"""vB from the top: the next block, the next two, …"""

MEASURES: tuple[Measure, ...] = tuple(Measure)
"""What the numbers of ``Canonical.measure`` mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canonical:
    """M histograms in one form.

    Attributes:
        feerates: The G feerates in sat/vB, rising.
        low: Least size that pays at least the feerate, by the server's own measure; NaN where incomparable; (M, G).
        high: Most of it; equal to ``low`` where the histogram has an edge; (M, G).
        depths: The P depths in vB.
        rate_low: Least feerate in sat/vB of what lies at that depth in vB; 0 where the mempool may not be so deep;
            NaN where incomparable; (M, P).
        rate_high: Highest feerate of it; 0 where the mempool is surely not so deep; infinite above the first edge.
        measure: Index of ``MEASURES``; sizes of two measures are not comparable; (M,).
        virtual_low: Least virtual size that truly pays at least the feerate, the algorithm's bias taken in; NaN where
            incomparable, and where sizes may be serialised ones; (M, G).
        virtual_high: Most of it; (M, G).
    """

    feerates: Floats
    low: Floats
    high: Floats
    depths: Floats
    rate_low: Floats
    rate_high: Floats
    measure: NDArray[np.int8]
    virtual_low: Floats
    virtual_high: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanonicalTable:
    """Whose histogram has which canonical form when.

    Attributes:
        at: Row of ``rows``, or ``NOTHING`` without bins; shape (T, N).
        rows: One for each pair of a histogram and a set of algorithms that gave it.
    """

    at: Numbers
    rows: Canonical


def canonical_table(
    table: HistogramTable,
    algorithms: Sequence[Algorithm],
    feerates: Sequence[float] = FEERATES,
    depths: Sequence[float] = DEPTHS,
) -> CanonicalTable:
    """Bring a watch's histograms into one form; ``algorithms`` has the set of each server."""
    sets = np.broadcast_to(np.array([int(one) for one in algorithms], dtype=np.int64), table.at.shape)
    given = table.at != NOTHING
    given[given] = table.distinct.state[table.at[given]] == HistogramState.BINS
    which, members, row = distinct_pairs(table.at[given], sets[given])
    at = np.full(table.at.shape, NOTHING, dtype=np.int64)
    at[given] = row
    return CanonicalTable(at=at, rows=canonical(table.distinct, which, members, feerates, depths))


def distinct_pairs(which: Numbers, algorithms: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the distinct pairs of a histogram and a set of algorithms, sorted, and which of them each pair is."""
    every = int(EVERY) + 1
    code, row = np.unique(which * every + algorithms, return_inverse=True)
    return code // every, code % every, row


def canonical(
    histograms: Histograms,
    which: Numbers,
    algorithms: Numbers,
    feerates: Sequence[float] = FEERATES,
    depths: Sequence[float] = DEPTHS,
) -> Canonical:
    """Bring histograms into one form.

    Args:
        histograms: D histograms.
        which: Indices of those wanted; shape (M,).
        algorithms: The set of algorithms that may have made each; bounds hold for every member; shape (M,).
        feerates: Where the cumulative size is wanted, in sat/vB.
        depths: Where the feerate is wanted, in vB.

    An empty set, and histograms without bins, have NaN throughout.
    """
    shape, deep = (len(which), len(feerates)), (len(which), len(depths))
    made = Canonical(
        feerates=np.array(feerates, dtype=np.float64),
        low=np.full(shape, np.nan),
        high=np.full(shape, np.nan),
        depths=np.array(depths, dtype=np.float64),
        rate_low=np.full(deep, np.nan),
        rate_high=np.full(deep, np.nan),
        measure=np.full(len(which), MEASURES.index(Measure.EITHER), dtype=np.int8),
        virtual_low=np.full(shape, np.nan),
        virtual_high=np.full(shape, np.nan),
    )
    for members in np.unique(algorithms):
        rows = np.flatnonzero((algorithms == members) & (histograms.state[which] == HistogramState.BINS))
        if members and len(rows):
            _fill(made, rows, taken(histograms, which[rows]), [RULES[one] for one in Algorithm(int(members))])
    return made


def _fill(made: Canonical, rows: Numbers, histograms: Histograms, rules: Sequence[Rule]) -> None:
    """Write the bounds that hold for every rule of a set."""
    curves = {_cut(rule): _Curve.of(histograms, rule) for rule in {_cut(one): one for one in rules}.values()}
    unknown = (made.feerates < 1) & (not all(rule.below_one for rule in rules))
    low, high = _hull([curve.at_least(made.feerates) for curve in curves.values()])
    made.low[rows], made.high[rows] = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    measures = {rule.measure for rule in rules}
    made.measure[rows] = MEASURES.index(measures.pop() if len(measures) == 1 else Measure.EITHER)
    biases = {(_cut(rule), rule.bias) for rule in rules}
    told = [(curves[cut], bias) for cut, bias in biases if bias is not None]
    if len(told) < len(biases):
        return
    low, high = _hull([curve.truly_at_least(made.feerates, bias) for curve, bias in told])
    made.virtual_low[rows], made.virtual_high[rows] = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    for column, depth in enumerate(made.depths):
        made.rate_low[rows, column] = np.min([curve.rate_low(depth) / bias.rate for curve, bias in told], axis=0)
        made.rate_high[rows, column] = np.max([curve.rate_high(depth / bias.size) for curve, bias in told], axis=0)


def _cut(rule: Rule) -> tuple[Cut, float]:
    """What two rules share whose curves are the same."""
    return rule.cut, rule.first_bin


def _hull(bounds: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Return the bounds that hold all of these."""
    return reduce(np.minimum, [low for low, _ in bounds]), reduce(np.maximum, [high for _, high in bounds])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Curve:
    """The cumulative sizes of many histograms under one rule.

    Attributes:
        start: As of ``Histograms``; every histogram has a bin.
        edge: Lower edge of each bin, sat/vB.
        size: Size that pays at least the edge.
        dropped: Most that the rule may have dropped below the last edge, by histogram.
    """

    start: Numbers
    edge: Floats
    size: Floats
    dropped: Floats

    @classmethod
    def of(cls, histograms: Histograms, rule: Rule) -> "_Curve":
        rates = histograms.rates
        threshold = rule.first_bin * GROWTH ** histograms.bins.astype(np.float64)
        return cls(
            start=histograms.start,
            edge=np.ceil(rates / 2) if rule.cut is Cut.POWERS else rates,  # label 2^k - 1: [2^(k-1), 2^k)
            size=cumulative(histograms),
            dropped=np.zeros(len(histograms)) if rule.whole else threshold,
        )

    @property
    def _last(self) -> Numbers:
        return np.asarray(self.start[1:] - 1)

    def _number(self, marks: NDArray[np.bool_]) -> Numbers:
        total = np.append(0, np.cumsum(marks))
        return np.asarray(total[self.start[1:]] - total[self.start[:-1]])

    def _number_at_least(self, feerates: Floats) -> Numbers:
        """Return how many edges are at or above each feerate, by histogram; shape (M, G)."""
        histograms, order = len(self.dropped), np.argsort(feerates, kind="stable")
        # Of each edge, how many feerates it reaches; then of each histogram, how many edges reach so many or more.
        reached = np.searchsorted(feerates[order], self.edge, side="right")
        histogram = np.repeat(np.arange(histograms), np.diff(self.start))
        size = (histograms, len(feerates) + 1)
        edges = np.bincount(histogram * size[1] + reached, minlength=size[0] * size[1]).reshape(size)
        number = np.empty((histograms, len(feerates)), dtype=np.int64)
        number[:, order] = np.cumsum(edges[:, :0:-1], axis=1)[:, ::-1]
        return number

    def at_least(self, feerates: Floats) -> tuple[Floats, Floats]:
        """Return bounds of the size that pays at least each feerate, by histogram; shape (M, G) each."""
        begin, last = self.start[:-1, None], self._last[:, None]
        place = begin + self._number_at_least(feerates)  # of the first bin with an edge below it
        first, before = place == begin, np.maximum(place - 1, 0)
        low = np.where(first, 0.0, self.size[before])
        exact = ~first & (self.edge[before] == feerates)
        whole = self.size[last] + self.dropped[:, None]
        high = np.where(place > last, whole, self.size[np.minimum(place, last)])
        return low, np.where(exact, low, high)

    def truly_at_least(self, feerates: Floats, bias: Bias) -> tuple[Floats, Floats]:
        """Return bounds of the virtual size that truly pays at least each feerate, by histogram; shape (M, G) each."""
        low, high = self.at_least(feerates)
        if bias.rate > 1:
            low, _ = self.at_least(feerates * bias.rate)
        return low, high * bias.size

    def rate_low(self, depth: float) -> Floats:
        """Return the least feerate at a depth, by the server's measure, by histogram."""
        place = self.start[:-1] + self._number(self.size < depth)
        return np.where(place > self._last, 0.0, self.edge[np.minimum(place, self._last)])

    def rate_high(self, depth: float) -> Floats:
        """Return the highest feerate at a depth, by the server's measure, by histogram."""
        place = self.start[:-1] + self._number(self.size < depth)
        above = np.where(place == self.start[:-1], np.inf, self.edge[np.maximum(place - 1, 0)])
        too_deep = self.size[self._last] + self.dropped < depth
        return np.where(too_deep, 0.0, above)
