"""How often unrelated servers agree, learned from all pairs, few of which are related.

They are of several kinds: another relay policy, another age of an estimator, a program that keeps its answer. One Beta
for all of them reaches from one kind to the other and puts its tail where no unrelated pair is, so three are mixed.
"""

from dataclasses import dataclass

import numpy as np

from electrum_observatory.analysis.backends.null import PRIOR_PAIRS
from electrum_observatory.datasets.watch.answers import Floats

KNOWN_SHARE, KNOWN_PAIRS = 0.05, 20.0
"""What is known beforehand: one unrelated pair in twenty agrees, and that is worth so many pairs at each moment."""

_SIBLINGS = 6  # of a server at most: more than the prior's fourfold
_KINDS, _BINS, _TURNS = 3, 50, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementNull:
    """How often unrelated pairs agree.

    Attributes:
        mean: Share of agreement.
        kinds: Weight and the two parameters of each Beta of the mixture.
        pairs: Pairs it was learned from.
    """

    mean: float
    kinds: tuple[tuple[float, float, float], ...]
    pairs: int


def unrelated_agreement(shares: Floats, servers: int) -> AgreementNull:
    """Learn how often unrelated pairs agree; the most alike, where related ones are, left out.

    Six siblings for each server is more than the prior's fourfold: so many may be related at most, however few pairs
    can be compared.
    """
    if not len(shares):
        known = (1.0, KNOWN_SHARE * KNOWN_PAIRS, (1 - KNOWN_SHARE) * KNOWN_PAIRS)
        return AgreementNull(mean=KNOWN_SHARE, kinds=(known,), pairs=0)
    related = np.clip(_SIBLINGS * servers / 2, 0.02 * len(shares), 0.45 * len(shares))
    trimmed = np.sort(shares)[: max(1, len(shares) - round(related))]
    counts = np.histogram(trimmed, _BINS, (0.0, 1.0))[0].astype(np.float64)
    centres = (np.arange(_BINS) + 0.5) / _BINS
    bounds = np.quantile(trimmed, [(kind + 0.5) / _KINDS for kind in range(_KINDS)])
    belongs = np.abs(centres[:, None] - bounds[None, :]).argmin(axis=1)[:, None] == np.arange(_KINDS)[None, :]
    belongs = belongs.astype(np.float64)
    for _ in range(_TURNS):
        kinds = [_kind(counts * of_kind, centres) for of_kind in belongs.T]
        total = sum(weight for weight, _, _ in kinds)
        logs = np.stack([np.log(weight / total) + _log_beta(centres, a, b) for weight, a, b in kinds], axis=1)
        belongs = np.exp(logs - np.logaddexp.reduce(logs, axis=1)[:, None])
    return AgreementNull(
        mean=float((trimmed.sum() + PRIOR_PAIRS * KNOWN_SHARE) / (len(trimmed) + PRIOR_PAIRS)),
        kinds=tuple((weight / total, a, b) for weight, a, b in kinds),
        pairs=len(shares),
    )


def _kind(counts: Floats, centres: Floats) -> tuple[float, float, float]:
    """Return weight and parameters of one kind's Beta, what is known beforehand counting as so many pairs."""
    known = PRIOR_PAIRS / _KINDS
    total = float(counts.sum()) + known
    mean = (float(counts @ centres) + known * KNOWN_SHARE) / total
    before = known * (KNOWN_SHARE * (1 - KNOWN_SHARE) / (KNOWN_PAIRS + 1) + (KNOWN_SHARE - mean) ** 2)
    variance = (float(counts @ (centres - mean) ** 2) + before) / total
    concentration = float(np.clip(mean * (1 - mean) / max(variance, 1e-9) - 1, 1.0, 200.0))
    return total, mean * concentration, (1 - mean) * concentration


def _log_beta(centres: Floats, a: float, b: float) -> Floats:
    from scipy.special import betaln

    return np.asarray((a - 1) * np.log(centres) + (b - 1) * np.log1p(-centres) - betaln(a, b))
