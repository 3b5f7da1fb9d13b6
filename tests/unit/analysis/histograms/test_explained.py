"""What tells the clusters, with worlds in which it is known."""

import numpy as np
import pytest

from electrum_observatory.analysis.histograms.explained import explain_clusters, policies_of
from electrum_observatory.analysis.histograms.information import entropy_bits, explained_by, jointly
from electrum_observatory.model.watch_ports import NOTHING


def chance(seed=1):
    return np.random.default_rng(seed)


def test_a_factor_that_is_the_grouping_tells_all_of_it():
    groups = np.repeat([0, 1, 2], 20)

    found = explained_by(groups, groups[::1] + 5, deals=999)

    assert found.bits == pytest.approx(entropy_bits(groups)) == pytest.approx(np.log2(3))
    assert (found.share, found.corrected, found.adjusted) == pytest.approx((1, 1, 1))
    assert found.p == 1 / 1000


def test_a_factor_of_chance_tells_nothing_however_many_values_it_has():
    groups, factor = chance().integers(0, 3, 60), chance(2).integers(0, 15, 60)

    found = explained_by(groups, factor, deals=999)

    assert found.share > 0.15
    assert abs(found.corrected) < 0.1
    assert abs(found.adjusted) < 0.1
    assert found.p > 0.05


def test_chance_is_measured_as_its_formula_gives_it():
    """Two groupings with two values each: the expectation is a sum over the hypergeometric distribution."""
    groups, factor = np.repeat([0, 1], [4, 6]), np.repeat([0, 1], [3, 7])
    both = np.arange(0, 4)
    chance_of = [np.prod([{0: 20, 1: 60, 2: 36, 3: 4}[one] / 120]) for one in both]  # C(4,k)·C(6,3-k)/C(10,3)
    expected = sum(
        share
        * explained_by(
            groups, np.concatenate([np.zeros(k), np.ones(4 - k), np.zeros(3 - k), np.ones(3 + k)]), deals=1
        ).bits
        for share, k in zip(chance_of, both, strict=True)
    )

    assert explained_by(groups, factor, deals=9_999).by_chance_bits == pytest.approx(expected, abs=0.004)


def test_where_chance_alone_tells_nearly_all_nothing_is_concluded():
    found = explained_by(np.repeat([0, 1], 10), np.arange(20), deals=99)

    assert found.share == 1
    assert found.corrected is None
    assert found.p == 1


def test_one_group_has_nothing_to_tell():
    found = explained_by(np.zeros(10, dtype=int), np.arange(10) % 2, deals=99)

    assert (found.bits, found.share, found.corrected) == (pytest.approx(0), None, None)


def test_the_same_seed_gives_the_same_figures():
    groups, factor = chance().integers(0, 3, 40), chance(3).integers(0, 4, 40)

    assert explained_by(groups, factor, seed=4, deals=99) == explained_by(groups, factor, seed=4, deals=99)


def test_joint_factors_have_a_value_for_each_combination():
    assert len(set(jointly(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 0])).tolist())) == 3


def test_clusters_that_program_and_policy_make_are_told_by_both_together_and_by_neither_alone():
    program, policy = np.repeat([0, 1], 30), np.tile([0, 1], 30)
    groups = 2 * program + policy
    machines = [f"m{number}" for number in range(60)]

    found = explain_clusters(groups, program.astype(str), policy.astype(str), machines)

    assert found.factors["program × policy"].corrected == pytest.approx(1)
    assert found.factors["program"].corrected == pytest.approx(0.5, abs=0.03)
    assert found.factors["policy"].corrected == pytest.approx(0.5, abs=0.03)
    assert (found.clusters, found.pairs.linked) == (4, found.pairs.same_program_and_policy)
    assert found.sufficient


def test_clusters_that_are_nodes_are_not_told_by_the_program():
    groups = np.repeat(np.arange(20), 3)
    programs = chance(5).choice(["a", "b"], 60)

    found = explain_clusters(groups, programs, ["p"] * 60, [f"m{number}" for number in range(60)])

    assert abs(found.factors["program"].corrected) < 0.12
    assert found.pairs.neither == 0
    assert 0 < found.pairs.same_policy < found.pairs.linked


def test_aliases_are_counted_once_over_machines_and_named_in_pairs():
    groups = np.array([0, 0, 0, 0, 1, NOTHING])
    found = explain_clusters(groups, ["a"] * 6, ["p"] * 6, ["m1", "m1", "m1", "m2", "m3", "m4"])

    assert (found.servers, found.machines) == (5, 3)
    assert (found.pairs.linked, found.pairs.same_machine) == (6, 3)
    assert found.over_machines["program"].servers == 3
    assert not found.sufficient


def test_nobody_with_data_is_no_error():
    found = explain_clusters(np.array([NOTHING, NOTHING]), ["a", "b"], ["p", "p"], ["m", "n"])

    assert (found.servers, found.clusters, dict(found.factors)) == (0, 0, {})


def test_policies_are_named_by_what_was_told_most_often():
    relay = np.array([[1e-5, 1e-6, np.nan], [1e-5, 1e-6, np.nan], [1e-6, np.nan, np.nan]])

    assert policies_of(relay) == ("relays from 1 sat/vB", "relays from 0.1 sat/vB", "not told")
