"""Histograms that agree at every common edge to a fraction of a percent, though programs cut and measure differently.

Exact equality needs one algorithm and one refresh. Two programs on one node give curves that agree closely wherever
both have an edge, whenever their refreshes were near each other. Where rounds follow each other faster than servers
refresh, more can be asked: what one server shows was taken between two refreshes of another, so on one node its curve
lies between those two, at every edge. How often unrelated nodes do so is measured.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.agreement import Moment
from electrum_observatory.analysis.backends.coherence import Singles
from electrum_observatory.model.watch_ports import NOTHING, Numbers

TOLERANCE = 0.002
"""Programs' measures of size differ by less on most mempools (field reference §4.2: 0.05 %)."""

MOST_MOMENTS = 160
FEWEST_EDGES = 4
"""With fewer common edges curves agree by chance."""


def close_moments(curves: Singles, *, between: bool = False) -> Iterator[Moment]:
    """Compare curves in at most so many moments, evenly spread.

    Args:
        curves: Cumulative sizes, NaN where unknown; shape (T, N, L).
        between: Whether rounds are dense enough to see every refresh, so that lying between two of them counts too.
    """
    rounds = len(curves)
    around = _neighbours(curves) if between else ()
    for moment in np.unique(np.linspace(0, rounds - 1, min(rounds, MOST_MOMENTS)).astype(np.int64)) if rounds else ():
        logs = _logs(curves[moment])
        apart = np.abs(logs[:, None, :] - logs[None, :, :])
        common = np.isfinite(apart).sum(axis=2) >= FEWEST_EDGES
        near = common & ~(apart > TOLERANCE).any(axis=2)
        for other in around:
            within = _between(logs, _logs(_picked(curves, other[moment])))
            near |= common & (within | within.T)
        yield int(moment), common, near


def _between(logs: Singles, others: Singles) -> NDArray[np.bool_]:
    """Whether each server's curve lies between what another shows now and at another refresh; shape (N, N)."""
    low, high = np.fmin(logs, others) - TOLERANCE, np.fmax(logs, others) + TOLERANCE
    low, high = np.where(np.isfinite(others), low, np.nan), np.where(np.isfinite(others), high, np.nan)
    told = np.isfinite(logs)[:, None, :] & np.isfinite(low)[None, :, :]
    outside = (logs[:, None, :] < low[None, :, :]) | (logs[:, None, :] > high[None, :, :])
    within: NDArray[np.bool_] = (told.sum(axis=2) >= FEWEST_EDGES) & ~(told & outside).any(axis=2)
    return within


def refreshes(curves: Singles) -> Numbers:
    """Return the round in which each server's curve was first shown as it is, ``NOTHING`` without one; shape (T, N)."""
    told = np.isfinite(curves).sum(axis=2) >= FEWEST_EDGES
    return np.where(told, _began(curves), NOTHING)


def _neighbours(curves: Singles) -> tuple[Numbers, Numbers]:
    """Return the round of each server's refresh before and after the one that it shows; ``NOTHING`` for none."""
    rounds, servers = curves.shape[:2]
    began = _began(curves)
    ahead = np.where(began == np.arange(rounds)[:, None], began, rounds)[::-1]
    after = np.minimum.accumulate(ahead, axis=0)[::-1][1:]
    after = np.concatenate([after, np.full((min(rounds, 1), servers), rounds)])
    return began - 1, np.where(after == rounds, NOTHING, after)


def _began(curves: Singles) -> Numbers:
    rounds, servers = curves.shape[:2]
    same = (curves[1:] == curves[:-1]) | (np.isnan(curves[1:]) & np.isnan(curves[:-1]))
    new = np.concatenate([np.ones((min(rounds, 1), servers), dtype=bool), ~same.all(axis=2)])
    began: Numbers = np.maximum.accumulate(np.where(new, np.arange(rounds)[:, None], 0), axis=0)
    return began


def _picked(curves: Singles, rounds: Numbers) -> Singles:
    """Return each server's curve in a round of its own; NaN where there is none."""
    picked: Singles = curves[rounds, np.arange(len(rounds))]
    return np.where((rounds >= 0)[:, None], picked, np.float32(np.nan))


def _logs(curves: Singles) -> Singles:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: Singles = np.log(curves)
    return logs
