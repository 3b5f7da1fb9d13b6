"""Histograms that real servers on one litecoind gave of one static mempool (recordings in the shared folder)."""

import json
import lzma
import re

import numpy as np
import pytest

from electrum_observatory.analysis.histograms.algorithms import algorithms_of
from electrum_observatory.analysis.histograms.canonical import canonical_table
from electrum_observatory.analysis.histograms.divergence import divergences
from electrum_observatory.analysis.histograms.rules import Algorithm
from electrum_observatory.datasets.watch.histograms import histograms_of
from tests.unit.datasets.watch.worlds import watch_table

ALLOWED = {
    "ex116": Algorithm.ELECTRUMX_1_16,
    "ex118": Algorithm.ELECTRUMX_1_19,
    "ex120": Algorithm.ELECTRUMX_1_20,
    "fulc": Algorithm.FULCRUM_1_9_8,
}
_HISTOGRAM = re.compile(r'"result": ?(\[\[.*?\]\])')


@pytest.fixture(scope="module")
def histograms(shared):
    answers = []
    for name in ALLOWED:
        with lzma.open(shared / "transcripts" / f"{name}-ltc-t.jsonl.xz", "rt", encoding="utf-8") as lines:
            asked = [json.loads(line) for line in lines if "mempool.get_fee_histogram" in line]
        received = "".join(text for probe in asked for step in probe["steps"] for _, text in step["recv"])
        answers.append(f'{{"id":20,"result":{_HISTOGRAM.search(received)[1]}}}\n'.encode())
    return histograms_of(watch_table([answers]))


def test_each_programs_true_algorithm_is_allowed_and_other_families_are_not(histograms):
    found = [one.algorithms for one in algorithms_of(histograms)]

    assert all(true & one for true, one in zip(ALLOWED.values(), found, strict=True))
    assert found[0] == Algorithm.ELECTRUMX_1_16 | Algorithm.EPS  # all feerates are whole, and written "10.0"
    assert not any(one & (Algorithm.ROMANZ | Algorithm.ESPLORA_DOUBLE) for one in found)
    assert not found[1] & Algorithm.FULCRUM_1_9_8
    assert not found[3] & Algorithm.ELECTRUMX_1_20


def test_one_mempool_has_one_canonical_form_and_four_published_ones(histograms):
    made = canonical_table(histograms, list(ALLOWED.values()))
    low, high = (bounds[made.at[0]] for bounds in (made.rows.virtual_low, made.rows.virtual_high))
    apart = divergences(histograms.distinct, histograms.at[0])[np.triu_indices(4, 1)]

    known = ~np.isnan(low).any(axis=0)
    assert known[3:].all()
    assert (low.max(axis=0) <= high.min(axis=0) * 1.001)[known].all()
    assert (apart > 0.02).all()
