"""What unrelated pairs look like, learned from pairs of which a few are related.

Most pairs of a network are unrelated, and the related ones lie in one tail. So the centre and the left half of all
pairs tell of the unrelated ones (Efron's central matching), and how far the left tail goes beyond a normal one says
how far the right one would go by itself. A weight of evidence can never be larger than the number of pairs that were
there to show how rare a value is: bits are capped at its logarithm.
"""

import math
from dataclasses import dataclass

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats

PRIOR_PAIRS = 100
"""Pairs that stand for what is known of unrelated nodes before any was looked at (signals.md §1a: shrink)."""

_HEAVY = 4.0
_LIGHT = 60.0
_FEWEST = 30
_ONE_SIGMA, _FAR = 0.158655, 0.005
_FAR_T = {4.0: 4.604, 5.0: 4.032, 6.0: 3.707, 8.0: 3.355, 12.0: 3.055, 20.0: 2.845, 60.0: 2.660}
_ONE_T = {4.0: 1.142, 5.0: 1.111, 6.0: 1.091, 8.0: 1.067, 12.0: 1.043, 20.0: 1.025, 60.0: 1.008}


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """How a statistic is distributed over unrelated pairs: Student's t.

    Attributes:
        centre: Its median.
        scale: Its scale.
        freedom: Degrees of freedom; small where tails are heavy.
        pairs: Pairs it was learned from.
    """

    centre: float
    scale: float
    freedom: float
    pairs: int

    @property
    def cap(self) -> float:
        """Most bits that so many pairs can support."""
        return most_bits(self.pairs)

    def log_density(self, values: Floats) -> Floats:
        """Return the natural logarithm of the density, with a floor of one in so many pairs spread over the range."""
        nu = self.freedom
        constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi) - math.log(self.scale)
        standard = (values - self.centre) / self.scale
        return np.asarray(constant - (nu + 1) / 2 * np.log1p(standard**2 / nu))


def most_bits(pairs: int) -> float:
    """Return the logarithm of the pairs seen and those that stand for what is known: no value is shown to be rarer."""
    return math.log2(pairs + PRIOR_PAIRS)


def learn_null(values: Floats, *, expected_scale: float = 1.0) -> Null:
    """Learn the null from a statistic of many pairs, few of them related.

    Args:
        values: One for each pair.
        expected_scale: The scale that stands in where there are few pairs, and which many outweigh.
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Null(centre=0.0, scale=expected_scale, freedom=_HEAVY, pairs=len(known))
    low, centre, high = np.quantile(known, [_ONE_SIGMA, 0.5, 1 - _ONE_SIGMA])
    left = centre - low
    spread = max(left, min(high - centre, 1.25 * left))
    weight = len(known) / (len(known) + PRIOR_PAIRS)
    scale = math.sqrt(weight * spread**2 + (1 - weight) * expected_scale**2)
    freedom = _freedom(known, float(centre), float(left)) if len(known) >= _FEWEST / _FAR else _HEAVY + 2
    return Null(centre=float(centre) * weight, scale=scale / _ONE_T[freedom], freedom=freedom, pairs=len(known))


def _freedom(values: Floats, centre: float, left: float) -> float:
    """Choose the degrees of freedom whose tail fits the left one."""
    reach = (centre - float(np.quantile(values, _FAR))) / left if left > 0 else math.inf
    return next((nu for nu in sorted(_FAR_T, reverse=True) if _FAR_T[nu] / _ONE_T[nu] >= reach), _HEAVY)
