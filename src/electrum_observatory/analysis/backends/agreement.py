"""Evidence from saying the same: how often two servers agree where unrelated ones seldom do.

Moments differ in what agreement is worth: at the floor of fees everybody says the same, and such moments weigh nothing.
So each moment weighs by the rarity of agreement in it, and the weighted share of agreements of a pair is compared with
the shares of unrelated pairs (beta-binomial, so pairs that are alike for unknown reasons widen it) and with what one
node would give. Moments are not independent: what counts is how often a server's value changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.agreement_null import (
    KNOWN_PAIRS,
    KNOWN_SHARE,
    AgreementNull,
    unrelated_agreement,
)
from electrum_observatory.analysis.backends.block import Weighed
from electrum_observatory.analysis.backends.null import PRIOR_PAIRS, most_bits
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

MOST_MOMENTS = 24
"""More moments than that add nothing: what is left then is not chance but what nodes have in common."""

_COMMON = 0.5  # moments at which half of the pairs agree tell nothing
_SUCH = 10.0  # how spread the share of agreement of one node's servers is: Beta(9, 1) before anything is seen
_SEEN = 20.0  # moments that a server's own steadiness within a block is worth
_MOST_SHARED, _MOST_LEARNED = 0.97, 0.995
_MODEL_PAIRS = 4  # confirmed pairs that the model is worth
_FEWEST_MOMENTS = 3
_MOST_NUMBER = 200.0  # of moments that the learned share is worth


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


Betas: TypeAlias = tuple[float, Floats, Floats]
"""Weight and the two parameters of a Beta, for each pair."""

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
    moments: Iterable[Moment],
    codes: Numbers,
    voters: NDArray[np.bool_],
    same_window: NDArray[np.bool_] | None = None,
    *,
    most: float = MOST_MOMENTS,
) -> Agreement:
    """Count agreements.

    Args:
        moments: Who agreed when.
        codes: What each server said; how often it changed tells how many moments are independent; shape (T, N).
        voters: Who counts for the rarity: one of each set of servers that are known to be one.
        same_window: Whether a moment lies in the same block window as the one before; shape (T,).
        most: Moments that count at most.
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
        moments=np.minimum(np.minimum(count, most), np.minimum(independent[:, None], independent[None, :])),
        rarity=rarity,
        stability=_stability(codes, same_window),
    )


def _usual(both: NDArray[np.bool_], equal: NDArray[np.bool_], counted: NDArray[np.bool_]) -> float:
    """Return the share of voters' pairs that agree, shrunk to what is known beforehand."""
    pairs, together = np.count_nonzero(both & counted) / 2, np.count_nonzero(equal & counted) / 2
    return float((together + KNOWN_SHARE * KNOWN_PAIRS) / (pairs + KNOWN_PAIRS))


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
    found: Agreement,
    voters: NDArray[np.bool_],
    *,
    chance_meeting: bool = False,
    confirmed: NDArray[np.bool_] | None = None,
) -> Weighed:
    """Weigh agreements. Two nodes that are alike may agree as often or as seldom as they like.

    Args:
        found: What was counted.
        voters: Whose pairs tell what is usual.
        chance_meeting: Whether one node's servers agree only when their refreshes happen to coincide, so that not
            agreeing says nothing.
        confirmed: Pairs that other evidence puts on one node, from which it is learned how often such pairs agree.
    """
    share = np.nan_to_num(found.share)
    moments = np.where(np.isfinite(found.share), found.moments, 0.0)
    upper = np.triu(np.ones(share.shape, bool), 1) & voters[:, None] & voters[None, :] & (moments >= 1)
    null = unrelated_agreement(share[upper], int(voters.sum()))
    if chance_meeting:
        return _met_by_chance(share, moments, null)
    sure = np.zeros(share.shape, bool) if confirmed is None else confirmed & (moments >= _FEWEST_MOMENTS)
    return _on_one_node(share, moments, _of_one_node(found.stability, share[np.triu(sure, 1)]), null)


def _met_by_chance(share: Floats, moments: Floats, null: AgreementNull) -> Weighed:
    """Weigh agreement of which one node's servers may show as much or as little as they like."""
    any_share = [(1.0, np.full(share.shape, 0.5), np.full(share.shape, 1.0))]
    bits, _ = _ratios(share, moments, any_share, null)
    told = (moments > 0) & (share > null.mean)
    return Weighed(bits=np.where(told, np.clip(bits, 0.0, most_bits(null.pairs)), 0.0), expected=np.zeros_like(bits))


def _on_one_node(share: Floats, moments: Floats, same: Sequence[Betas], null: AgreementNull) -> Weighed:
    """Weigh agreement as one node's servers show it; more than they are expected to show is no less evidence."""
    mean = sum((weight * a / (a + b) for weight, a, b in same), np.zeros(share.shape))
    cap, told = most_bits(null.pairs), moments > 0
    seen, plenty, usual = (_ratios(one, moments, same, null) for one in (share, np.minimum(share, mean), mean))
    unrelated, alike = (
        Weighed(
            bits=np.where(told, np.clip(np.where(share > mean, np.maximum(one, most), one), -cap, cap), 0.0),
            expected=np.where(told, np.clip(expected, 0.0, cap), 0.0),
        )
        for one, most, expected in zip(seen, plenty, usual, strict=True)
    )
    return replace(unrelated, alike=alike)


def _ratios(share: Floats, moments: Floats, same: Sequence[Betas], null: AgreementNull) -> tuple[Floats, Floats]:
    """Return the bits of shares of agreement for one node, against unrelated nodes and against alike ones."""
    hits = share * moments
    spread = _log_beta_binomial(hits, moments, 1.0, 1.0)
    rare = 1 / (null.pairs + PRIOR_PAIRS)
    unrelated = np.log(rare) + spread
    for weight, a, b in null.kinds:
        unrelated = np.logaddexp(unrelated, np.log((1 - rare) * weight) + _log_beta_binomial(hits, moments, a, b))
    related = np.logaddexp.reduce(
        [np.log(weight) + _log_beta_binomial(hits, moments, a, b) for weight, a, b in same], axis=0
    )
    return np.asarray((related - unrelated) / np.log(2)), np.asarray((related - spread) / np.log(2))


def _expected_share(stability: Floats) -> Floats:
    """Return how often two servers of one node agree: Beta(9, 1), and how steady their own words are in a block."""
    both = np.sqrt(stability[:, None] * stability[None, :])
    return np.asarray(np.clip((0.9 * _SUCH + _SEEN * both) / (_SUCH + _SEEN), 0.3, _MOST_SHARED))


def _of_one_node(stability: Floats, confirmed: Floats) -> list[Betas]:
    """Return weights and Betas of how often two servers of one node agree: as modelled, and as confirmed pairs do.

    The tenth of the confirmed pairs that agrees least may be of two nodes.
    """
    mean = _expected_share(stability)
    modelled = ((_SUCH + _SEEN) * mean, (_SUCH + _SEEN) * (1 - mean))
    kept = np.sort(confirmed)[len(confirmed) // 10 :]
    if not len(kept):
        return [(1.0, *modelled)]
    weight = len(confirmed) / (len(confirmed) + _MODEL_PAIRS)
    share = min(float(kept.mean()), _MOST_LEARNED)
    number = float(np.clip(share * (1 - share) / max(float(kept.var()), 1e-6) - 1, _SUCH + _SEEN, _MOST_NUMBER))
    learned = (np.full(mean.shape, share * number), np.full(mean.shape, (1 - share) * number))
    return [(1 - weight, *modelled), (weight, *learned)]


def _log_beta_binomial(hits: Floats, moments: Floats, a: "Floats | float", b: "Floats | float") -> Floats:
    """Return the logarithm without the binomial coefficient, which is the same for every hypothesis."""
    from scipy.special import betaln

    return np.asarray(betaln(hits + a, moments - hits + b) - betaln(a, b))
