"""The weights themselves: what earns bits, what earns none, and how many at most."""

import numpy as np
import pytest

from electrum_observatory.analysis.backends.agreement import agreement_bits, agreements, said_same
from electrum_observatory.analysis.backends.block import (
    ALIKE,
    Signal,
    Weighed,
    block_bits,
    evidence_of,
    prior_bits,
    probability,
)
from electrum_observatory.analysis.backends.closeness import close_moments
from electrum_observatory.analysis.backends.coherence import (
    coherence_bits,
    coherence_of,
    expected_r,
    without_broad_factors,
)
from electrum_observatory.analysis.backends.groups import group_at
from electrum_observatory.analysis.backends.minimum import minimum_moments
from electrum_observatory.analysis.backends.null import learn_null
from electrum_observatory.analysis.backends.smaller import gap_bits
from electrum_observatory.model.watch_ports import NOTHING

SIZE = 40
EVERYBODY = np.ones(SIZE, bool)
NOBODY = np.zeros((SIZE, SIZE), bool)


def _bits_of_codes(codes: np.ndarray) -> np.ndarray:
    return agreement_bits(agreements(said_same(codes), codes, EVERYBODY), EVERYBODY).bits


def test_the_null_is_learned_through_related_pairs() -> None:
    chance = np.random.default_rng(1)
    related = np.append(chance.normal(size=10_000), np.full(200, 12.0))

    null = learn_null(related)

    assert null.centre == pytest.approx(0, abs=0.05)
    assert 0.9 < null.scale < 1.1
    assert null.cap == pytest.approx(np.log2(10_300))


def test_heavy_tails_are_noticed() -> None:
    chance = np.random.default_rng(2)

    assert learn_null(chance.standard_t(3, 20_000)).freedom < learn_null(chance.normal(size=20_000)).freedom


def test_few_pairs_leave_what_was_known_beforehand() -> None:
    null = learn_null(np.array([0.1, 0.2, 9.0]), expected_scale=2.0)

    assert null.centre < 0.1
    assert null.cap < 7


def test_rare_agreement_is_evidence_and_its_absence_is_against() -> None:
    codes = np.random.default_rng(3).integers(0, 2**40, (30, SIZE))
    codes[:, 1] = codes[:, 0]

    bits = _bits_of_codes(codes)

    assert bits[0, 1] > 8
    assert bits[0, 2] < -5


def test_what_everybody_says_weighs_nothing() -> None:
    assert not _bits_of_codes(np.ones((30, SIZE), dtype=np.int64)).any()


def test_who_said_nothing_weighs_nothing() -> None:
    codes = np.random.default_rng(4).integers(0, 2**40, (30, SIZE))
    codes[:, 0] = NOTHING

    assert not _bits_of_codes(codes)[0, 1:].any()


def test_a_value_that_never_changes_is_one_moment() -> None:
    codes = np.repeat(np.arange(SIZE)[None, :], 200, axis=0)
    codes[:, 1] = codes[:, 0]

    bits = _bits_of_codes(codes)

    assert 0 < bits[0, 1] < 8.5
    assert -6 < bits[0, 2] < 0  # two hundred repetitions of one difference are one difference


def test_moving_together_is_evidence_and_a_shared_class_is_not() -> None:
    chance = np.random.default_rng(5)
    own, shared = _walk(chance, SIZE), _walk(chance, 1)
    own[:, :20] += 1.5 * shared
    own[:, 1] = own[:, 0] + 0.2 * chance.normal(size=own[:, 1].shape)
    found = without_broad_factors(coherence_of(own.astype(np.float32)), EVERYBODY)

    kinds = np.zeros(SIZE, dtype=np.int64)

    bits, expected = coherence_bits(found, expected_r(found, kinds, NOBODY), kinds, EVERYBODY)

    assert bits[0, 1] > 6
    assert bits[2:20, 2:20][np.triu_indices(18, 1)].max() < 5
    assert np.median(expected[np.triu_indices(SIZE, 1)]) > 4


def test_noise_alone_could_not_tell_one_node() -> None:
    noise = np.random.default_rng(6).normal(size=(300, SIZE, 2)).astype(np.float32)

    found, kinds = coherence_of(noise), np.zeros(SIZE, dtype=np.int64)

    _, expected = coherence_bits(found, expected_r(found, kinds, NOBODY), kinds, EVERYBODY)

    assert np.median(expected) < 1


def test_an_older_reply_is_found_at_its_lag() -> None:
    columns = np.random.default_rng(7).normal(size=(300, SIZE, 2)).astype(np.float32)
    columns[2:, 1] = columns[:-2, 0]

    without, with_lags = coherence_of(columns), coherence_of(columns, lags=3)

    assert abs(without.r[0, 1]) < 0.2
    assert with_lags.r[0, 1] > 0.9


def _walk(chance: np.random.Generator, servers: int) -> np.ndarray:
    steps = chance.normal(size=(600, servers, 2))
    for moment in range(1, len(steps)):
        steps[moment] += 0.8 * steps[moment - 1]
    return steps


def test_no_family_alone_earns_more_than_twelve_bits() -> None:
    strong = {Signal.CHANGE: np.full((2, 2), 15.0), Signal.EQUAL: np.full((2, 2), 14.0)}

    assert block_bits(strong)[0, 1] == 12
    assert block_bits({**strong, Signal.ESTIMATES: np.full((2, 2), 8.0)})[0, 1] == 16


def test_mempools_alone_say_no_more_than_how_rare_alike_nodes_are() -> None:
    def weighed(bits: float, alike: float | None) -> Weighed:
        beside = None if alike is None else Weighed(bits=np.full((2, 2), alike), expected=np.zeros((2, 2)))
        return Weighed(bits=np.full((2, 2), bits), expected=np.zeros((2, 2)), alike=beside)

    histograms = {Signal.CHANGE: weighed(12.0, None)}
    agreeing = histograms | {Signal.ESTIMATES: weighed(8.0, 3.0)}
    disappointing = histograms | {Signal.ESTIMATES: weighed(4.0, -6.0)}

    assert evidence_of(histograms)[0, 1] == pytest.approx(-np.log2(ALIKE), abs=0.2)
    assert evidence_of(agreeing)[0, 1] == pytest.approx(3 - np.log2(ALIKE), abs=0.1)
    assert evidence_of(disappointing)[0, 1] == pytest.approx(-6 - np.log2(ALIKE), abs=0.1)


def test_the_prior_is_one_sibling_for_each_machine() -> None:
    assert prior_bits(257) == 8
    assert prior_bits(257, 4.0) == 6
    assert probability(np.array(8.0), 257) == 0.5


def test_outages_together_count_unless_they_are_ours() -> None:
    up = np.random.default_rng(9).random((400, SIZE)) > 0.01
    up[[50, 120, 300], :2] = False
    ours = up.copy()
    ours[200] = False
    height = np.full(up.shape, 5)

    bits = gap_bits(up, height, height[:, 0])

    assert bits[0, 1] > 1
    assert bits[2, 3] < bits[0, 1]
    assert gap_bits(ours, height, height[:, 0])[2, 3] == pytest.approx(bits[2, 3], abs=0.5)


def test_curves_agree_where_both_have_edges_and_minima_within_their_decay() -> None:
    curves = np.array([[[1e6, 2e6, np.nan, 4e6, 5e6]] * 2 + [[1e6, 2.1e6, 3e6, 4e6, 5e6]]], dtype=np.float32)
    ((_, both, equal),) = close_moments(curves)
    ((_, told, near),) = minimum_moments(np.array([[1000.0, 1002.0, 1100.0, np.nan]]))

    assert both[0, 2]
    assert (equal[0, 1], equal[0, 2]) == (True, False)
    assert (near[0, 1], near[0, 2], told[0, 3]) == (True, False, False)


def test_one_strong_pair_does_not_chain_two_groups() -> None:
    bits = np.full((6, 6), -5.0)
    bits[:3, :3] = bits[3:, 3:] = 15.0
    bits[2, 3] = bits[3, 2] = 14.0

    found = group_at(bits, bits != 0, prior=5.0, threshold=0.9)

    assert [group.members for group in found.groups] == [(0, 1, 2), (3, 4, 5)]
    assert [group.members for group in found.single] == [(0, 1, 2, 3, 4, 5)]
    assert found.declared == 6
    assert found.false_discovery < 0.01
