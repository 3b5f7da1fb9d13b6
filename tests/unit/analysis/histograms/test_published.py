"""The published method fails in both directions, as the field's notes say (signals.md §0); and what the study found."""

import csv
from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from electrum_observatory.analysis.histograms.divergence import Unit
from electrum_observatory.analysis.histograms.published import groups_of, matrix_at, nearest_round, sizes_of
from electrum_observatory.analysis.histograms.stability import adjusted_rand
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.histograms.programs import answer, busy
from tests.unit.datasets.watch.worlds import EVERY_US, histogram_text, watch_table


def looked_at(answers, **how):
    table = watch_table([answers])
    return matrix_at(table, histograms_of(table), 0, **how)


def test_one_bin_of_integer_programs_makes_two_clusters_of_unrelated_nodes():
    sizes = np.random.default_rng(1).integers(40_000, 4_000_000, 24)
    answers = [histogram_text([(number % 2, size)]) for number, size in enumerate(sizes)]

    moment = looked_at(answers)

    assert len(set(sizes)) == 24
    assert set(np.unique(moment.matrix)) == {0, 1}
    assert moment.groups.tolist() == [0, 1] * 12


def test_one_busy_node_behind_two_electrumx_is_taken_for_two():
    pool = busy(21)

    moment = looked_at([answer("ELECTRUMX_1_19", pool), answer("ELECTRUMX_1_20", pool), answer("FULCRUM_1_9_8", pool)])

    assert (moment.matrix[np.triu_indices(3, 1)] > moment.threshold).all()
    assert moment.groups.tolist() == [0, 1, 2]


def test_nearly_the_same_mempool_of_one_program_may_be_far_in_one_unit_and_near_in_another():
    fees, weights = busy(22)
    kept = np.random.default_rng(5).random(len(fees)) > 0.02
    answers = [answer("ELECTRUMX_1_20", (fees, weights)), answer("ELECTRUMX_1_20", (fees[kept], weights[kept]))]

    bits, root = looked_at(answers), looked_at(answers, unit=Unit.ROOT_BITS)

    assert 0.05 < bits.matrix[0, 1] <= 0.5 < root.matrix[0, 1]
    assert (sizes_of(bits.groups), sizes_of(root.groups)) == ([2], [1, 1])


def test_servers_without_bins_are_in_no_group():
    moment = looked_at(
        [histogram_text([(1, 9)]), histogram_text([]), None, histogram_text([(1, 7)]), b"?", b'{"id":20,"error":"no"}']
    )

    assert moment.groups.tolist() == [0, NOTHING, NOTHING, 0, NOTHING, NOTHING]
    assert moment.states == ("bins", "empty", "no answer", "bins", "malformed", "error")


def test_groups_are_connected_parts_numbered_by_size():
    near = np.array([[0, 1, 1, 1], [1, 0, 0.5, 1], [1, 0.5, 0, 0.2], [1, 1, 0.2, 0]])

    assert groups_of(near, 0.5).tolist() == [1, 0, 0, 0]
    assert groups_of(near, 0.1).tolist() == [0, 1, 2, 3]


def test_parts_are_those_of_any_graph():
    for seed in range(8):
        chance = np.random.default_rng(seed)
        matrix = np.triu(chance.random((40, 40)), 1)
        matrix += matrix.T
        expected = connected_components(csr_array(matrix <= 0.04), directed=False)[1]

        assert adjusted_rand(groups_of(matrix, 0.04), expected) == 1


def test_a_moment_is_the_nearest_round_that_asked_and_says_its_window():
    table = watch_table([[histogram_text([(1, 9)])]] * 3)
    moment = matrix_at(table, histograms_of(table), nearest_round(table, EVERY_US + 9))

    assert (moment.at_us, moment.window_us) == (EVERY_US, 20_000)
    assert nearest_round(table, None) == 2


def test_a_watch_that_never_asked_for_histograms_is_refused():
    with pytest.raises(UsageError, match="histograms"):
        nearest_round(watch_table([[b"?"]], Question.TIP), None)


def test_the_study_has_the_rows_and_clusters_that_we_quote(shared):
    with (shared / "data" / "published_histogram_study.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    clusters = Counter(int(row["published_cluster"]) for row in rows)
    assert (len(rows), len({row["host"] for row in rows})) == (59, 49)
    assert clusters == {1: 34, 2: 17, 3: 5, 4: 1, 5: 2}
