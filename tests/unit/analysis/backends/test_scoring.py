"""Figures against a known truth."""

import math

import numpy as np
import pytest

from electrum_observatory.analysis.backends.scoring import Score, reliability, score, spread, spreads, truth_matrix
from electrum_observatory.model.watch_ports import NOTHING

NODES = [{"a"}, {"a"}, {"b"}, {"b"}, {"c"}, {"a", "b"}]


def _links(*pairs: tuple[int, int]) -> np.ndarray:
    links = np.zeros((6, 6), bool)
    for one, other in pairs:
        links[one, other] = links[other, one] = True
    return links


def _scored(scores: np.ndarray, links: np.ndarray) -> Score:
    return score(scores, links, np.array([0, 0, 1, 1, NOTHING, NOTHING]), NODES)


def test_a_balancer_shares_a_node_with_both_sides() -> None:
    same = truth_matrix(NODES)

    assert same[0].tolist() == [False, True, False, False, False, True]
    assert same[5].tolist() == [True, True, True, True, False, False]


def test_a_perfect_answer_scores_one() -> None:
    truth = truth_matrix(NODES)

    found = _scored(truth.astype(float), truth)

    assert (found.precision, found.recall_macro, found.average_precision) == (1.0, 1.0, 1.0)
    assert (found.recall_at_precision, found.adjusted_rand, found.false_links) == (1.0, 1.0, 0.0)


def test_recall_is_a_mean_over_nodes_and_not_over_pairs() -> None:
    found = _scored(np.zeros((6, 6)), _links((0, 1), (0, 5), (1, 5)))

    assert found.recall_macro == pytest.approx(0.5)
    assert found.precision == 1.0


def test_a_false_link_lowers_precision_alone() -> None:
    truth = truth_matrix(NODES)

    found = _scored(truth.astype(float), truth | _links((0, 4)))

    assert found.precision == pytest.approx(6 / 7)
    assert found.false_links == pytest.approx(1 / 7)
    assert found.recall_macro == 1.0


def test_who_declares_nothing_has_no_precision_and_no_false_links() -> None:
    found = _scored(np.zeros((6, 6)), _links())

    assert math.isnan(found.precision)
    assert found.false_links == 0.0
    assert found.average_precision == pytest.approx(6 / 15)  # equal scores: the share of true pairs


def test_recall_at_precision_stops_where_false_pairs_begin() -> None:
    scores = np.zeros((6, 6))
    for rank, (one, other) in enumerate([(0, 1), (2, 3), (0, 5), (0, 4), (1, 5), (2, 5), (3, 5)]):
        scores[one, other] = scores[other, one] = 10 - rank

    assert _scored(scores, _links()).recall_at_precision == pytest.approx(3 / 6)


def test_reliability_tells_said_and_seen_by_bin() -> None:
    said = np.array([[0, 0.95, 0.95], [0.95, 0, 0.0], [0.95, 0.0, 0]])
    truth = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], bool)

    assert reliability([said], [truth]) == [(0.0, 0.0, 1), (pytest.approx(0.95), 0.5, 2)]


def test_an_interval_holds_the_mean_and_the_worst_is_told() -> None:
    found = spread([0.9, 1.0, 0.95, float("nan")])

    assert found.low <= found.mean <= found.high
    assert found.worst == 0.9
    assert spread([0.0, 0.2], low_is_worse=False).worst == 0.2


def test_every_figure_is_summarised() -> None:
    one = _scored(truth_matrix(NODES).astype(float), truth_matrix(NODES))

    assert spreads([one, one])["precision"].low == 1.0
