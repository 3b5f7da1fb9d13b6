"""Evidence from moving together: correlations of what is left of servers when what all share is taken away.

The correlation of two servers' residuals is compared with that of unrelated pairs and with what one node would give:
as much as their residuals are signal at all, which each server's own autocorrelation tells. Residuals that many servers
share (a relay policy, a filter, a region) say which class a node is of and not which node it is: the broad factors are
taken out first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.null import PRIOR_PAIRS, Null, learn_null
from electrum_observatory.datasets.watch.answers import Floats

Singles = NDArray[np.float32]

FEWEST_COLUMNS = 24
"""Common moments below which a pair has no correlation."""

_BALANCED = 0.15
_COHERENCES = (0.3, 0.55, 0.75, 0.95)  # prior of how much of the signal two servers on one node share
_TYPICAL = 0.75
_BROAD = 8  # a factor that rests on more than an eighth of the servers is a class, not a node
_FEWEST_BROAD = 12
_LEAST = -6.0
_MODEL_PAIRS = 4  # confirmed pairs that the model is worth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coherence:
    """Correlations of pairs.

    Attributes:
        r: Correlation, the best over the lags allowed; NaN where two have too little in common; shape (N, N).
        error: What it would scatter by if moments were independent; shape (N, N).
        signal: Share of each server's variance that is signal, 0 to 1; shape (N,).
    """

    r: Floats
    error: Floats
    signal: Floats


def coherence_of(columns: Singles, *, lags: int = 0) -> Coherence:
    """Correlate servers.

    Args:
        columns: Residuals by moment, server and feature, NaN where there is none; shape (T, N, L).
        lags: Moments by which one may be older than the other.
    """
    rounds, servers, _ = columns.shape
    present = np.isfinite(columns)
    values = np.where(present, columns, np.float32(0))
    r, error = np.full((servers, servers), np.nan), np.full((servers, servers), np.nan)
    for lag in range(min(lags, rounds - 1) + 1):
        here, there = slice(lag, rounds), slice(0, rounds - lag)
        one, scatter = _correlate(values[here], present[here], values[there], present[there])
        for turned, by in ((one, scatter), (one.T, scatter.T)) if lag else ((one, scatter),):
            better = np.isfinite(turned) & ~(turned <= r)
            r, error = np.where(better, turned, r), np.where(better, by, error)
    return Coherence(r=r, error=error, signal=_signal(values, present))


def _correlate(
    left: Singles, left_there: NDArray[np.bool_], right: Singles, right_there: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    a, b = _flat(left), _flat(right)
    ma, mb = _flat(left_there.astype(np.float32)), _flat(right_there.astype(np.float32))
    a2, b2 = a * a, b * b
    power = np.sqrt(np.maximum((a2 @ mb.T).astype(np.float64) * (ma @ b2.T), 1e-12))
    enough = (ma @ mb.T) >= FEWEST_COLUMNS
    r = np.where(enough, (a @ b.T) / power, np.nan)
    return r, np.where(enough, np.sqrt(np.maximum(a2 @ b2.T, 1e-12)) / power, np.nan)


def _flat(cube: Singles) -> Singles:
    """Bring servers to the front: shape (N, T * L)."""
    return np.ascontiguousarray(cube.transpose(1, 0, 2)).reshape(cube.shape[1], -1)


def _signal(values: Singles, present: NDArray[np.bool_]) -> Floats:
    """Return the autocorrelation at one moment's distance: what noise of single replies cannot make."""
    both = present[1:] & present[:-1]
    product = np.einsum("tnl,tnl->n", values[1:] * both, values[:-1], dtype=np.float64)
    power = np.einsum("tnl,tnl->n", values[1:] * both, values[1:], dtype=np.float64)
    power = np.sqrt(power * np.einsum("tnl,tnl->n", values[:-1] * both, values[:-1], dtype=np.float64))
    enough = both.sum(axis=(0, 2)) >= FEWEST_COLUMNS
    return np.where(enough, np.clip(product / np.maximum(power, 1e-9), 0.0, 0.98), 0.0)


def without_broad_factors(found: Coherence, voters: NDArray[np.bool_]) -> Coherence:
    """Take out what many servers share.

    The strong factors of the voters' correlations are turned until each rests on as few servers as possible (varimax):
    groups of equal strength would look like one broad factor otherwise. Those that still rest on more than an eighth
    (participation ratio) are taken for classes. The price: a node behind more than an eighth of the network is not seen
    here, but by equal answers only. Servers without a vote are projected by their correlations.
    """
    loading = broad_loadings(found.r, voters)
    if not loading.shape[1]:
        return found
    shared = np.minimum((loading**2).sum(axis=1), 0.95)
    own = np.sqrt(1 - shared)
    r = (found.r - loading @ loading.T) / (own[:, None] * own[None, :])
    signal = np.clip((found.signal - shared) / (1 - shared), 0.0, 0.98)
    return Coherence(r=r, error=found.error, signal=signal)


def broad_loadings(correlations: Floats, voters: NDArray[np.bool_]) -> Floats:
    """Return how each server loads on the broad factors; shape (N, F), F 0 without any. NaN stands for 0."""
    size = int(voters.sum())
    none = np.zeros((len(voters), 0))
    if size < _FEWEST_BROAD:
        return none
    filled = np.nan_to_num(correlations)
    np.fill_diagonal(filled, 1.0)
    values, vectors = np.linalg.eigh(filled[np.ix_(voters, voters)])
    bulk = np.quantile(values, 0.8)
    strong = values > bulk + 0.25 * (values[-1] - bulk)
    turned = _varimax(vectors[:, strong] * np.sqrt(values[strong]))
    participation = (turned**2).sum(axis=0) ** 2 / (turned**4).sum(axis=0)
    broad = (participation > max(size / _BROAD, _FEWEST_BROAD)) & ((turned**2).sum(axis=0) > 2 * bulk)
    if not broad.any():
        return none
    direction = turned[:, broad] / np.linalg.norm(turned[:, broad], axis=0)
    strength = np.einsum("ik,ij,jk->k", direction, filled[np.ix_(voters, voters)], direction)
    return np.asarray(filled[:, voters] @ direction / np.sqrt(strength))


def _varimax(loadings: Floats, turns: int = 60) -> Floats:
    """Turn factors so that each rests on few servers (Kaiser 1958)."""
    servers, factors = loadings.shape
    rotation = np.eye(factors)
    for _ in range(turns):
        turned = loadings @ rotation
        gradient = loadings.T @ (turned**3 - turned * (turned**2).sum(axis=0) / servers)
        left, _, right = np.linalg.svd(gradient)
        rotation = left @ right
    return np.asarray(loadings @ rotation)


def expected_r(found: Coherence, kinds: NDArray[np.int64], confirmed: NDArray[np.bool_]) -> Floats:
    """Return the correlation that two servers on one node would have; shape (N, N).

    Their own autocorrelation bounds it from below only: what a block renews is signal too, and no autocorrelation shows
    it. So it is raised by pairs that other families of evidence, this one left out, put on one node: the median of
    those of the same two algorithms outweighs the model once there are more than a handful.
    """
    rho = np.sqrt(found.signal[:, None] * found.signal[None, :])
    known = confirmed & np.isfinite(found.r)
    for one in np.unique(kinds):
        for other in np.unique(kinds[kinds >= one]):
            cell = _between(kinds, one, other)
            told = found.r[np.triu(known & cell, 1)]
            if len(told):
                weight = len(told) / (len(told) + _MODEL_PAIRS)
                learned = (1 - weight) * rho[cell] + weight * float(np.median(told)) / _TYPICAL
                rho[cell] = np.clip(np.maximum(rho[cell], learned), 0.0, 0.98)
    return rho


def coherence_bits(
    found: Coherence, rho: Floats, kinds: NDArray[np.int64], voters: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Weigh correlations; return the bits of each pair, and what a pair on one node would be expected to earn.

    Args:
        found: The correlations.
        rho: What they would be on one node at most.
        kinds: Algorithm of each server: unrelated pairs are learned by pair of algorithms, shrunk to all pairs.
        voters: Whose pairs tell what is usual.
    """
    standard = found.r / found.error
    upper = np.triu(np.ones(standard.shape, bool), 1) & voters[:, None] & voters[None, :]
    whole = learn_null(standard[upper])
    bits, expected = np.zeros(standard.shape), np.zeros(standard.shape)
    for one in np.unique(kinds):
        for other in np.unique(kinds[kinds >= one]):
            cell = _between(kinds, one, other)
            null = learn_null(standard[upper & cell], expected_scale=whole.scale)
            bits[cell], expected[cell] = _weigh(found.error[cell], rho[cell], standard[cell], null)
    told = np.isfinite(standard)
    return np.where(told, bits, 0.0), np.where(told, expected, 0.0)


def _between(kinds: NDArray[np.int64], one: np.int64, other: np.int64) -> NDArray[np.bool_]:
    first, second = kinds == one, kinds == other
    return np.asarray((first[:, None] & second[None, :]) | (second[:, None] & first[None, :]))


def _weigh(error: Floats, rho: Floats, standard: Floats, null: Null) -> tuple[Floats, Floats]:
    full = np.nan_to_num(rho / error)
    seen = np.nan_to_num(standard)
    wide = np.sqrt(null.scale**2 + (0.15 * full) ** 2)
    means = [(1 - _BALANCED, coherence) for coherence in _COHERENCES]
    means += [(_BALANCED, coherence / 2) for coherence in _COHERENCES]

    def bits_of(values: Floats) -> Floats:
        density = np.zeros(values.shape)
        for share, coherence in means:
            away = np.minimum(values - null.centre - coherence * full, 0.0 if coherence == max(_COHERENCES) else np.inf)
            density += share / len(_COHERENCES) * np.exp(-0.5 * (away / wide) ** 2) / (wide * np.sqrt(2 * np.pi))
        rare = 1 / (null.pairs + PRIOR_PAIRS)
        unrelated = np.logaddexp(null.log_density(values), np.log(rare / np.maximum(wide + full, 1.0)))
        return np.asarray(np.clip((np.log(density + 1e-300) - unrelated) / np.log(2), _LEAST, null.cap))

    expected = bits_of(null.centre + _TYPICAL * full)
    return bits_of(seen), np.maximum(expected, 0.0)
