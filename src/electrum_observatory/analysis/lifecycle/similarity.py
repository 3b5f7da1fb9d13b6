"""In which order to draw servers side by side, so that those that were away together stand together.

Only absence tells: hosts that are always on resemble each other for no reason. Two servers are as far apart as the
Jaccard distance of the rounds in which both were asked and either was away; servers that were never away come last.
"""

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.lifecycle.presence import Presence

_MOST_FOR_THE_BEST_ORDER = 600
"""Up to so many servers the leaves of the tree are turned for the smoothest order; beyond, the tree's own order."""


def by_similarity(presence: Presence) -> list[int]:
    """Return the places of servers, those that were ever away first, in an order of like absences."""
    away = presence.asked & ~presence.up
    ever = np.flatnonzero(away.any(axis=0))
    never = [int(place) for place in np.flatnonzero(~away.any(axis=0))]
    if len(ever) < 3:
        return [*map(int, ever), *never]
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = jaccard_of_absences(presence.asked[:, ever], away[:, ever])
    smooth = len(ever) <= _MOST_FOR_THE_BEST_ORDER
    tree = linkage(squareform(distances, checks=False), method="average", optimal_ordering=smooth)
    return [*(int(ever[leaf]) for leaf in leaves_list(tree)), *never]


def jaccard_of_absences(asked: NDArray[np.bool_], away: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the distances of columns, over rounds that asked both; 1 where no such round found either away.

    Args:
        asked: Whether a server was asked; shape (T, N).
        away: Whether it was asked and did not answer; shape (T, N).

    Returns:
        Shape (N, N), 0 on the diagonal.
    """
    seen, gone = asked.astype(np.float32), away.astype(np.float32)
    both = gone.T @ gone
    either = gone.T @ seen + seen.T @ gone - both
    distances = np.where(either > 0, 1 - both / np.maximum(either, 1), 1.0)
    np.fill_diagonal(distances, 0.0)
    return np.clip(distances, 0.0, 1.0)
