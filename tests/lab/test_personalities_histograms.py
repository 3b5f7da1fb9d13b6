"""Fee histograms: each program's algorithm on the same mempools."""

import pytest

from electrum_observatory.lab import histograms
from electrum_observatory.lab.state import MempoolTransaction
from tests.lab.personality_worlds import MEMPOOL, transactions


@pytest.mark.parametrize(
    ("algorithm", "bins"),
    [
        (histograms.electrumx_a, [[5, 110_000]]),
        (histograms.electrumx_b, [[5.0, 110_000]]),
        (histograms.electrumx_c, [[20.0, 60_000], [5.0, 50_000]]),
        (histograms.electrumx_d, [[19.8, 60_360], [4.9, 50_300]]),
        (histograms.fulcrum_a, [[3, 165_000]]),
        (histograms.fulcrum_b, [[13, 90_000], [3, 75_000], [0, 45_000]]),
        (histograms.fulcrum_c, [[19, 60_360], [4, 50_300]]),
        (histograms.eps, [[4.0, 110_660]]),
        (histograms.romanz, [[31, 60_360], [15, 0], [7, 50_300], [3, 0], [1, 0], [0, 30_180]]),
    ],
)
def test_one_mempool_looks_different_through_each_algorithm(algorithm: histograms.Histogram, bins: histograms.Bins):
    assert algorithm(MEMPOOL) == bins


@pytest.mark.parametrize(
    "algorithm",
    [
        histograms.electrumx_a,
        histograms.electrumx_b,
        histograms.electrumx_c,
        histograms.electrumx_d,
        histograms.fulcrum_a,
        histograms.fulcrum_b,
        histograms.fulcrum_c,
        histograms.romanz,
        histograms.esplora_old,
        histograms.esplora_new,
        histograms.bwt,
        histograms.eps,
    ],
)
def test_an_empty_mempool_has_no_bins(algorithm: histograms.Histogram):
    assert algorithm(()) == []


def test_a_lump_of_more_than_two_bins_is_not_mixed_with_what_is_above_it():
    mempool = transactions(10, 20_000) + transactions(70, 5_000)

    assert histograms.fulcrum_c(mempool) == [[19, 10_060], [4, 70_420]]


def test_the_surplus_of_one_bin_counts_towards_the_next():
    mempool = [
        MempoolTransaction(fee_sat=rate * size, weight=4 * size, size=size, segwit=False)
        for rate, size in ((9, 150_000), (5, 70_000), (2, 30_000))
    ]

    # 150,000 is 50,000 too much, so the bin of 110,000 is full at 70,000; what then remains is the dropped tail.
    assert histograms.fulcrum_a(mempool) == [[9, 150_000], [5, 70_000]]


def test_legacy_transactions_have_one_size_for_all():
    mempool = [MempoolTransaction(fee_sat=40_000, weight=160_000, size=40_000, segwit=False)]

    assert histograms.electrumx_c(mempool) == histograms.electrumx_d(mempool) == [[1.0, 40_000]]


@pytest.mark.parametrize("algorithm", [histograms.esplora_old, histograms.esplora_new])
def test_esplora_covers_the_whole_mempool_with_exact_rates(algorithm: histograms.Histogram):
    bins = algorithm(MEMPOOL)

    assert sum(size for _, size in bins) == 140 * 1006
    assert [float(rate) for rate, _ in bins] == pytest.approx([19.8807, 4.97018, 0.994036], rel=1e-5)
