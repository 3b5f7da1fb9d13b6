"""Every signal of a watch, weighed: what is counted first, and then what moves together.

What correlation one node would have is learned from pairs that other families of evidence make likely, so the counted
signals come first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.agreement import Agreement, Moment, agreement_bits, agreements, said_same
from electrum_observatory.analysis.backends.block import FAMILIES, Signal, Weighed, block_bits, probability
from electrum_observatory.analysis.backends.closeness import close_moments, refreshes
from electrum_observatory.analysis.backends.coherence import (
    Coherence,
    coherence_bits,
    coherence_of,
    expected_r,
    without_broad_factors,
)
from electrum_observatory.analysis.backends.contested import contested_weighed
from electrum_observatory.analysis.backends.material import Mask, Material
from electrum_observatory.analysis.backends.minimum import minimum_moments
from electrum_observatory.analysis.backends.residuals import Residuals, residuals_of
from electrum_observatory.analysis.backends.smaller import gap_bits, policy_bits
from electrum_observatory.analysis.backends.tips import delays_of, races_of
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers

FEW_MACHINES = 30
"""Below that many there is no population to learn from, and what is known beforehand carries the answer."""

_QUARTER_DAY_US = 21_600_000_000
_OLDEST_REPLY_US = 130_000_000  # ElectrumX: 120 s and the work
_MOST_LAGS = 4
_DENSE_US = 60_000_000  # two rounds for each refresh of ElectrumX, which has the slowest
_MOST_LEVEL, _MOST_DELAYS = 3.0, 6.0
_LEAST_DELAYS = 0.0
_MOST_ESTIMATES = 100.0  # how pairs of one node, and others, differ among themselves is learned: more moments tell more
_CONFIRMED, _ENOUGH_CONFIRMED = 0.8, 5


def weigh_all(material: Material, voters: Mask) -> dict[Signal, Weighed]:
    """Weigh every signal.

    Args:
        material: The readings.
        voters: Whose pairs tell what is usual; shape (N,).
    """
    weighed = _plain_signals(material, voters)
    estimates = [
        agreements(said_same(codes, lags=(0, 1)), codes, voters, material.same_window, most=_MOST_ESTIMATES)
        for codes in material.estimates
    ]
    weighed[Signal.ESTIMATES] = _estimates(estimates, voters)
    kinds = material.algorithms
    residuals = residuals_in(material, voters)
    lags = min(_MOST_LAGS, _OLDEST_REPLY_US // _step_us(material))
    change = without_broad_factors(coherence_of(residuals.change, lags=lags), voters)
    level = without_broad_factors(coherence_of(residuals.level), voters)
    delays = without_broad_factors(delays_of(material), voters)
    bits, _ = coherence_bits(level, expected_r(level, kinds, _nobody(material)), kinds, voters)
    weighed[Signal.LEVEL] = _unexpected(np.clip(bits, -_MOST_LEVEL, _MOST_LEVEL))
    confirmed = _confirmed(weighed, Signal.CHANGE, voters)
    weighed[Signal.CHANGE] = _moving(change, confirmed, kinds, voters)
    confirmed = _confirmed(weighed, Signal.DELAYS, voters)
    bounded = _moving(delays, confirmed, kinds, voters)
    weighed[Signal.DELAYS] = _of_the_path(
        Weighed(
            bits=np.clip(bounded.bits, _LEAST_DELAYS, _MOST_DELAYS),
            expected=np.minimum(bounded.expected, _MOST_DELAYS) * (confirmed.sum() >= 2 * _ENOUGH_CONFIRMED),
        )
    )
    weighed[Signal.ESTIMATES] = _estimates(estimates, voters, _confirmed(weighed, Signal.ESTIMATES, voters))
    return weighed


def _moving(found: Coherence, confirmed: Mask, kinds: NDArray[np.int64], voters: Mask) -> Weighed:
    bits, expected = coherence_bits(found, expected_r(found, kinds, confirmed), kinds, voters)
    return Weighed(bits=bits, expected=expected)


def _confirmed(weighed: Mapping[Signal, Weighed], left_out: Signal, voters: Mask) -> Mask:
    """Return the pairs that other families alone make likely: what one node looks like may be learned from them."""
    family = next(members for members in FAMILIES if left_out in members)
    others = {signal: np.nan_to_num(one.bits) for signal, one in weighed.items() if signal not in family}
    likely = (probability(block_bits(others), int(voters.sum())) >= _CONFIRMED) & voters[:, None] & voters[None, :]
    likely[np.diag_indices(len(likely))] = False
    return np.asarray(likely)


def _nobody(material: Material) -> Mask:
    return np.zeros((len(material.facts),) * 2, bool)


def _plain_signals(material: Material, voters: Mask) -> dict[Signal, Weighed]:
    """Weigh what is counted rather than correlated."""
    codes, races = races_of(material)
    policy = policy_bits(material.facts, voters)
    minimum = np.where(np.isfinite(material.minimum), material.minimum, NOTHING)
    weighed = {
        Signal.EQUAL: _agreeing(said_same(material.content), material.content, voters, chance_meeting=True),
        Signal.CLOSE: _close(material, voters),
        Signal.MINIMUM: _agreeing(minimum_moments(material.minimum), minimum, voters),
        Signal.POLICY: Weighed(bits=policy, expected=np.maximum(policy, 0.0)),
        Signal.RACES: _races(races, codes, voters),
        Signal.GAPS: _of_the_path(_unexpected(gap_bits(material.up, material.height, material.window))),
    }
    if material.contested is not None:
        few = len(material.facts) < FEW_MACHINES
        weighed[Signal.CONTESTED] = contested_weighed(material.contested, voters, material.relay, few=few)
    return weighed


def _races(races: Iterable[Moment], codes: Numbers, voters: Mask) -> Weighed:
    """Weigh fork races. Of two blocks either is first with half of all nodes: few machines learn no more of a race."""
    found = _agreeing(races, codes, voters)
    if codes.shape[1] >= FEW_MACHINES:
        return found
    told = (codes != NOTHING).astype(np.float64)
    return _at_most(found, told.T @ told)


def _at_most(one: Weighed, most: Floats) -> Weighed:
    alike = None if one.alike is None else _at_most(one.alike, most)
    return Weighed(bits=np.minimum(one.bits, most), expected=np.minimum(one.expected, most), alike=alike)


def _close(material: Material, voters: Mask) -> Weighed:
    """Weigh close histograms; where there is no population, they are what an answer rests on."""
    moments = close_moments(material.curves, between=sees_every_refresh(material))
    close = _agreeing(moments, refreshes(material.curves), voters, chance_meeting=True)
    if len(material.facts) >= FEW_MACHINES:
        return close
    return Weighed(bits=close.bits, expected=np.maximum(close.expected, close.bits.max(initial=0.0)))


def residuals_in(material: Material, voters: Mask) -> Residuals:
    """Return what each machine's mempool has over or under those of its equals."""
    return residuals_of(
        material.curves,
        material.algorithms,
        material.relay,
        voters,
        per_level=rounds_of_a_level(material),
        same_window=material.same_window,
    )


def rounds_of_a_level(material: Material) -> int:
    """Return over how many rounds a level is a mean: a quarter of a day."""
    return max(2, round(_QUARTER_DAY_US / _step_us(material)))


def sees_every_refresh(material: Material) -> bool:
    """Whether rounds follow each other so fast that no refresh of a histogram is missed."""
    return _step_us(material) <= _DENSE_US


def _step_us(material: Material) -> int:
    """Return the usual time between rounds."""
    return max(int(np.median(np.diff(material.at_us))), 1) if len(material.at_us) > 1 else _QUARTER_DAY_US


def _estimates(counted: Sequence[Agreement], voters: Mask, confirmed: Mask | None = None) -> Weighed:
    """Weigh the horizons together.

    One node's servers agree at every horizon, nodes that hear nearly the same agree at the slow ones only. So the
    strongest horizon counts, less what the most disappointing one lacks of its own expectation.
    """
    found = [agreement_bits(one, voters, confirmed=confirmed) for one in counted]
    return replace(_horizons(found), alike=_horizons([one.alike for one in found if one.alike is not None]))


def _horizons(found: Sequence[Weighed]) -> Weighed:
    bits, expected = np.stack([one.bits for one in found]), np.stack([one.expected for one in found])
    best = expected.max(axis=0)
    least = np.minimum((bits + best - expected).min(axis=0), bits.max(axis=0))
    return Weighed(bits=np.maximum(least, 0.0) + np.minimum(bits, 0.0).min(axis=0), expected=best)


def _agreeing(
    moments: Iterable[Moment],
    codes: Numbers,
    voters: Mask,
    *,
    chance_meeting: bool = False,
) -> Weighed:
    return agreement_bits(agreements(moments, codes, voters), voters, chance_meeting=chance_meeting)


def _of_the_path(one: Weighed) -> Weighed:
    """Count a signal in which alike mempools are no more alike than others."""
    return replace(one, alike=one)


def _unexpected(bits: Floats) -> Weighed:
    """Take a signal that may help and that nobody should count on."""
    return Weighed(bits=bits, expected=np.zeros_like(bits))
