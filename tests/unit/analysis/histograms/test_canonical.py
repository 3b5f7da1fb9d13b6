"""Whatever the algorithm, the bounds hold what truly pays at least a feerate; or nothing is said."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from electrum_observatory.analysis.histograms.canonical import DEPTHS, FEERATES, MEASURES, canonical, canonical_table
from electrum_observatory.analysis.histograms.rules import EVERY, Algorithm, Measure
from electrum_observatory.analysis.histograms.shapes import consistent_with
from electrum_observatory.datasets.watch.histogram_columns import read_histograms
from electrum_observatory.datasets.watch.histogram_lines import MOST_BINS
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.histograms.programs import PROGRAMS, answer, busy, mempool, quiet, true_size, vsize
from tests.unit.datasets.watch.worlds import histogram_text, watch_table

POOLS = {
    "busy": busy(7),
    "quiet": quiet(8),
    "below 1": mempool(9, transactions=8_000, median=0.6, spread=0.6, lowest=0.1),
}
SERIALISED = {"FULCRUM_1_9_1", "FULCRUM_1_9_7"}  # their feerates are per serialised byte, too
LACKING = ("ELECTRUMX_1_15", "ELECTRUMX_1_16", "ELECTRUMX_1_19")  # their bounds hold to the byte
KEY_ROUNDING = 0.004  # a transaction's own rate is of its own size: floor(W/4) moves some over an edge


SMALLEST = 244  # weight of one input and one output without scripts, and an empty witness item


@st.composite
def small_mempools(draw):
    """Transactions as small as they can be, and some larger; feerates near to one another, or round, or anything."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds = np.array(draw(st.lists(st.integers(SMALLEST, 1_000), min_size=1, max_size=4)))
    weights = chance.choice(kinds, draw(st.integers(2_000, 12_000)))
    rates = chance.lognormal(draw(st.floats(-1.5, 3)), draw(st.floats(0.01, 1)), len(weights))
    rates = np.where(chance.random(len(weights)) < draw(st.sampled_from([0, 0.5, 1])), np.ceil(rates), rates)
    return np.ceil(rates * vsize((rates, weights))).astype(np.int64), weights


def one_row(program, pool, algorithms=None):
    allowed = Algorithm[program] if algorithms is None else algorithms
    return canonical(read_histograms([answer(program, pool)]), np.array([0]), np.array([int(allowed)]))


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("program", [one for one in PROGRAMS if one not in SERIALISED])
def test_bounds_hold_the_true_size(program, name):
    row = one_row(program, POOLS[name])
    low, high = row.virtual_low[0], row.virtual_high[0]
    truth = np.array([true_size(POOLS[name], feerate) for feerate in FEERATES])
    slack = KEY_ROUNDING * truth.max() * (program not in LACKING)

    known = ~np.isnan(low)
    assert known[3:].all()
    assert (low - slack <= truth)[known].all()
    assert (truth <= high + slack)[known].all()


@pytest.mark.parametrize("program", LACKING)
@given(pool=small_mempools())
@settings(max_examples=30, deadline=None)
def test_bounds_of_sizes_that_lack_24_units_hold_for_any_transactions(program, pool):
    feerates = (*FEERATES, 0.95, 1.05, 1.9, 2.1, 3.0, 5.0, 6.0, 12.0, 20.0)
    histogram = read_histograms([answer(program, pool)])
    row = canonical(histogram, np.array([0]), np.array([int(Algorithm[program])]), feerates)
    assume(len(histogram.rates))
    low, high = row.virtual_low[0], row.virtual_high[0]
    truth = np.array([true_size(pool, feerate) for feerate in feerates])

    known = ~np.isnan(low)
    assert (low <= truth)[known].all()
    assert (truth <= high + 1e-6)[known].all()  # a float's rounding: the smallest transactions reach the bound


def test_bounds_of_sizes_that_lack_24_units_are_no_wider_than_the_smallest_transaction_needs():
    pool = np.full(3_000, 605), np.full(3_000, SMALLEST + 1)  # 62 vB that pay 9.76 sat/vB, told as 55 that pay 11
    feerates = (9.75, 9.76, 11.0)
    told = read_histograms([answer("ELECTRUMX_1_19", pool)])
    row = canonical(told, np.array([0]), np.array([int(Algorithm.ELECTRUMX_1_19)]), feerates, (100_000,))
    low, high = row.virtual_low[0], row.virtual_high[0]

    assert low.tolist() == [3_000 * 55, 0, 0]
    assert high[2] == pytest.approx(3_000 * 62)
    assert row.rate_low[0, 0] == pytest.approx(605 / 62)


@pytest.mark.parametrize("program", ["ELECTRUMX_1_20", "ESPLORA_DOUBLE", "ROMANZ"])
def test_bounds_are_narrow_where_there_are_bins(program):
    row = one_row(program, POOLS["busy"])

    assert ((row.high - row.low)[0, 3:8] <= 0.13 * row.high[0, 3:8]).all()


def test_an_edge_is_exact_and_between_edges_there_are_bounds():
    histograms = read_histograms([histogram_text([(9.5, 40_000), (4.0, 60_000), (1.5, 80_000)])])
    row = canonical(histograms, np.array([0]), np.array([int(Algorithm.ELECTRUMX_1_20)]), (1.0, 2.0, 4.0, 16.0), ())

    assert row.low[0].tolist() == [180_000, 100_000, 100_000, 0]
    assert row.high[0].tolist() == pytest.approx([180_000 + 30_000 * 1.1**3, 180_000, 100_000, 40_000])


def test_a_strangers_endless_histogram_spoils_no_other():
    endless = histogram_text([(rate, 2_000_000) for rate in range(MOST_BINS, 0, -1)])
    histograms = read_histograms([endless, histogram_text([(9.5, 40_001), (4.0, 60_001)])])

    row = canonical(histograms, np.array([0, 1]), np.array([int(Algorithm.ELECTRUMX_1_20)] * 2), (4.0,), ())

    assert row.low[1, 0] == 100_002
    assert consistent_with(histograms)[1] & Algorithm.ELECTRUMX_1_20


def test_labels_of_powers_are_upper_ends():
    text = histogram_text([(7, 10), (3, 20), (1, 30), (0, 5)])
    row = canonical(read_histograms([text]), np.array([0]), np.array([int(Algorithm.ROMANZ)]), (1.0, 2.0, 4.0, 8.0), ())

    assert (row.low == row.high)[0, :3].all()
    assert row.low[0].tolist() == [60, 30, 10, 0]


@pytest.mark.parametrize("program", ["FULCRUM_1_9_8", "ROMANZ", "EPS"])
def test_whole_feerates_tell_nothing_below_one(program):
    row = one_row(program, POOLS["below 1"])

    assert np.isnan(row.low[0, :3]).all()
    assert not np.isnan(row.low[0, 3:]).any()


def test_serialised_sizes_are_marked():
    rows = [one_row(program, POOLS["busy"]) for program in ("FULCRUM_1_9_7", "FULCRUM_1_9_8")]
    either = one_row("FULCRUM_1_9_8", POOLS["busy"], Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8)

    assert [MEASURES[row.measure[0]] for row in (*rows, either)] == [
        Measure.SERIALISED,
        Measure.VIRTUAL,
        Measure.EITHER,
    ]


def test_what_may_be_serialised_has_no_virtual_size_and_no_depth():
    either = one_row("FULCRUM_1_9_8", POOLS["busy"], Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8)

    assert not np.isnan(either.low[0, 3:]).any()
    assert np.isnan([either.virtual_low, either.virtual_high]).all()
    assert np.isnan(either.rate_low).all()


def test_an_open_set_has_the_bounds_of_all_its_members():
    members = Algorithm.ELECTRUMX_1_19 | Algorithm.ELECTRUMX_1_20
    one, both = one_row("ELECTRUMX_1_20", POOLS["busy"]), one_row("ELECTRUMX_1_20", POOLS["busy"], members)

    assert (both.virtual_low <= one.virtual_low).all()
    assert (both.virtual_high >= one.virtual_high).all()
    assert (both.rate_low <= one.rate_low).all()
    assert (both.rate_high >= one.rate_high).all()


@pytest.mark.parametrize("program", ["ELECTRUMX_1_20", "ELECTRUMX_1_19", "ESPLORA_SINGLE", "ROMANZ", "EPS"])
def test_the_feerate_at_a_depth_is_held(program):
    row = one_row(program, POOLS["busy"])
    fees, _ = POOLS["busy"]
    rates, sizes = fees / vsize(POOLS["busy"]), vsize(POOLS["busy"])
    order = np.argsort(-rates)
    deep = np.cumsum(sizes[order])
    truth = [rates[order][np.searchsorted(deep, depth)] if depth < deep[-1] else 0.0 for depth in DEPTHS]

    assert (row.rate_low[0] <= np.array(truth) * 1.01).all()
    assert (row.rate_high[0] >= np.array(truth) * 0.99).all()


def test_contradicting_programs_and_empty_mempools_say_nothing():
    histograms = read_histograms([histogram_text([(3, 50_000)]), histogram_text([])])
    rows = canonical(histograms, np.array([0, 1]), np.array([0, int(EVERY)]))

    assert np.isnan(rows.low).all()
    assert np.isnan(rows.rate_high).all()


def test_a_table_has_one_row_for_each_histogram_and_set():
    text = histogram_text([(3, 50_000)])
    table = histograms_of(watch_table([[text, text, None], [text, histogram_text([]), text]]))

    made = canonical_table(table, [Algorithm.ROMANZ, Algorithm.FULCRUM_1_9_8, Algorithm.FULCRUM_1_9_8])

    assert made.at.tolist() == [[1, 0, NOTHING], [1, NOTHING, 0]]
    assert len(made.rows.low) == 2
