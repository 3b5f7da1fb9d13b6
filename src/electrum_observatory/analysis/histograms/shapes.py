"""Which algorithms could have made a histogram, from its shape alone, for many histograms at once.

A set shrinks only by what an algorithm cannot do: a feerate it would not write so, a bin it would not have ended
there. What several could have made stays open.
"""

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.rules import EVERY, GROWTH, RULES, Algorithm, Cut, Rule
from electrum_observatory.datasets.watch.answers import Floats, HistogramState, LabelForm
from electrum_observatory.datasets.watch.histogram_columns import Histograms
from electrum_observatory.model.watch_ports import Numbers

_KEPT_WHOLE = 0.999
"""Who keeps a threshold as a whole number is a little below it after some bins."""

_LUMP = 2.0
_WIDE_GAP = 5
_TOO_LARGE = 1 + _LUMP + 0.05
_FEWEST_TOO_LARGE = 2
_INTEGER_KEY, _TENTH_KEY = 1.0, 0.1


def consistent_with(histograms: Histograms) -> Numbers:
    """Return the set of algorithms of each histogram (sums of :class:`Algorithm`); shape (D,).

    Histograms without bins are consistent with all.
    """
    sets = np.full(len(histograms), int(EVERY), dtype=np.int64)
    has_bins = histograms.state == HistogramState.BINS
    for algorithm, rule in RULES.items():
        sets[has_bins & ~_fits(histograms, rule)] &= ~int(algorithm)
    return sets


def too_large_for_small_bins(histograms: Histograms) -> NDArray[np.bool_]:
    """Say of each histogram whether bins that began at 30,000 would have been cut more finely; shape (D,).

    Such a bin holds at most three times its threshold, unless it is one key. That every key of a wide gap is empty
    happens; that it happens bin after bin does not.
    """
    threshold = RULES[Algorithm.ELECTRUMX_1_20].first_bin * GROWTH ** _place(histograms)
    integer = (histograms.forms & LabelForm.INTEGER) > 0
    key = np.where(integer, _INTEGER_KEY, _TENTH_KEY)[histograms.bin_of]
    gap = np.diff(histograms.rates, prepend=np.inf)
    wide = (_place(histograms) > 0) & (-gap / key >= _WIDE_GAP)
    return _count(histograms, wide & (histograms.sizes > _TOO_LARGE * threshold)) >= _FEWEST_TOO_LARGE


def _fits(histograms: Histograms, rule: Rule) -> NDArray[np.bool_]:
    fits = (histograms.forms & ~int(rule.forms)) == 0
    if rule.spaced is not None:
        fits &= histograms.spaced == rule.spaced
    return np.asarray(fits & (_count(histograms, ~_bin_fits(histograms, rule)) == 0))


def _bin_fits(histograms: Histograms, rule: Rule) -> NDArray[np.bool_]:
    place, sizes = _place(histograms), histograms.sizes
    match rule.cut:
        case Cut.POWERS:
            last = histograms.bins[histograms.bin_of] - 1
            return np.asarray(histograms.rates == np.exp2(np.minimum(last - place, 64)) - 1)
        case Cut.FIFTY:
            return np.asarray((sizes > rule.first_bin) | _is_last(histograms))
        case Cut.LUMPS:
            threshold = rule.first_bin * GROWTH**place
            following = np.append(sizes[1:], 0.0)
            lump_follows = ~_is_last(histograms) & (following > _LUMP * threshold)
            return np.asarray((sizes > threshold * _KEPT_WHOLE) | lump_follows)
        case Cut.CARRIED:
            filled = rule.first_bin * (GROWTH ** (place + 1) - 1) / (GROWTH - 1)
            return np.asarray(cumulative(histograms) > filled * _KEPT_WHOLE)


def cumulative(histograms: Histograms) -> Floats:
    """Return the size of each bin and all before it in its histogram; as long as ``rates``."""
    total = np.cumsum(histograms.sizes)
    before = np.append(0.0, total)[histograms.start[:-1]]
    return np.asarray(total - np.repeat(before, histograms.bins))


def _place(histograms: Histograms) -> Numbers:
    """Return each bin's place in its histogram, from 0."""
    return np.asarray(np.arange(len(histograms.rates)) - np.repeat(histograms.start[:-1], histograms.bins))


def _is_last(histograms: Histograms) -> NDArray[np.bool_]:
    last = np.zeros(len(histograms.rates), dtype=np.bool_)
    last[histograms.start[1:][histograms.bins > 0] - 1] = True
    return last


def _count(histograms: Histograms, marks: NDArray[np.bool_]) -> Numbers:
    """Count the marked bins of each histogram; shape (D,)."""
    total = np.append(0, np.cumsum(marks))
    return np.asarray(total[histograms.start[1:]] - total[histograms.start[:-1]])
