"""What is kept up to date for all nodes equals what is summed up for any."""

import numpy as np

from electrum_observatory.lab.time.estimator_counters import HORIZONS, HorizonCounters
from electrum_observatory.lab.time.estimator_margins import Margins

NODES, BUCKETS = 4, 6
SPAN = slice(0, BUCKETS)
ASKED = ((0, 1, 0.6), (0, 12, 0.95), (1, 5, 0.85), (1, 48, 0.6), (2, 30, 0.95), (2, 1008, 0.85))


def _cells(rng):
    """Some cells of (age, bucket), each once, and cell by node how many."""
    cells = np.unique(rng.integers(1, 1200 * BUCKETS, size=40))
    return cells // BUCKETS + 1, cells % BUCKETS, rng.integers(0, 5, size=(len(cells), NODES))


def test_margins_equal_the_sums_over_all_counters_whatever_happens_to_nodes():
    rng = np.random.default_rng(8)
    numbers, blocks, shares = (np.array(column) for column in zip(*ASKED, strict=True))
    horizons = [HorizonCounters(horizon, nodes=NODES, buckets=BUCKETS) for horizon in HORIZONS]
    margins = Margins(numbers, blocks, shares, nodes=NODES, buckets=BUCKETS)

    for block in range(900):  # long enough for counters to be brought back to the weight of the present
        for one in (*horizons, margins):
            one.fade()
        if block % 50:
            continue
        confirmed, failed, left = _cells(rng), _cells(rng), _cells(rng)
        for horizon in horizons:
            horizon.record(*confirmed)
            horizon.record_rates(*_by_bucket(confirmed))
            horizon.fail(*failed)
            horizon.fail(left[0], left[1], left[2][:, 2:3], slice(2, 3))
        margins.confirm(*confirmed)
        margins.fail(*failed)
        margins.fail(left[0], left[1], left[2][:, 2:3], slice(2, 3))
    for one in (*horizons, margins):
        one.forget(np.array([1]))
        one.copy(source=2, target=3)

    waiting = np.zeros((BUCKETS, len(ASKED), NODES))
    kept = margins.less(waiting, SPAN)
    for place, (number, target, share) in enumerate(ASKED):
        nodes = np.arange(NODES)
        summed = horizons[number].margins_of(nodes, np.full(NODES, target), np.full(NODES, share), SPAN)
        assert np.abs(kept[:, place]).max() > 0
        assert np.allclose(_scaled(kept[:, place]), _scaled(summed.T), rtol=1e-9, atol=1e-9)
        assert (kept[:, place, 1] == 0).all()


def _scaled(margins):
    """Only how margins of one question compare matters: each may be kept in a weight of its own."""
    return margins / np.abs(margins).max()


def _by_bucket(cells):
    _, buckets, counts = cells
    totals = np.zeros((BUCKETS, NODES), dtype=np.int64)
    np.add.at(totals, buckets, counts)
    return np.arange(BUCKETS), totals, totals * 2.0
