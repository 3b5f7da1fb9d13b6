"""From the texts of answers to values, strangers' rubbish included."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.datasets.watch.answers import (
    EstimateState,
    HistogramState,
    LabelForm,
    read_estimates,
    read_fee_floor,
    read_tip,
)
from electrum_observatory.datasets.watch.histogram_columns import read_histogram, read_histograms
from electrum_observatory.datasets.watch.histogram_lines import MOST_BINS


def histogram(result: str) -> bytes:
    return f'{{"jsonrpc":"2.0","result":{result},"id":20}}\n'.encode()


def test_bins_are_read_as_they_stand():
    reading = read_histogram(histogram("[[12.5,30211],[3.0,41000]]"))

    assert reading.state is HistogramState.BINS
    assert reading.rates.tolist() == [12.5, 3.0]
    assert reading.sizes.tolist() == [30211, 41000]
    assert reading.forms == LabelForm.TENTH | LabelForm.WHOLE
    assert not reading.spaced


def test_blanks_between_members_are_noticed():
    assert read_histogram(histogram("[[12, 130211]]")).spaced


@pytest.mark.parametrize("result", ["[]", "[[0,0]]", "[[0, 0]]", "[[7,0],[3,0],[1,0],[0,0]]"])
def test_no_bin_and_nothing_in_any_bin_are_empty(result):
    assert read_histogram(histogram(result)).state is HistogramState.EMPTY


@pytest.mark.parametrize(
    "line", ['{"error":{"code":-32603,"message":"no"},"id":20,"jsonrpc":"2.0"}', '{"error":"no","id":20}']
)
def test_an_error_is_not_an_empty_mempool(line):
    assert read_histogram(line.encode()).state is HistogramState.ERROR


@pytest.mark.parametrize(
    "result",
    [
        "null",
        "3",
        "{}",
        "[1,2]",
        "[[1]]",
        "[[1,2,3]]",
        '[["3",100]]',
        "[[true,100]]",
        "[[null,100]]",
        "[[NaN,100]]",
        "[[1e400,100]]",
        "[[2,-5]]",
        "[[-1,5]]",
        "[[1,100],[2,100]]",
        "[[2,100],[2,100]]",
        f"[[1,{10**30}]]",
        f"[[2,{10**10}],[1,1]]",
        f"[[1,{'9' * 390}]]",
        "[[[2,1],[1,1]]]",
        "[[2,[1]],[1,1]]",
    ],
)
def test_what_is_no_histogram_is_malformed(result):
    assert read_histogram(histogram(result)).state is HistogramState.MALFORMED


def test_more_bins_than_any_mempool_has_are_malformed():
    many = ",".join(f"[{rate},1]" for rate in range(MOST_BINS + 1, 0, -1))

    assert read_histogram(histogram(f"[{many}]")).state is HistogramState.MALFORMED


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"[" * 100_000, b'{"result":[[1,1]],"id":21}\n', b"[[1,1]]"])
def test_what_is_no_reply_to_the_question_is_malformed(text):
    assert read_histogram(text).state is HistogramState.MALFORMED


@pytest.mark.parametrize(
    ("label", "form"),
    [
        ("3", LabelForm.INTEGER),
        ("3.0", LabelForm.WHOLE),
        ("3.1", LabelForm.TENTH),
        ("3.125", LabelForm.SHORT),
        ("3.003911", LabelForm.SINGLE),
        ("12.0000105", LabelForm.SINGLE),
        ("3.003911018371582", LabelForm.SINGLE),  # the same 32-bit float, printed as a 64-bit one
        ("3.0039113428943937", LabelForm.LONG),
    ],
)
def test_a_feerate_tells_how_it_was_written(label, form):
    assert read_histogram(histogram(f"[[{label},70000]]")).forms == form


def test_each_answer_keeps_its_own_bins_beside_others():
    texts = ["[[3,50]]", "[]", "[[1,2],[3,4]]", "[[9.5,1],[2.25,0]]", f"[[1,{'9' * 390}]]", "[[2,7]]"]

    read = read_histograms([histogram(text) for text in texts])

    assert [one.rates.tolist() for one in map(read.__getitem__, range(6))] == [[3], [], [], [9.5, 2.25], [], [2]]
    assert [int(state) for state in read.state] == [0, 1, 3, 0, 3, 0]
    assert read[3].forms == LabelForm.TENTH | LabelForm.SHORT


def test_a_tip_is_height_and_header():
    tip = read_tip(b'{"id":21,"jsonrpc":"2.0","result":{"height":7,"hex":"' + b"ab" * 80 + b'"}}\r\n')

    assert tip is not None
    assert (tip.height, tip.header) == (7, b"\xab" * 80)


@pytest.mark.parametrize(
    "result",
    [
        '{"height":7,"hex":"abab"}',
        '{"height":7.0,"hex":"' + "ab" * 80 + '"}',
        '{"height":-7,"hex":"' + "ab" * 80 + '"}',
        '{"height":true,"hex":"' + "ab" * 80 + '"}',
        '{"height":7,"hex":"' + "zz" * 80 + '"}',
        "[]",
    ],
)
def test_what_is_no_tip_is_none(result):
    assert read_tip(f'{{"id":21,"result":{result}}}'.encode()) is None


def test_both_methods_tell_the_relay_fee_and_only_one_tells_the_other_floors():
    old = read_fee_floor(b'{"id":22,"result":1e-05}\n')
    new = read_fee_floor(
        b'{"id":23,"result":{"mempoolminfee":1.2e-06,"minrelaytxfee":1e-06,"incrementalrelayfee":1e-06}}\n'
    )

    assert old.relay == 1e-05
    assert math.isnan(old.mempool_minimum)
    assert (new.relay, new.mempool_minimum, new.incremental) == (1e-06, 1.2e-06, 1e-06)


@pytest.mark.parametrize("line", ['{"id":22,"error":"no"}', '{"id":22,"result":-1}', '{"id":23,"result":[]}', "?"])
def test_what_tells_no_floor_is_nan(line):
    assert math.isnan(read_fee_floor(line.encode()).relay)


def test_a_fee_no_estimate_an_error_rubbish_and_silence_are_kept_apart():
    lines = [
        '{"id":30,"result":0.00012}',
        '{"id":31,"result":-1}',
        '{"id":32,"error":{"code":2,"message":"no"}}',
        '{"id":33,"result":NaN}',
        '{"id":34,"result":0}',
        '{"id":true,"result":5}',
        '{"id":36,"result":-1.0}',
    ]

    states, fees = read_estimates("\r\n".join(lines).encode())

    assert states == (
        EstimateState.FEE,
        EstimateState.NO_ESTIMATE,
        EstimateState.ERROR,
        EstimateState.MALFORMED,
        EstimateState.MALFORMED,
        EstimateState.ABSENT,
        EstimateState.NO_ESTIMATE,
    )
    assert fees[0] == 0.00012
    assert np.isnan(fees[1:]).all()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40) | JSON.map(lambda value: histogram(json.dumps(value))), max_size=4))
def test_no_text_raises_and_none_spoils_its_neighbour(texts):
    honest = histogram("[[9.5,40001],[4.0,60001]]")

    read = read_histograms([*texts, honest])

    assert len(read) == len(texts) + 1
    assert read[len(texts)].sizes.tolist() == [40001, 60001]
    for text in texts:
        read_tip(text), read_fee_floor(text), read_estimates(text)
