"""Histograms that agree at every common edge to a fraction of a percent, though programs cut and measure differently.

Exact equality needs one algorithm and one refresh. Two programs on one node give curves that agree closely wherever
both have an edge, whenever their refreshes were near each other. How often unrelated nodes do so is measured.
"""

from collections.abc import Iterator

import numpy as np

from electrum_observatory.analysis.backends.agreement import Moment
from electrum_observatory.analysis.backends.coherence import Singles

TOLERANCE = 0.002
"""Programs' measures of size differ by less on most mempools (field reference §4.2: 0.05 %)."""

MOST_MOMENTS = 160
FEWEST_EDGES = 4
"""With fewer common edges curves agree by chance."""


def close_moments(curves: Singles) -> Iterator[Moment]:
    """Compare curves, (T, N, L), in at most so many moments, evenly spread."""
    rounds = len(curves)
    for moment in np.unique(np.linspace(0, rounds - 1, min(rounds, MOST_MOMENTS)).astype(np.int64)) if rounds else ():
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(curves[moment])
        apart = np.abs(logs[:, None, :] - logs[None, :, :])
        common = np.isfinite(apart).sum(axis=2) >= FEWEST_EDGES
        yield int(moment), common, common & ~(apart > TOLERANCE).any(axis=2)
