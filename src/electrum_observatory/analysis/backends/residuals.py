"""What a server's mempool has over or under those of its equals, with the age of its reply taken out.

Cumulative virtual size at fixed feerates, as logarithms, so that a program's own measure of size is a constant. From it
goes the median of the same moment: of all, then of the same algorithm, then of the same relay policy, each shrunk
towards the one before where few servers tell it (signals.md §1a: shrink, never cells of one).

A reply shows the mempool of a moment of its own, up to two minutes ago with ElectrumX. What arrived since is common to
all nodes and no evidence. To first order it moves every curve along one direction, the arrivals of that time by
feerate, so each reply's component along it is taken out. Replies that are still far from everything show the mempool
before a block, and are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.coherence import Singles

Kinds = NDArray[np.int64]
Mask = NDArray[np.bool_]

_SHRINK = 8.0  # servers that a stratum's median is worth against the one above
_FEWEST = 5
_TO_SIGMA = 1.4826
_CLIP = 3.0
_BEFORE_THE_BLOCK = 4.0
_AGE_WINDOW = 12  # moments to each side over which the arrivals by feerate are learned
_SMALLEST = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Residuals in units of the usual scatter of a moment, at most three of them.

    Attributes:
        change: Less each server's mean over a quarter of a day; NaN where there is none; shape (T, N, L).
        level: Those means; shape (T', N, L).
    """

    change: Singles
    level: Singles


def residuals_of(
    curves: Singles, algorithms: Kinds, policies: Kinds, voters: Mask, *, per_level: int, same_window: Mask
) -> Residuals:
    """Make residuals.

    Args:
        curves: Cumulative virtual size at L feerates, NaN where a reply does not tell it exactly; shape (T, N, L).
        algorithms: Of each server's histograms; shape (N,).
        policies: Of each server's relay; shape (N,).
        voters: Who counts for medians: one of each set of servers that are known to be one; shape (N,).
        per_level: Moments in a quarter of a day.
        same_window: Whether a moment lies in the same block window as the one before; shape (T,).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(curves > 0, curves, np.nan)).astype(np.float32)
    middle = _median(logs, voters)
    arrivals = _arrivals(middle, same_window)
    rest = logs - middle[:, None, :]
    for kinds in (algorithms, _together(algorithms, policies)):
        rest = _less_stratum(rest, kinds, voters)
    rest = _less_age(rest, arrivals)
    scaled = _scaled(rest, algorithms, voters)
    return _split(scaled, per_level)


def _together(one: Kinds, other: Kinds) -> Kinds:
    return one * (int(other.max(initial=0)) + 2) + other + 1


def _median(values: Singles, chosen: Mask) -> Singles:
    """Return the median over the chosen servers, NaN where fewer than five tell; shape (T, L).

    A sort with NaN last and a look-up by count is several times faster than ``nanmedian``.
    """
    ordered = np.sort(values[:, chosen], axis=1)
    count = np.isfinite(ordered).sum(axis=1)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, max(ordered.shape[1] - 1, 0))
    if not ordered.shape[1]:
        return np.full((values.shape[0], values.shape[2]), np.nan, np.float32)
    at_low = np.take_along_axis(ordered, low[:, None, :], axis=1)[:, 0]
    at_high = np.take_along_axis(ordered, high[:, None, :], axis=1)[:, 0]
    return np.where(count >= _FEWEST, (at_low + at_high) / 2, np.nan).astype(np.float32)


def _less_stratum(values: Singles, kinds: Kinds, voters: Mask) -> Singles:
    rest = values.copy()
    for kind in np.unique(kinds):
        inside = kinds == kind
        of_stratum = values[:, inside]
        count = np.isfinite(values[:, inside & voters]).sum(axis=1)
        middle = np.nan_to_num(_median(of_stratum, voters[inside]))
        rest[:, inside] = of_stratum - (middle * (count / (count + _SHRINK)))[:, None, :].astype(np.float32)
    return rest


def _arrivals(middle: Singles, same_window: Mask) -> Singles:
    """Return by how much the median grew in one moment without a block, averaged over the moments around."""
    grown = np.full_like(middle, np.nan)
    grown[1:] = middle[1:] - middle[:-1]
    grown[~same_window] = np.nan
    grown = np.where(grown > 0, grown, np.nan)
    total = _running(np.nan_to_num(grown))
    number = _running(np.isfinite(grown).astype(np.float32))
    return (total / np.maximum(number, 1)).astype(np.float32)


def _running(values: Singles) -> Singles:
    sums = np.cumsum(np.pad(values, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    moments = np.arange(len(values))
    last = np.minimum(moments + _AGE_WINDOW + 1, len(values))
    return (sums[last] - sums[np.maximum(moments - _AGE_WINDOW, 0)]).astype(np.float32)


def _less_age(rest: Singles, arrivals: Singles) -> Singles:
    """Take out each reply's component along the arrivals of its time; below three feerates nothing is left."""
    there = np.isfinite(rest)
    direction = np.where(there, arrivals[:, None, :], np.float32(0))
    values = np.where(there, rest, np.float32(0))
    power = np.einsum("tnl,tnl->tn", direction, direction)
    age = np.einsum("tnl,tnl->tn", values, direction) / np.maximum(power, _SMALLEST**2)
    rest = rest - age[:, :, None] * direction
    rest[there.sum(axis=2) < 3] = np.nan
    return rest


def _scaled(rest: Singles, algorithms: Kinds, voters: Mask) -> Singles:
    """Divide by the usual scatter within the algorithm, leave out replies from before a block, and clip."""
    out = np.full_like(rest, np.nan)
    for kind in np.unique(algorithms):
        inside = algorithms == kind
        scatter = _median(np.abs(rest[:, inside]), voters[inside]) * _TO_SIGMA
        out[:, inside] = rest[:, inside] / np.maximum(scatter, _SMALLEST)[:, None, :]
    there = np.isfinite(out)
    size = np.where(there, np.minimum(np.abs(out), np.float32(10)), np.float32(0)).sum(axis=2)
    out[size > _BEFORE_THE_BLOCK * np.maximum(there.sum(axis=2), 1)] = np.nan
    return np.clip(out, -_CLIP, _CLIP)


def _split(scaled: Singles, per_level: int) -> Residuals:
    change, levels = scaled.copy(), []
    for start in range(0, len(scaled), per_level):
        part = scaled[start : start + per_level]
        count = np.isfinite(part).sum(axis=0)
        mean = np.where(count >= min(6, per_level), np.nansum(part, axis=0) / np.maximum(count, 1), np.nan)
        change[start : start + per_level] = part - mean[None]
        levels.append(mean)
    return Residuals(change=change, level=np.array(levels, dtype=np.float32).reshape(-1, *scaled.shape[1:]))
