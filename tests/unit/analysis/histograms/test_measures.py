"""Virtual or serialised: told by the level where it can be told."""

import numpy as np
import pytest

from electrum_observatory.analysis.histograms.algorithms import algorithms_of
from electrum_observatory.analysis.histograms.measures import with_measures
from electrum_observatory.analysis.histograms.rules import Algorithm
from electrum_observatory.datasets.watch.histograms import histograms_of
from tests.unit.analysis.histograms.programs import answer, busy, mempool, quiet
from tests.unit.datasets.watch.worlds import watch_table

EITHER = Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8
REFERENCES = ["ESPLORA_DOUBLE", "ESPLORA_SINGLE", "ROMANZ", "ELECTRUMX_1_20"]


def narrowed(program, pools, references=REFERENCES):
    """The set of a program whose node lacks one transaction in fifty that the references' node has."""
    rows = []
    for fees, weights in pools:
        kept = np.arange(len(fees)) % 50 > 0
        rows.append(
            [answer(program, (fees[kept], weights[kept])), *(answer(one, (fees, weights)) for one in references)]
        )
    table = histograms_of(watch_table(rows))
    before = algorithms_of(table)
    return before[0].algorithms, with_measures(table, before)[0].algorithms


@pytest.mark.parametrize(
    ("program", "left"),
    [("FULCRUM_1_9_8", Algorithm.FULCRUM_1_9_8), ("FULCRUM_1_9_7", Algorithm.FULCRUM_1_9_7)],
)
def test_the_level_tells_in_a_busy_mempool(program, left):
    before, after = narrowed(program, [busy(seed) for seed in (1, 2, 3)])

    assert before == EITHER
    assert after == left


def test_without_servers_of_known_measure_it_stays_open():
    assert narrowed("FULCRUM_1_9_8", [busy(1)], ["FULCRUM_1_9_8"] * 4)[1] == EITHER


def test_with_too_few_edges_it_stays_open():
    before, after = narrowed("FULCRUM_1_9_8", [quiet(4)])

    assert after == before
    assert after & EITHER == EITHER


def test_other_programs_are_left_as_they_are():
    before, after = narrowed("ESPLORA_DOUBLE", [busy(1), mempool(3, transactions=9_000, median=5, spread=0.5)])

    assert after == before
