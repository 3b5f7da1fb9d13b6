"""Which algorithms a server's histograms allow, judged against programs whose rule is known."""

import pytest

from electrum_observatory.analysis.histograms.algorithms import ServerAlgorithms, algorithms_of, classes_of
from electrum_observatory.analysis.histograms.rules import EVERY, Algorithm, name_of
from electrum_observatory.analysis.histograms.shapes import consistent_with
from electrum_observatory.datasets.watch.histogram_columns import read_histograms
from electrum_observatory.datasets.watch.histograms import histograms_of
from tests.unit.analysis.histograms.programs import PROGRAMS, answer, busy, mempool, quiet
from tests.unit.datasets.watch.worlds import watch_table

BUSY = [busy(seed) for seed in (1, 2, 3)]
QUIET = [quiet(seed) for seed in (4, 5)]


def watched(program, pools):
    (judged,) = algorithms_of(histograms_of(watch_table([[answer(program, pool)] for pool in pools])))
    return judged


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_true_algorithm_is_never_ruled_out(program):
    low = mempool(9, transactions=8_000, median=0.6, spread=0.6, lowest=0.1)
    texts = [answer(program, pool) for pool in (*BUSY, *QUIET, low)]

    assert all(Algorithm[program] & int(one) for one in consistent_with(read_histograms(texts)))


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("ELECTRUMX_1_15", Algorithm.ELECTRUMX_1_15),
        ("ELECTRUMX_1_16", Algorithm.ELECTRUMX_1_16),
        ("ELECTRUMX_1_19", Algorithm.ELECTRUMX_1_19 | Algorithm.ELECTRUMX_1_20),
        ("ELECTRUMX_1_20", Algorithm.ELECTRUMX_1_19 | Algorithm.ELECTRUMX_1_20),
        ("FULCRUM_1_9_7", Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8),
        ("FULCRUM_1_9_8", Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8),
        ("ROMANZ", Algorithm.ROMANZ),
        ("ESPLORA_SINGLE", Algorithm.ESPLORA_SINGLE | Algorithm.BWT),
        ("ESPLORA_DOUBLE", Algorithm.ESPLORA_DOUBLE),
        ("EPS", Algorithm.EPS),
    ],
)
def test_busy_mempools_leave_one_class(program, allowed):
    assert watched(program, BUSY).algorithms == allowed


def test_a_quiet_mempool_leaves_open_which_integers_they_are():
    judged = watched("FULCRUM_1_9_8", QUIET)

    assert judged.algorithms & Algorithm.FULCRUM_1_9_8
    assert not judged.algorithms & (Algorithm.ELECTRUMX_1_20 | Algorithm.ESPLORA_DOUBLE | Algorithm.ROMANZ)


def test_who_never_had_a_bin_may_be_anybody():
    judged = algorithms_of(histograms_of(watch_table([[b'{"id":20,"result":[]}', None]])))

    assert [one.algorithms for one in judged] == [EVERY, EVERY]
    assert judged[0].name == "no bins seen"


def test_two_programs_behind_one_name_are_said_to_be_several():
    table = watch_table([[answer("ROMANZ", BUSY[0])], [answer("ESPLORA_SINGLE", BUSY[0])]])

    (judged,) = algorithms_of(histograms_of(table))

    assert judged.algorithms == 0
    assert judged.name == "several programs"


def test_a_set_is_named_by_programs_and_their_versions():
    assert name_of(Algorithm.ELECTRUMX_1_19 | Algorithm.ELECTRUMX_1_20) == "ElectrumX 1.16–1.19, ≥1.20"
    assert name_of(Algorithm.ESPLORA_SINGLE | Algorithm.BWT) == "electrs (esplora) before 2025 or bwt all"


def test_what_a_histogram_leaves_open_makes_no_class_of_its_own():
    fulcrum, romanz = Algorithm.FULCRUM_1_9_7 | Algorithm.FULCRUM_1_9_8, Algorithm.ROMANZ
    sets = [fulcrum, fulcrum, fulcrum | romanz, romanz, EVERY, Algorithm(0), Algorithm.EPS | Algorithm.ELECTRUMX_1_16]

    classes = classes_of([ServerAlgorithms(algorithms=one, histograms=1) for one in sets])

    assert classes[:4] == (*[name_of(fulcrum)] * 3, name_of(romanz))
    assert classes[4] == name_of(fulcrum)
    assert classes[5] == "several programs"
    assert classes[6] == name_of(sets[6])
