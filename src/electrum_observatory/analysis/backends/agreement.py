"""Evidence from saying the same: how often two servers agree where unrelated ones seldom do.

Moments differ in what agreement is worth: at the floor of fees everybody says the same, and such moments weigh nothing.
So each moment weighs by the rarity of agreement in it, and the weighted share of agreements of a pair is compared with
the shares of unrelated pairs (beta-binomial, so pairs that are alike for unknown reasons widen it) and with what one
node would give. Moments are not independent: what counts is how often a server's value changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.null import PRIOR_PAIRS, most_bits
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

MOST_MOMENTS = 24
"""More moments than that add nothing: what is left then is not chance but what nodes have in common."""

_COMMON = 0.5  # moments at which half of the pairs agree tell nothing
_SUCH = 10.0  # how spread the share of agreement of one node's servers is: Beta(9, 1) before anything is seen
_SEEN = 20.0  # moments that a server's own steadiness within a block is worth
_NULL_SHARE, _NULL_WEIGHT = 0.05, 20.0
_MOST_SHARED = 0.97


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreement:
    """How often pairs agreed.

    Attributes:
        share: Share of moments at which a pair agreed, each by its rarity; NaN without any; shape (N, N).
        moments: Moments that count, as if they were independent; shape (N, N).
        rarity: Share of pairs that agree, by moment; NaN where too few said anything; shape (T,).
        stability: How often a server still says the same at the next moment of one block; shape (N,).
    """

    share: Floats
    moments: Floats
    rarity: Floats
    stability: Floats


Moment: TypeAlias = tuple[int, NDArray[np.bool_], NDArray[np.bool_]]
"""A moment's number, which pairs can be compared in it, and which of those agree; shape (N, N) each."""


def said_same(codes: Numbers, lags: Iterable[int] = (0,)) -> Iterator[Moment]:
    """Compare what servers said.

    Args:
        codes: Numbers that are equal where it is the same, ``NOTHING`` for what weighs nothing; shape (T, N).
        lags: Moments by which one of a pair may be later; the null has the same freedom.
    """
    later = tuple(lag for lag in lags if lag)
    for moment in np.flatnonzero((codes != NOTHING).sum(axis=1) >= 2):
        here = codes[moment]
        valid = here != NOTHING
        equal = here[:, None] == here[None, :]
        for lag in later:
            if moment >= lag:
                before = here[:, None] == codes[moment - lag][None, :]
                equal |= before | before.T
        both = valid[:, None] & valid[None, :]
        yield int(moment), both, equal & both


def agreements(
    moments: Iterable[Moment], codes: Numbers, voters: NDArray[np.bool_], same_window: NDArray[np.bool_] | None = None
) -> Agreement:
    """Count agreements.

    Args:
        moments: Who agreed when.
        codes: What each server said; how often it changed tells how many moments are independent; shape (T, N).
        voters: Who counts for the rarity: one of each set of servers that are known to be one.
        same_window: Whether a moment lies in the same block window as the one before; shape (T,).
    """
    rounds, servers = codes.shape
    weight, agreed, count = (np.zeros((servers, servers), np.float32) for _ in range(3))
    rarity = np.full(rounds, np.nan)
    counted = voters[:, None] & voters[None, :] & ~np.eye(servers, dtype=bool)
    for moment, both, equal in moments:
        usual = rarity[moment] = _usual(both, equal, counted)
        if usual < _COMMON:
            bits = np.float32(-np.log2(usual))
            weight += bits * both
            agreed += bits * equal
            count += both
    share = np.where(weight > 0, agreed / np.maximum(weight, 1e-9), np.nan)
    independent = _changes(codes, rarity < _COMMON)
    return Agreement(
        share=share,
        moments=np.minimum(np.minimum(count, MOST_MOMENTS), np.minimum(independent[:, None], independent[None, :])),
        rarity=rarity,
        stability=_stability(codes, same_window),
    )


def _usual(both: NDArray[np.bool_], equal: NDArray[np.bool_], counted: NDArray[np.bool_]) -> float:
    """Return the share of voters' pairs that agree, shrunk to what is known beforehand."""
    pairs, together = np.count_nonzero(both & counted) / 2, np.count_nonzero(equal & counted) / 2
    return float((together + _NULL_SHARE * _NULL_WEIGHT) / (pairs + _NULL_WEIGHT))


def _changes(codes: Numbers, counted: NDArray[np.bool_]) -> Floats:
    """Count each server's different values at moments that count."""
    told = np.where(counted[:, None], codes, NOTHING)
    ordered = np.sort(told, axis=0)
    new = np.diff(ordered, axis=0, prepend=NOTHING) != 0
    return np.asarray((new & (ordered != NOTHING)).sum(axis=0), dtype=np.float64)


def _stability(codes: Numbers, same_window: NDArray[np.bool_] | None) -> Floats:
    if same_window is None:
        return np.ones(codes.shape[1])
    both = (codes[1:] != NOTHING) & (codes[:-1] != NOTHING) & same_window[1:, None]
    kept = (both & (codes[1:] == codes[:-1])).sum(axis=0)
    return np.asarray((kept + 9) / (both.sum(axis=0) + 10))


def agreement_bits(
    found: Agreement, voters: NDArray[np.bool_], *, chance_meeting: bool = False
) -> tuple[Floats, Floats]:
    """Weigh agreements; return the bits of each pair, and what a pair on one node would be expected to earn.

    Args:
        found: What was counted.
        voters: Whose pairs tell what is usual.
        chance_meeting: Whether one node's servers agree only when their refreshes happen to coincide, so that not
            agreeing says nothing.
    """
    share = np.nan_to_num(found.share)
    moments = np.where(np.isfinite(found.share), found.moments, 0.0)
    upper = np.triu(np.ones(share.shape, bool), 1) & voters[:, None] & voters[None, :] & (moments >= 1)
    usual, concentration, pairs = _null_of(share[upper], int(voters.sum()))
    null = (usual * concentration, (1 - usual) * concentration)
    if chance_meeting:
        same = (np.full(share.shape, 0.5), np.full(share.shape, 1.0))
    else:
        mean = _expected_share(found.stability)
        same = ((_SUCH + _SEEN) * mean, (_SUCH + _SEEN) * (1 - mean))

    def bits_of(agreeing: Floats) -> Floats:
        hits = agreeing * moments
        spread = _log_beta_binomial(hits, moments, 1.0, 1.0)
        rare = 1 / (pairs + PRIOR_PAIRS)
        unrelated = np.logaddexp(np.log1p(-rare) + _log_beta_binomial(hits, moments, *null), np.log(rare) + spread)
        related = _log_beta_binomial(hits, moments, *same)
        return np.asarray((related - unrelated) / np.log(2))

    cap = most_bits(pairs)
    bits = np.where(moments > 0, np.clip(bits_of(share), 0.0 if chance_meeting else -cap, cap), 0.0)
    if chance_meeting:
        return np.where(share > usual, bits, 0.0), np.zeros_like(bits)
    # More agreement than one node is expected to show is no less evidence for it.
    plenty = np.clip(bits_of(np.minimum(share, mean)), -cap, cap)
    bits = np.where((moments > 0) & (share > mean), np.maximum(bits, plenty), bits)
    return bits, np.where(moments > 0, np.clip(bits_of(mean), 0.0, cap), 0.0)


def _expected_share(stability: Floats) -> Floats:
    """Return how often two servers of one node agree: Beta(9, 1), and how steady their own words are in a block."""
    both = np.sqrt(stability[:, None] * stability[None, :])
    return np.asarray(np.clip((0.9 * _SUCH + _SEEN * both) / (_SUCH + _SEEN), 0.3, _MOST_SHARED))


def _null_of(shares: Floats, servers: int) -> tuple[float, float, int]:
    """Return mean, concentration and number of unrelated pairs; the most alike, where related ones are, left out.

    Six siblings for each server is more than the prior's fourfold: so many may be related at most.
    """
    if not len(shares):
        return _NULL_SHARE, _NULL_WEIGHT, 0
    trimmed = np.sort(shares)[: max(1, round(len(shares) * (1 - np.clip(6 / max(servers - 1, 1), 0.02, 0.45))))]
    total = len(trimmed) + PRIOR_PAIRS
    mean = (trimmed.sum() + PRIOR_PAIRS * _NULL_SHARE) / total
    known = PRIOR_PAIRS * (_NULL_SHARE * (1 - _NULL_SHARE) / (_NULL_WEIGHT + 1) + (_NULL_SHARE - mean) ** 2)
    variance = (((trimmed - mean) ** 2).sum() + known) / total
    concentration = np.clip(mean * (1 - mean) / max(variance, 1e-9) - 1, 1.0, 200.0)
    return float(mean), float(concentration), len(shares)


def _log_beta_binomial(hits: Floats, moments: Floats, a: "Floats | float", b: "Floats | float") -> Floats:
    """Return the logarithm without the binomial coefficient, which is the same for every hypothesis."""
    from scipy.special import betaln

    return np.asarray(betaln(hits + a, moments - hits + b) - betaln(a, b))
