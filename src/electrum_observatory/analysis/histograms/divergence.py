"""Jensen–Shannon divergence between normalised histograms, label by label: the measure of the published study.

With p and q normalised and h(x) = x·log2(x), the divergence is 1 + ½·Σ (h(p) + h(q) − h(p + q)) over the labels that
both have: a label of one only adds nothing to the sum, and without common labels it is 1 exactly. Equal histograms are
compared once. An empty histogram has no normalised form: it is at no distance from anything, neither 0 nor 1.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.histogram_columns import Histograms
from electrum_observatory.model.watch_ports import NOTHING, Numbers


class Unit(StrEnum):
    """In what a divergence is told; the study does not say which of them its 0.5 is.

    Attributes:
        BITS: The divergence in bits.
        ROOT_BITS: The distance: its square root.
        ROOT_NATS: The distance as scipy computes it unless told otherwise.
    """

    BITS = "bits"
    ROOT_BITS = "root-bits"
    ROOT_NATS = "root-nats"

    @property
    def words(self) -> str:
        """The unit as every output names it."""
        return _WORDS[self]

    @property
    def most(self) -> float:
        """Largest value: that of histograms without a common label."""
        return float(in_unit(np.array(1.0), self))


_WORDS = {
    Unit.BITS: "divergence in bits",
    Unit.ROOT_BITS: "distance, square root of bits",
    Unit.ROOT_NATS: "distance, square root of nats",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """Distinct normalised histograms, those with few labels first.

    Attributes:
        labels: Labels of each row as columns of ``shares``, those only that another row has, too.
        shares: Share of a label's size in its histogram, 0 without it; shape (labels, rows).
    """

    labels: list[Numbers]
    shares: Floats


def in_unit(bits: Floats, unit: Unit) -> Floats:
    """Return divergences in bits in another unit."""
    match unit:
        case Unit.BITS:
            return bits
        case Unit.ROOT_BITS:
            return np.asarray(np.sqrt(bits))
        case Unit.ROOT_NATS:
            return np.asarray(np.sqrt(bits * np.log(2)))


def divergences(histograms: Histograms, which: Numbers) -> Floats:
    """Return the divergence in bits between n histograms; shape (n, n).

    NaN, on the diagonal too, where one has no bins, or where ``which`` is ``NOTHING``.
    """
    content = np.append(histograms.content, NOTHING)[which]
    known = np.flatnonzero(content != NOTHING)
    _, first, row_of = np.unique(content[known], return_index=True, return_inverse=True)
    distinct = which[known[first]]
    order = np.argsort(histograms.bins[distinct], kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    between = _between(_rows(histograms, distinct[order]))
    if len(known) == len(which):
        row = place[row_of]
        return np.asarray(between[row[:, None], row])
    matrix = np.full((len(which), len(which)), np.nan)
    row = place[row_of]
    matrix[known[:, None], known] = between[row[:, None], row]
    return matrix


def _rows(histograms: Histograms, which: Numbers) -> _Rows:
    """Return some histograms, all distinct, as rows."""
    bins = histograms.bins[which]
    end = np.cumsum(bins)
    bin_at = np.arange(bins.sum()) + np.repeat(histograms.start[which] - (end - bins), bins)
    row = np.repeat(np.arange(len(which)), bins)
    sizes = histograms.sizes[bin_at]
    share = sizes / np.bincount(row, weights=sizes, minlength=len(which))[row]
    _, label = np.unique(histograms.rates[bin_at], return_inverse=True)
    common = (np.bincount(label, weights=share > 0)[label] > 1) & (share > 0)
    row, share = row[common], share[common]
    labels, label = np.unique(label[common], return_inverse=True)
    shares = np.zeros((len(labels), len(which)))
    shares[label, row] = share
    return _Rows(labels=np.split(label, np.searchsorted(row, np.arange(1, len(which)))), shares=shares)


def _between(rows: _Rows) -> Floats:
    number = rows.shares.shape[1]
    logs = np.zeros_like(rows.shares)
    np.log(rows.shares, out=logs, where=rows.shares > 0)
    logs *= rows.shares
    most = max((len(labels) for labels in rows.labels), default=0)
    sums, parts = np.empty(most * number), np.empty(most * number)  # reused: fresh pages cost more than the arithmetic
    matrix = np.zeros((number, number))
    for at, labels in enumerate(rows.labels[:-1]):
        shape, after = (len(labels), number - at - 1), slice(at + 1, None)
        total = sums[: shape[0] * shape[1]].reshape(shape)
        part = parts[: shape[0] * shape[1]].reshape(shape)
        np.add(rows.shares[labels, after], rows.shares[labels, at, None], out=total)
        np.log(total, out=part)
        part *= total
        np.subtract(logs[labels, after], part, out=part)
        part += logs[labels, at, None]
        matrix[at, after] = 1 + part.sum(axis=0) / (2 * np.log(2))
    np.clip(matrix, 0, 1, out=matrix)
    return np.asarray(matrix + matrix.T)
