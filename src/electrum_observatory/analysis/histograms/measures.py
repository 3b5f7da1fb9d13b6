"""Virtual or serialised bytes? What the shape leaves open, told by the level, beside servers whose measure is known.

Fulcrum to 1.9.7 counts serialised bytes, r times the virtual ones (1 for old transactions, 1.5 to 2.1 for usual ones),
and divides fees by them: it tells r·C(r·f) where C(f) virtual bytes pay f. So its curve lies above and to the left of
the others' at the same moment. Nodes differ by some percent; r does not hide among them unless the curve falls exactly
as 1/f, and then nothing is concluded.
"""

from collections.abc import Sequence

import numpy as np

from electrum_observatory.analysis.histograms.algorithms import ServerAlgorithms
from electrum_observatory.analysis.histograms.canonical import canonical_table
from electrum_observatory.analysis.histograms.rules import RULES, Algorithm, Measure
from electrum_observatory.analysis.histograms.shapes import cumulative
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

FEWEST_REFERENCES = 3
FEWEST_EDGES = 12
_MOST_MOMENTS = 48
_RATES = 1.1 ** np.arange(0, 60)
_RATIOS = np.arange(1.4, 2.15, 0.1)
_CLEARLY = 0.5
_MOST_OPEN = 0.3  # of a reference's interval, to be of use

_SERIALISED = Algorithm(sum(one for one, rule in RULES.items() if rule.measure is Measure.SERIALISED))


def with_measures(table: HistogramTable, servers: Sequence[ServerAlgorithms]) -> tuple[ServerAlgorithms, ...]:
    """Take out of each server's set what the level of its curves contradicts; sets without the question stay."""
    known = [place for place, one in enumerate(servers) if one.algorithms and not one.algorithms & _SERIALISED]
    if len(known) < FEWEST_REFERENCES:
        return tuple(servers)
    moments = np.unique(np.linspace(0, len(table.at) - 1, _MOST_MOMENTS).astype(np.int64))
    reference = _reference(table, moments, known, servers)
    return tuple(
        _narrowed(one, table, moments, place, reference)
        if one.algorithms & _SERIALISED and one.algorithms & ~_SERIALISED and one.histograms
        else one
        for place, one in enumerate(servers)
    )


def _reference(
    table: HistogramTable, moments: Numbers, known: Sequence[int], servers: Sequence[ServerAlgorithms]
) -> Floats:
    """Return the logarithm of the median curve of known measure, by moment and feerate; NaN where too few tell it."""
    part = HistogramTable(at=table.at[moments][:, list(known)], distinct=table.distinct)
    made = canonical_table(part, [servers[one].algorithms for one in known], [float(one) for one in _RATES], ())
    low, high = made.rows.virtual_low, made.rows.virtual_high
    sharp = (low > 0) & (high - low <= _MOST_OPEN * high)
    middle = np.vstack([np.where(sharp, (low + high) / 2, np.nan), np.full((1, len(_RATES)), np.nan)])[made.at]
    told = (~np.isnan(middle)).sum(axis=1)
    ordered = np.sort(middle, axis=1)  # NaN last
    half = np.take_along_axis(ordered, np.maximum(told // 2, 0)[:, None], axis=1)[:, 0]
    return np.asarray(np.log(np.where(told >= FEWEST_REFERENCES, half, np.nan)))


def _narrowed(
    server: ServerAlgorithms, table: HistogramTable, moments: Numbers, place: int, reference: Floats
) -> ServerAlgorithms:
    distinct, size = table.distinct, cumulative(table.distinct)
    given = table.at[moments, place]
    rows = np.flatnonzero(given != NOTHING)
    bins = [np.arange(distinct.start[one], distinct.start[one + 1]) for one in given[rows]]
    bin_at = np.concatenate([np.zeros(0, dtype=np.int64), *bins])
    row = np.repeat(rows, [len(one) for one in bins])
    rate, told = distinct.rates[bin_at], size[bin_at]
    virtual = _misfit(rate, told, row, reference, 1.0)
    serialised = min(_misfit(rate, told, row, reference, float(ratio)) for ratio in _RATIOS)
    if virtual < _CLEARLY * serialised < np.inf:
        return _left(server, ~_SERIALISED)
    return _left(server, _SERIALISED) if serialised < _CLEARLY * virtual < np.inf else server


def _left(server: ServerAlgorithms, algorithms: Algorithm) -> ServerAlgorithms:
    return ServerAlgorithms(algorithms=server.algorithms & algorithms, histograms=server.histograms)


def _misfit(rate: Floats, told: Floats, row: Numbers, reference: Floats, ratio: float) -> float:
    """Return the median error of a curve's logarithm under one ratio of sizes; infinite for too few edges."""
    place = np.log(np.maximum(rate * ratio, 1e-9)) / np.log(_RATES[1])
    left = np.clip(np.floor(place).astype(np.int64), 0, len(_RATES) - 2)
    inside = (place >= 0) & (place <= len(_RATES) - 1)
    share = place - left
    curve = reference[row, left] * (1 - share) + reference[row, left + 1] * share
    error = np.abs(np.log(told) - np.log(ratio) - curve)[inside]
    error = error[~np.isnan(error)]
    return float(np.median(error)) if len(error) >= FEWEST_EDGES else np.inf
