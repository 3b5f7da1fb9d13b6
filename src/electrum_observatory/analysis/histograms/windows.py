"""Means and quantiles of every pair's divergence over many moments, in memory that does not grow with their number."""

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import Numbers

_INNER = 126
LEVELS = _INNER + 2  # exactly 0, 126 between, exactly 1

RESOLUTION = 1 / (2 * _INNER)
"""How far a quantile may be from the true one, at most, where 1 is the largest value."""

_CHUNK = 65_536


class PairWindow:
    """Divergences or distances of n servers over a window, as shares of the unit's largest value: from 0 to 1.

    Of each pair the number of moments in each of 128 levels is kept (2 bytes each: 128 MB for 1,000 servers), and the
    sum. 0 and 1 have levels of their own, since equal and disjoint histograms are states rather than small or large
    numbers.
    """

    def __init__(self, servers: int, moments: int) -> None:
        """Make room for at most so many moments of so many servers."""
        self._servers = servers
        self._pairs = np.triu_indices(servers, 1)
        size = np.uint16 if moments < 2**16 else np.uint32
        self._levels = np.zeros((len(self._pairs[0]), LEVELS), dtype=size)
        self._sum = np.zeros(len(self._pairs[0]))
        self._seen = np.zeros(servers, dtype=np.bool_)
        self.moments = 0

    def add(self, matrix: Floats) -> None:
        """Take in the matrix of one moment; NaN is no data."""
        values = matrix[self._pairs]
        known = np.flatnonzero(~np.isnan(values))
        values = values[known]
        level = np.where(values == 0, 0, np.minimum(values * _INNER, _INNER - 1).astype(np.int64) + 1)
        level[values >= 1] = LEVELS - 1
        self._levels[known, level] += np.asarray(1, dtype=self._levels.dtype)
        self._sum[known] += values
        self._seen |= ~np.isnan(np.diag(matrix))
        self.moments += 1

    def together(self) -> Numbers:
        """Return at how many moments both had data; shape (n, n)."""
        counts = np.zeros((self._servers, self._servers), dtype=np.int64)
        counts[self._pairs] = self._levels.sum(axis=1)
        return np.asarray(counts + counts.T)

    def mean(self) -> Floats:
        """Return the mean; NaN where two servers never had data at one moment; shape (n, n)."""
        number = self._levels.sum(axis=1)
        return self._square(np.divide(self._sum, number, out=np.full(len(number), np.nan), where=number > 0))

    def quantile(self, share: float) -> Floats:
        """Return the least level that at least this share of the moments does not exceed; shape (n, n)."""
        values = np.full(len(self._sum), np.nan)
        middle = np.concatenate([[0.0], (np.arange(_INNER) + 0.5) / _INNER, [1.0]])
        for start in range(0, len(values), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            total = np.cumsum(self._levels[chunk], axis=1, dtype=np.int64)
            rank = np.maximum(np.ceil(share * total[:, -1] - 1e-9), 1)
            level = (total < rank[:, None]).sum(axis=1)
            values[chunk] = np.where(total[:, -1] > 0, middle[np.minimum(level, LEVELS - 1)], np.nan)
        return self._square(values)

    def _square(self, values: Floats) -> Floats:
        matrix = np.full((self._servers, self._servers), np.nan)
        matrix[self._pairs] = values
        matrix.T[self._pairs] = values
        np.fill_diagonal(matrix, np.where(self._seen, 0.0, np.nan))
        return matrix
