"""Histograms cut in columns: bin by bin what the algorithms of ``lab.histograms`` cut from the same transactions."""

import random
from itertools import pairwise

import numpy as np
import pytest

from electrum_observatory.lab import histograms
from electrum_observatory.lab.state import MempoolTransaction
from electrum_observatory.lab.time import algorithms, exact
from electrum_observatory.lab.time.algorithms import Algorithm
from electrum_observatory.lab.time.exact import ExactAlgorithm, cut_exact

PAIRS = [
    (algorithms.ELECTRUMX_A, histograms.electrumx_a),
    (algorithms.ELECTRUMX_B, histograms.electrumx_b),
    (algorithms.ELECTRUMX_C, histograms.electrumx_c),
    (algorithms.ELECTRUMX_D, histograms.electrumx_d),
    (algorithms.FULCRUM_A, histograms.fulcrum_a),
    (algorithms.FULCRUM_B, histograms.fulcrum_b),
    (algorithms.FULCRUM_C, histograms.fulcrum_c),
    (algorithms.ROMANZ, histograms.romanz),
]
EXACT = [(exact.ESPLORA_OLD, histograms.esplora_old), (exact.ESPLORA_NEW, histograms.esplora_new)]


def _mempool(rng: random.Random, count: int, level: float, round_share: float = 0.4) -> list[MempoolTransaction]:
    found = []
    for _ in range(count):
        segwit = rng.random() < 0.9
        weight = int(min(400_000, max(440, rng.lognormvariate(7.3, 1.3))))
        weight = weight if segwit else weight // 4 * 4
        rate = level * rng.lognormvariate(0, 0.8)
        rate = max(1, round(rate)) if rng.random() < round_share else rate
        found.append(
            MempoolTransaction(
                fee_sat=int(np.ceil(rate * -(-weight // 4))),
                weight=weight,
                size=int(weight * 0.4) if segwit else weight // 4,
                segwit=segwit,
            )
        )
    return found


_RNG = random.Random(11)
SNAPSHOTS = [_mempool(_RNG, count, level) for count in (0, 3, 150, 1200) for level in (0.3, 2, 40)]
LUMPS = [_mempool(_RNG, 900, 5, round_share=0.97) for _ in range(3)]


def _columns(snapshots: list[list[MempoolTransaction]]) -> tuple[np.ndarray, ...]:
    rows = [(one.fee_sat, one.weight, one.size, one.segwit, at) for at, all_ in enumerate(snapshots) for one in all_]
    fee, weight, size, segwit, at = (np.array(column) for column in zip(*rows, strict=True))
    return fee, weight, size, segwit, at


def _cut(algorithm: Algorithm, snapshots: list[list[MempoolTransaction]]) -> list[histograms.Bins]:
    fee, weight, size, segwit, at = _columns(snapshots)
    counted = algorithm.size(weight, size, segwit)
    key = algorithm.keys(fee, counted)
    keys = np.unique(key)[::-1]
    table = np.zeros((len(keys), len(snapshots)), dtype=np.int32)
    np.add.at(table, (np.searchsorted(-keys, -key), at), counted)
    bins = algorithm.cut(table, keys)
    labels = bins.keys / 10 if algorithm.tenths else bins.keys
    pairs = [list(pair) for pair in zip(labels.tolist(), bins.sizes.tolist(), strict=True)]
    starts = [0, *bins.ends.tolist()]
    return [pairs[start:end] for start, end in pairwise(starts)]


@pytest.mark.parametrize(("columns", "one"), PAIRS, ids=[pair[0].name for pair in PAIRS])
@pytest.mark.parametrize("snapshots", [SNAPSHOTS, LUMPS], ids=["mixed", "lumps"])
def test_snapshots_cut_side_by_side_are_those_cut_one_by_one(
    columns: Algorithm, one: histograms.Histogram, snapshots: list[list[MempoolTransaction]]
):
    assert _cut(columns, snapshots) == [one(mempool) for mempool in snapshots]


@pytest.mark.parametrize(("columns", "one"), EXACT, ids=[pair[0].name for pair in EXACT])
@pytest.mark.parametrize("snapshots", [SNAPSHOTS, LUMPS], ids=["mixed", "lumps"])
def test_exact_rates_are_cut_alike(
    columns: ExactAlgorithm, one: histograms.Histogram, snapshots: list[list[MempoolTransaction]]
):
    fee, weight, _, _, at = _columns(snapshots)
    rates = columns.rate(fee, weight)
    order = np.argsort(-rates, kind="stable")

    bins = cut_exact(rates[order], columns.size(weight)[order], at[order], at[order] + 1, len(snapshots))

    starts = [0, *bins.ends.tolist()]
    pairs = [list(pair) for pair in zip(bins.rates, bins.sizes.tolist(), strict=True)]
    found = [pairs[start:end] for start, end in pairwise(starts)]
    assert found == [one(mempool) for mempool in snapshots]


def test_a_transaction_counts_in_all_snapshots_between_its_first_and_last():
    rates, sizes = np.array([9.0, 5.0, 5.0]), np.array([60_000, 100, 200])

    bins = cut_exact(rates, sizes, np.array([1, 0, 0]), np.array([3, 2, 4]), 4)

    assert bins.ends.tolist() == [1, 3, 5, 6]
    assert bins.sizes.tolist() == [300, 60_000, 300, 60_000, 200, 200]


def test_every_build_of_a_world_has_its_algorithm():
    assert algorithms.algorithm_of("electrumx_1_16_git", "1.16.0") is algorithms.ELECTRUMX_C
    assert algorithms.algorithm_of("fulcrum_1_9_2", "1.9.2") is algorithms.FULCRUM_B
    assert algorithms.algorithm_of("electrs_romanz_0_11_1", "0.11.1") is algorithms.ROMANZ
    assert algorithms.algorithm_of("electrs_esplora_coded", "0.4.1") is exact.ESPLORA_NEW
