"""What is said of compared histograms: which are equal, and whether clusters last."""

import numpy as np

from electrum_observatory.analysis.histograms.stability import stability_of
from electrum_observatory.cli.histogram_told import equal_pairs, stability_rows
from electrum_observatory.model.watch_ports import NOTHING

ONE = np.zeros(4, dtype=np.int64)
ALONE = np.arange(4)
PAIRS = np.array([0, 0, 1, 1])
CROSSED = np.array([0, 1, 0, 1])
NOBODY = np.full(4, NOTHING)


def said(*groups):
    return dict(stability_rows(stability_of(groups), groups))


def test_pairs_are_equal_that_never_differed_while_both_had_bins():
    content = np.array([[1, 1, 1, NOTHING, NOTHING], [2, 2, 3, NOTHING, NOTHING], [NOTHING, 4, 5, NOTHING, 4]])

    assert equal_pairs(content[:1]) == 3
    assert equal_pairs(content) == 2  # the first two, and the second with the last


def test_clusters_that_hardly_change_are_not_told_by_the_index_alone():
    told = said(*[ONE] * 10, PAIRS, *[ONE] * 10)

    assert told["moment and the one before: same clusters"] == "18 of 20"
    assert told["moment and the one before: adjusted Rand index defined"] == "2 of 20"
    assert told["moment and the one before: all servers in one cluster at both (no index)"] == 18
    one_sided = "all in one cluster, or each alone, at one of the two (index 0, however few moved)"
    assert told[f"moment and the one before: {one_sided}"] == 2
    assert told["moment and the one before: index where defined, median"] == 0
    assert told["moment and the first: adjusted Rand index defined"] == "1 of 20"


def test_each_reason_for_which_there_is_no_index_is_counted():
    told = said(ALONE, ALONE, NOBODY, ONE, ALONE)

    assert told["moment and the one before: same clusters"] == "1 of 4"
    assert told["moment and the one before: each server alone at both (no index)"] == 1
    assert told["moment and the one before: fewer than three servers in both (no index)"] == 2
    assert told["moment and the one before: adjusted Rand index defined"] == "1 of 4"


def test_an_index_that_says_something_stands_without_excuses():
    told = said(PAIRS, PAIRS, CROSSED)

    assert told["moment and the one before: same clusters"] == "1 of 2"
    assert told["moment and the one before: index where defined, least"] == -0.5
    assert not [words for words in told if "no index" in words or "index 0" in words]


def test_one_moment_agrees_with_nothing():
    told = said(PAIRS)

    assert told["moment and the one before: same clusters"] == "0 of 0"
    assert told["moment and the first: index where defined, median"] is None
