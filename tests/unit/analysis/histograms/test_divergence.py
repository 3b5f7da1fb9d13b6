"""The divergence kernel against scipy's, and its own states."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform

from electrum_observatory.analysis.histograms.divergence import Unit, divergences, in_unit
from electrum_observatory.datasets.watch.histogram_columns import read_histograms
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.datasets.watch.worlds import histogram_text


def matrix_of(*histograms):
    return divergences(read_histograms(map(histogram_text, histograms)), np.arange(len(histograms)))


def by_scipy(histograms):
    labels = sorted({label for bins in histograms for label, _ in bins})
    dense = np.zeros((len(histograms), len(labels)))
    for row, bins in enumerate(histograms):
        for label, size in bins:
            dense[row, labels.index(label)] = size
    return squareform(np.nan_to_num(pdist(dense, "jensenshannon"))) ** 2 / np.log(2)


BINS = st.dictionaries(st.integers(0, 12), st.integers(1, 10**6), min_size=1, max_size=8)


@settings(max_examples=40)
@given(st.lists(BINS, min_size=2, max_size=6))
def test_it_equals_scipy_to_the_twelfth_digit(dictionaries):
    histograms = [sorted(one.items(), reverse=True) for one in dictionaries]

    assert np.abs(matrix_of(*histograms) - by_scipy(histograms)).max() < 1e-12


def test_many_rows_equal_scipy_to_the_twelfth_digit():
    chance = np.random.default_rng(3)
    histograms = [
        [(int(label), int(chance.integers(1, 10**6))) for label in sorted(chance.choice(60, 20, replace=False))[::-1]]
        for _ in range(80)
    ]

    assert np.abs(matrix_of(*histograms) - by_scipy(histograms)).max() < 1e-12


def test_histograms_without_a_common_label_are_at_exactly_one_bit():
    assert matrix_of([(1, 500)], [(3.5, 70), (1, 0)])[0, 1] == 1
    assert matrix_of([(5, 3), (4, 3)], [(3, 1), (2, 9)])[0, 1] == 1


def test_equal_histograms_are_at_exactly_zero():
    assert (matrix_of([(7, 3), (4, 1)], [(7, 3), (4, 1)], [(7, 3), (4, 1)]) == 0).all()


def test_an_empty_histogram_is_at_no_distance_from_anything():
    matrix = matrix_of([(7, 3)], [], [], [(7, 9)])

    assert np.isnan(matrix[1:3]).all()
    assert np.isnan(matrix[:, 1:3]).all()
    assert matrix[0, 3] == 0


def test_absent_servers_and_nobody_at_all_have_no_divergence():
    histograms = read_histograms([histogram_text([(7, 3)])])

    assert np.isnan(divergences(histograms, np.array([NOTHING, NOTHING]))).all()
    assert divergences(histograms, np.array([], dtype=np.int64)).shape == (0, 0)
    assert divergences(histograms, np.array([0, NOTHING]))[0, 0] == 0


def test_equal_rows_have_equal_numbers_wherever_they_stand():
    one, other, third = [(9, 4), (2, 5)], [(9, 1), (3, 5), (2, 2)], [(9, 9)]
    matrix = matrix_of(one, other, one, third, other)

    assert matrix[0, 1] == matrix[2, 4] == matrix[4, 0]
    assert matrix[0, 3] == matrix[3, 2]
    assert (matrix == matrix.T).all()


@pytest.mark.parametrize(
    ("unit", "told"), [(Unit.BITS, 0.25), (Unit.ROOT_BITS, 0.5), (Unit.ROOT_NATS, pytest.approx(0.41628, abs=1e-5))]
)
def test_one_divergence_is_another_number_in_each_unit(unit, told):
    assert in_unit(np.array(0.25), unit) == told
