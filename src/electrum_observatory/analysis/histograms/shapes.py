"""Which algorithms could have made a histogram, from its shape alone, for many histograms at once.

A set shrinks only by what an algorithm cannot do: a feerate it would not write so, a bin it would not have ended
there. What several could have made stays open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.rules import EVERY, GROWTH, RULES, Algorithm, Cut
from electrum_observatory.datasets.watch.answers import Floats, HistogramState, LabelForm
from electrum_observatory.datasets.watch.histogram_columns import Histograms, parts_of
from electrum_observatory.model.watch_ports import Numbers

_KEPT_WHOLE = 0.999
"""Who keeps a threshold as a whole number is a little below it after some bins."""

_LUMP = 2.0
_WIDE_GAP = 5
_TOO_LARGE = 1 + _LUMP + 0.05
_FEWEST_TOO_LARGE = 2
_INTEGER_KEY, _TENTH_KEY = 1.0, 0.1
_LABELS = np.ldexp(1.0, np.arange(65)) - 1  # of bins between powers of two


def consistent_with(histograms: Histograms) -> Numbers:
    """Return the set of algorithms of each histogram (sums of :class:`Algorithm`); shape (D,).

    Histograms without bins are consistent with all.
    """
    return np.concatenate([np.zeros(0, dtype=np.int64), *map(_consistent_with, parts_of(histograms))])


def _consistent_with(histograms: Histograms) -> Numbers:
    sets = np.full(len(histograms), int(EVERY), dtype=np.int64)
    has_bins = histograms.state == HistogramState.BINS
    bins = _Bins.of(histograms)
    cuts = {(rule.cut, rule.first_bin) for rule in RULES.values()}
    cut_fits = {(cut, first): _every(histograms, _bin_fits(histograms, bins, cut, first)) for cut, first in cuts}
    for algorithm, rule in RULES.items():
        fits = cut_fits[rule.cut, rule.first_bin] & ((histograms.forms & ~int(rule.forms)) == 0)
        if rule.spaced is not None:
            fits &= histograms.spaced == rule.spaced
        sets[has_bins & ~fits] &= ~int(algorithm)
    return sets


def too_large_for_small_bins(histograms: Histograms) -> NDArray[np.bool_]:
    """Say of each histogram whether bins that began at 30,000 would have been cut more finely; shape (D,).

    Such a bin holds at most three times its threshold, unless it is one key. That every key of a wide gap is empty
    happens; that it happens bin after bin does not.
    """
    return np.concatenate([np.zeros(0, dtype=np.bool_), *map(_too_large, parts_of(histograms))])


def _too_large(histograms: Histograms) -> NDArray[np.bool_]:
    bins = _Bins.of(histograms)
    threshold = RULES[Algorithm.ELECTRUMX_1_20].first_bin * bins.growth
    integer = (histograms.forms & LabelForm.INTEGER) > 0
    key = np.repeat(np.where(integer, _INTEGER_KEY, _TENTH_KEY), histograms.bins)
    gap = -np.diff(histograms.rates, prepend=np.inf)
    wide = (bins.place > 0) & (gap / key >= _WIDE_GAP)
    return _count(histograms, wide & (histograms.sizes > _TOO_LARGE * threshold)) >= _FEWEST_TOO_LARGE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bins:
    """What holds of each bin.

    Attributes:
        place: In its histogram, from 0.
        last: Whether it is the last.
        growth: By which factor its threshold exceeds the first one.
    """

    place: Numbers
    last: NDArray[np.bool_]
    growth: Floats

    @classmethod
    def of(cls, histograms: Histograms) -> "_Bins":
        bins = histograms.bins
        place = np.arange(len(histograms.rates)) - np.repeat(histograms.start[:-1], bins)
        last = np.zeros(len(histograms.rates), dtype=np.bool_)
        last[histograms.start[1:][bins > 0] - 1] = True
        return cls(place=place, last=last, growth=(GROWTH ** np.arange(bins.max(initial=0) + 1.0))[place])


def _bin_fits(histograms: Histograms, bins: _Bins, cut: Cut, first: float) -> NDArray[np.bool_]:
    sizes = histograms.sizes
    match cut:
        case Cut.POWERS:
            power = np.repeat(histograms.bins - 1, histograms.bins) - bins.place
            return np.asarray(histograms.rates == _LABELS[np.minimum(power, len(_LABELS) - 1)])
        case Cut.FIFTY:
            return np.asarray((sizes > first) | bins.last)
        case Cut.LUMPS:
            threshold = first * bins.growth
            lump_follows = ~bins.last & (np.append(sizes[1:], 0.0) > _LUMP * threshold)
            return np.asarray((sizes > threshold * _KEPT_WHOLE) | lump_follows)
        case Cut.CARRIED:
            filled = first * (bins.growth * GROWTH - 1) / (GROWTH - 1)
            return np.asarray(cumulative(histograms) > filled * _KEPT_WHOLE)


def cumulative(histograms: Histograms) -> Floats:
    """Return the size of each bin and all before it in its histogram; as long as ``rates``."""
    total = np.cumsum(histograms.sizes)
    before = np.append(0.0, total)[histograms.start[:-1]]
    return np.asarray(total - np.repeat(before, histograms.bins))


def _every(histograms: Histograms, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each histogram whether all of its bins are marked; shape (D,)."""
    every = np.ones(len(histograms), dtype=np.bool_)
    with_bins = np.flatnonzero(histograms.bins)
    every[with_bins] = np.logical_and.reduceat(marks, histograms.start[with_bins])
    return every


def _count(histograms: Histograms, marks: NDArray[np.bool_]) -> Numbers:
    """Count the marked bins of each histogram; shape (D,)."""
    total = np.append(0, np.cumsum(marks))
    return np.asarray(total[histograms.start[1:]] - total[histograms.start[:-1]])
