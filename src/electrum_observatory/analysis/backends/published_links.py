"""The published method on the same data, so that its answer can stand beside: links at a divergence of at most 0.5."""

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.divergence import divergences
from electrum_observatory.analysis.histograms.published import THRESHOLD, groups_of
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

MOST_MOMENTS = 40


def published_links(histograms: HistogramTable, columns: Numbers) -> tuple[Floats, NDArray[np.bool_], Numbers]:
    """Return scores (mean similarity, 1 less the divergence in bits), links and groups over a window.

    The study has one matrix for a moment; over a window its mean is taken, at most forty moments, evenly spread. Linked
    is who is in one connected part, as there.

    Args:
        histograms: Of the watch.
        columns: One server for each machine.
    """
    given = histograms.at[:, columns]
    moments = np.unique(np.linspace(0, len(given) - 1, min(len(given), MOST_MOMENTS)).astype(np.int64))
    total, count = np.zeros((len(columns), len(columns))), np.zeros((len(columns), len(columns)))
    for moment in moments:
        matrix = divergences(histograms.distinct, given[moment])
        total += np.nan_to_num(matrix)
        count += np.isfinite(matrix)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    groups = groups_of(mean, THRESHOLD)
    links = (groups[:, None] == groups[None, :]) & (groups != NOTHING)[:, None]
    links[np.diag_indices(len(links))] = False
    return np.where(np.isfinite(mean), 1 - mean, 0.0), links, groups
