"""An order of servers in which those alike stand side by side: for pictures of matrices."""

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers


def order_of(matrix: Floats, groups: Numbers) -> Numbers:
    """Return the servers with data, group by group, the largest first, and within each by average linkage.

    Pairs without data count as far as any.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    known = np.flatnonzero(groups != NOTHING)
    between = matrix[np.ix_(known, known)]
    between = np.where(np.isnan(between), np.nanmax(between, initial=0.0), between)
    np.fill_diagonal(between, 0.0)
    if len(known) < 3:
        return known[np.argsort(groups[known], kind="stable")]
    leaves = leaves_list(linkage(squareform(between, checks=False), "average"))
    by_leaf = known[leaves]
    return np.asarray(by_leaf[np.argsort(groups[by_leaf], kind="stable")])
