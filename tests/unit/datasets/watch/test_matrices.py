"""Matrices of rounds by servers: each distinct text read once, what is absent staying absent."""

import numpy as np

from electrum_observatory.datasets.watch.answers import EstimateState, HistogramState
from electrum_observatory.datasets.watch.fees_and_tips import estimates_of, fee_floors_of, tips_of
from electrum_observatory.datasets.watch.histograms import histograms_of
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.datasets.watch.worlds import histogram_text, watch_table

SHORT, LONG = histogram_text([(3, 50_000)]), histogram_text([(9, 40_000), (3, 50_000)])
LONG_AS_FLOATS = histogram_text([(9.0, 40_000), (3.0, 50_000)])


def test_histograms_stand_where_they_were_given():
    histograms = histograms_of(watch_table([[SHORT, LONG], [None, LONG]]))

    assert histograms.at.tolist() == [[0, 1], [NOTHING, 1]]
    assert len(histograms.distinct) == 2
    assert histograms.distinct[1].rates.tolist() == [9, 3]
    assert histograms.distinct.bin_of.tolist() == [0, 1, 1]


def test_equal_pairs_have_equal_content_however_written():
    histograms = histograms_of(watch_table([[LONG, LONG_AS_FLOATS, SHORT, histogram_text([])]]))

    first, second, other, empty = histograms.content[0]
    assert first == second != other
    assert empty == NOTHING
    assert histograms.distinct[3].state is HistogramState.EMPTY


def test_a_question_that_nobody_was_asked_is_all_nothing():
    table = watch_table([[SHORT, LONG]])

    assert tips_of(table).height.tolist() == [[NOTHING, NOTHING]]
    assert np.isnan(fee_floors_of(table).relay).all()
    assert (estimates_of(table).state == EstimateState.ABSENT).all()


def test_tips_and_floors_stand_where_they_were_told():
    tip = b'{"id":21,"result":{"height":5,"hex":"' + b"00" * 80 + b'"}}'
    tips = tips_of(watch_table([[tip, None, b"?"]], Question.TIP))
    floors = fee_floors_of(watch_table([[b'{"id":22,"result":1e-06}', None, b"?"]], Question.FEE_FLOOR))

    assert tips.height.tolist() == [[5, NOTHING, NOTHING]]
    assert tips.header_at.tolist() == [[0, NOTHING, NOTHING]]
    assert tips.headers == [bytes(80)]
    assert floors.relay[0, 0] == 1e-06
    assert np.isnan(floors.relay[0, 1:]).all()


def test_estimates_stand_by_round_server_and_target():
    read = estimates_of(watch_table([[b'{"id":30,"result":0.0002}\n{"id":31,"result":-1}', None]], Question.ESTIMATES))

    assert read.fee[0, 0, 0] == 0.0002
    assert read.state[0, 0, :3].tolist() == [EstimateState.FEE, EstimateState.NO_ESTIMATE, EstimateState.ABSENT]
    assert read.text_at.tolist() == [[0, NOTHING]]
