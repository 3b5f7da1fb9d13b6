"""The whole question: which machines of a watch stand on one bitcoind, with the bits of every pair."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.agreement import Moment, agreement_bits, agreements, said_same
from electrum_observatory.analysis.backends.balancers import balancers_of
from electrum_observatory.analysis.backends.block import (
    FAMILIES,
    Signal,
    Weighed,
    block_bits,
    prior_bits,
    probability,
    reaches,
)
from electrum_observatory.analysis.backends.closeness import close_moments
from electrum_observatory.analysis.backends.coherence import (
    Coherence,
    coherence_bits,
    coherence_of,
    expected_r,
    without_broad_factors,
)
from electrum_observatory.analysis.backends.groups import Grouping, group_at, with_balancers
from electrum_observatory.analysis.backends.material import Mask, Material, material_of
from electrum_observatory.analysis.backends.minimum import minimum_moments
from electrum_observatory.analysis.backends.residuals import Residuals, residuals_of
from electrum_observatory.analysis.backends.smaller import contested_bits, gap_bits, policy_bits
from electrum_observatory.analysis.backends.tips import delays_of, races_of
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

THRESHOLDS = (0.5, 0.9, 0.99)
DEFAULT_THRESHOLD = 0.9

FEW_MACHINES = 30
"""Below that many there is no population to learn from, and what is known beforehand carries the answer."""

_QUARTER_DAY_US = 21_600_000_000
_OLDEST_REPLY_US = 130_000_000  # ElectrumX: 120 s and the work
_MOST_LAGS = 4
_MOST_LEVEL, _MOST_DELAYS = 3.0, 6.0
_LEAST_DELAYS = 0.0
_ONE_VOTE = 0.5  # who gives equal histograms in half of the rounds has one vote with the other
_ENOUGH_PAIRS = 0.5
_LARGE = 0.1
_CONFIRMED, _ENOUGH_CONFIRMED = 0.8, 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackendStudy:
    """What was found.

    Attributes:
        material: What it was found from.
        voters: Whose pairs told what is usual; shape (N,).
        voices: Machines that count for the prior: those whose histograms are always equal count once.
        weighed: Bits by signal.
        bits: Bits of the block; shape (N, N).
        reachable: Whether a pair on one node could be expected to be found at all; shape (N, N).
        sufficient: Whether that holds for at least half of the pairs. Otherwise the data cannot part one node from
            many, and no link is declared.
    """

    material: Material
    voters: Mask
    voices: int
    weighed: Mapping[Signal, Weighed]
    bits: Floats
    reachable: NDArray[np.bool_]
    sufficient: bool

    @property
    def machines(self) -> int:
        """How many machines were compared."""
        return len(self.material.facts)

    @property
    def prior(self) -> float:
        """Bits that a random pair lacks."""
        return prior_bits(self.voices)

    def posterior(self, factor: float = 1.0) -> Floats:
        """Return the probability of one node for each pair, at a multiple of the prior."""
        return probability(self.bits, self.voices, factor)

    def groups(self, threshold: float = DEFAULT_THRESHOLD, factor: float = 1.0) -> Grouping:
        """Return the groups at a threshold; none where the data are insufficient."""
        found = group_at(self.bits, prior_bits(self.voices, factor), threshold, declare=self.sufficient)
        members = [group.members for group in found.groups]
        return with_balancers(found, balancers_of(self.material.estimates, members), self.posterior(factor))


def study(
    table: WatchTable, machines: Mapping[str, str] | None = None, contested: NDArray[np.int8] | None = None
) -> BackendStudy:
    """Study a watch.

    Args:
        table: Its readings.
        machines: Endpoint id to machine id; servers of one address are one machine without it.
        contested: See :func:`~electrum_observatory.analysis.backends.smaller.contested_bits`; columns as machines.
    """
    return study_material(material_of(table, machines), contested)


def study_material(material: Material, contested: NDArray[np.int8] | None = None) -> BackendStudy:
    """Study readings that were read before.

    Where a node turns out to have more than a tenth of the machines, everything is weighed again with one vote
    for it (leave-cluster-out): else a large fleet would make itself look usual.
    """
    voters = voters_of(material)
    voices = int(voters.sum())
    first = _studied(material, voters, voices, contested)
    grouping = group_at(first.bits, first.prior, DEFAULT_THRESHOLD)
    large = [group for group in grouping.groups if voters[list(group.members)].sum() > max(_LARGE * voices, 2)]
    if not large or voices < FEW_MACHINES:
        return first
    voters = voters.copy()
    for group in large:
        voters[list(group.members[1:])] = False
    return _studied(material, voters, voices, contested)


def _studied(material: Material, voters: Mask, voices: int, contested: NDArray[np.int8] | None) -> BackendStudy:
    weighed = {signal: _apart(one) for signal, one in _weigh_all(material, voters, contested).items()}
    size = len(material.facts)
    expected = {signal: one.expected for signal, one in weighed.items()}
    reachable = reaches(expected, voices, DEFAULT_THRESHOLD)
    pairs = np.triu(np.ones((size, size), bool), 1) & voters[:, None] & voters[None, :]
    return BackendStudy(
        material=material,
        voters=voters,
        voices=voices,
        weighed=weighed,
        bits=block_bits({signal: one.bits for signal, one in weighed.items()}),
        reachable=reachable,
        sufficient=bool(pairs.any()) and float(reachable[pairs].mean()) >= _ENOUGH_PAIRS,
    )


def voters_of(material: Material) -> Mask:
    """Return one of each set of servers whose histograms are equal in half of the rounds: clones have one vote."""
    content = material.content
    size = content.shape[1]
    same, both = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
    for row in content:
        told = row != NOTHING
        together = told[:, None] & told[None, :]
        both += together
        same += together & (row[:, None] == row[None, :])
    alike = (same > _ONE_VOTE * both) & (both > 0)
    voting = np.ones(size, bool)
    for one in range(size):
        voting[one] = not (alike[one, :one] & voting[:one]).any()
    return voting


def _weigh_all(material: Material, voters: Mask, contested: NDArray[np.int8] | None) -> dict[Signal, Weighed]:
    weighed = _plain_signals(material, voters, contested)
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
    weighed[Signal.DELAYS] = Weighed(
        bits=np.clip(bounded.bits, _LEAST_DELAYS, _MOST_DELAYS),
        expected=np.minimum(bounded.expected, _MOST_DELAYS) * (confirmed.sum() >= 2 * _ENOUGH_CONFIRMED),
    )
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


def _plain_signals(material: Material, voters: Mask, contested: NDArray[np.int8] | None) -> dict[Signal, Weighed]:
    """Weigh what is counted rather than correlated."""
    codes, races = races_of(material)
    policy = policy_bits(material.facts, voters)
    minimum = np.where(np.isfinite(material.minimum), material.minimum, NOTHING)
    weighed = {
        Signal.EQUAL: _agreeing(said_same(material.content), material.content, voters, chance_meeting=True),
        Signal.CLOSE: _close(material, voters),
        Signal.ESTIMATES: _estimates(material, voters),
        Signal.MINIMUM: _agreeing(minimum_moments(material.minimum), minimum, voters),
        Signal.POLICY: Weighed(bits=policy, expected=np.maximum(policy, 0.0)),
        Signal.RACES: _agreeing(races, codes, voters),
        Signal.GAPS: _unexpected(gap_bits(material.up, material.height, material.window)),
    }
    if contested is not None:
        bits = contested_bits(contested)
        weighed[Signal.CONTESTED] = Weighed(bits=bits, expected=np.maximum(bits, 0.0))
    return weighed


def _close(material: Material, voters: Mask) -> Weighed:
    """Weigh close histograms; where there is no population, they are what an answer rests on."""
    close = _agreeing(close_moments(material.curves), material.content, voters, chance_meeting=True)
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
        per_level=max(2, round(_QUARTER_DAY_US / _step_us(material))),
        same_window=material.same_window,
    )


def _step_us(material: Material) -> int:
    """Return the usual time between rounds."""
    return max(int(np.median(np.diff(material.at_us))), 1) if len(material.at_us) > 1 else _QUARTER_DAY_US


def _estimates(material: Material, voters: Mask) -> Weighed:
    """Weigh the horizons together: one moment each, for each is a fact of its own."""
    window = material.same_window
    found = [
        _agreeing(said_same(codes, lags=(0, 1)), codes, voters, same_window=window) for codes in material.estimates
    ]
    strongest = np.max([np.maximum(one.bits, 0) for one in found], axis=0)
    against = np.min([np.minimum(one.bits, 0) for one in found], axis=0)
    return Weighed(bits=strongest + against, expected=np.max([one.expected for one in found], axis=0))


def _agreeing(
    moments: Iterable[Moment],
    codes: Numbers,
    voters: Mask,
    *,
    chance_meeting: bool = False,
    same_window: Mask | None = None,
) -> Weighed:
    found = agreements(moments, codes, voters, same_window)
    bits, expected = agreement_bits(found, voters, chance_meeting=chance_meeting)
    return Weighed(bits=bits, expected=expected)


def _unexpected(bits: Floats) -> Weighed:
    """Take a signal that may help and that nobody should count on."""
    return Weighed(bits=bits, expected=np.zeros_like(bits))


def _apart(one: Weighed) -> Weighed:
    """Clear what a server has with itself."""
    bits, expected = np.nan_to_num(one.bits), np.nan_to_num(one.expected)
    np.fill_diagonal(bits, 0.0)
    np.fill_diagonal(expected, 0.0)
    return Weighed(bits=bits, expected=expected)
