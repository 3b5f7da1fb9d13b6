"""Groups over time, and pairs over a window."""

import numpy as np
import pytest

from electrum_observatory.analysis.histograms.stability import adjusted_rand, stability_of
from electrum_observatory.analysis.histograms.windows import RESOLUTION, PairWindow
from electrum_observatory.model.watch_ports import NOTHING


def by_pairs(one, other):
    """Return the adjusted Rand index, pair by pair (Hubert and Arabie 1985)."""
    upper = np.triu_indices(len(one), 1)
    first, second = (one[:, None] == one)[upper], (other[:, None] == other)[upper]
    expected = first.sum() * second.sum() / len(first)
    return ((first & second).sum() - expected) / ((first.sum() + second.sum()) / 2 - expected)


def test_agreement_is_the_adjusted_rand_index():
    chance = np.random.default_rng(2)
    for _ in range(20):
        one, other = chance.integers(0, 4, (2, 30))
        assert adjusted_rand(one, other) == pytest.approx(by_pairs(one, other), abs=1e-12)
    assert adjusted_rand(np.array([0, 0, 1, 1, 2]), np.array([3, 3, 1, 1, 1])) == pytest.approx(6 / 11)


def test_servers_without_data_and_groupings_that_cannot_disagree_do_not_count():
    assert adjusted_rand(np.array([0, 0, 1, NOTHING]), np.array([5, 5, 2, 5])) == 1
    assert np.isnan(adjusted_rand(np.array([0, NOTHING, 1]), np.array([0, 1, 1])))
    assert np.isnan(adjusted_rand(np.array([0, 0, 0]), np.array([1, 1, 1])))


def test_stability_counts_only_moments_at_which_both_had_data():
    groups = [np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), np.array([0, 1, NOTHING, 1])]

    stability = stability_of(groups)

    assert stability.consecutive[0] == 1
    assert stability.together[0, 1] == pytest.approx(2 / 3)
    assert stability.together[2, 3] == 1
    assert stability.moments[2, 3] == 2
    assert stability.together[0, 2] == 0


def test_never_together_in_data_is_no_share():
    stability = stability_of([np.array([0, NOTHING]), np.array([NOTHING, 0])])

    assert np.isnan(stability.together[0, 1])


def matrices(number, servers, seed=0):
    chance = np.random.default_rng(seed)
    for _ in range(number):
        values = np.round(chance.random((servers, servers)) ** 2, 3)
        matrix = np.triu(values, 1) + np.triu(values, 1).T
        gone = chance.random(servers) < 0.1
        matrix[gone] = matrix[:, gone] = np.nan
        yield matrix


def test_means_are_exact_and_quantiles_within_the_resolution():
    window, each = PairWindow(7, 200), list(matrices(200, 7))
    for matrix in each:
        window.add(matrix)

    assert np.nanmax(np.abs(window.mean() - np.nanmean(each, axis=0))) < 1e-12
    for share in (0.1, 0.5, 0.9):
        exact = np.nanquantile(each, share, axis=0, method="inverted_cdf")
        assert np.nanmax(np.abs(window.quantile(share) - exact)) <= RESOLUTION


def test_equal_and_disjoint_stay_exact_and_no_data_stays_none():
    window = PairWindow(3, 4)
    for _ in range(4):
        window.add(np.array([[0.0, 0.0, np.nan], [0.0, 0.0, np.nan], [np.nan, np.nan, np.nan]]))
    far = PairWindow(2, 1)
    far.add(np.array([[0.0, 1.0], [1.0, 0.0]]))

    assert window.quantile(0.5)[0, 1] == window.mean()[0, 1] == 0
    assert np.isnan(window.quantile(0.5)[:, 2]).all()
    assert window.together()[0, 1] == 4
    assert far.quantile(0.9)[0, 1] == 1
