"""Bytes come back exactly as they came, and equal answers are kept once."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.protocol.dialect import repad, unpad
from electrum_observatory.store.blobs import result_span, to_reference, to_witness
from electrum_observatory.store.json_text import from_json_text, to_json_text
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.factories import CAMPAIGN_ID, make_observation, make_witness

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters()) | st.sampled_from(["$float", "$text", "$object"]), inner, max_size=4)
    ),
    max_leaves=12,
)
_LINES = st.builds(
    lambda body, spaces, bracket, end: body + b" " * spaces + bracket + end,
    st.binary(max_size=60) | st.sampled_from([b'{"id":0,"result":["x"]', b'{"result": [ ]', b"", b" "]),
    st.integers(0, 2000),
    st.sampled_from([b"}", b"]", b"", b"}}"]),
    st.sampled_from([b"\n", b"\r\n", b"", b"\r", b" \n", b"\n\n"]),
)


@settings(deadline=None)
@given(line=_LINES)
def test_a_reply_of_any_bytes_padding_and_terminator_is_restored(line: bytes) -> None:
    witness = Witness(kind=WitnessKind.REPLY, data=line, label="7", received_monotonic_ns=5)

    assert to_witness(to_reference(witness)) == witness
    assert repad(unpad(line)) == line


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(lines=st.lists(_LINES, max_size=5), certificate=st.binary(max_size=80))
def test_witnesses_pass_through_the_database_unharmed(
    lines: list[bytes], certificate: bytes, store: LiveStore, data_dir
) -> None:
    witnesses = [make_witness(data=line) for line in lines]
    witnesses.append(Witness(kind=WitnessKind.CERTIFICATE, data=certificate, label="0"))
    seen = make_observation(witnesses=tuple(witnesses))

    store.record_many([seen])

    with StoreReader.open(data_dir) as reader:
        assert list(reader.observations(CAMPAIGN_ID, with_witnesses=True))[-1] == seen


@settings(deadline=None)
@example("NaN")
@given(value=_JSON)
def test_strange_json_is_kept_in_text_that_strict_parsers_read(value: object) -> None:
    text = to_json_text(value)

    assert text.isascii()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"a bare {word}"))
    assert repr(from_json_text(text)) == repr(value)


def test_equal_answers_with_different_padding_are_one_blob(store: LiveStore, data_dir) -> None:
    bare = b'{"jsonrpc":"2.0","result":"hello","id":4}\n'
    padded = b'{"jsonrpc":"2.0","result":"hello","id":4' + b" " * 983 + b"}\n"

    store.record_many([make_observation(witnesses=(make_witness(data=one),)) for one in (bare, padded)])

    connection = store._writer._connection
    assert connection.execute("SELECT data FROM blobs").fetchall() == [(bare,)]
    rows = connection.execute("SELECT pad_at, pad_length, result_start, result_end FROM witnesses").fetchall()
    assert rows == [(None, 0, 26, 33), (40, 983, 26, 33)]
    assert bare[26:33] == b'"hello"'


def test_the_span_is_that_of_the_result_member_itself() -> None:
    line = b'{"id":1,"note":"\\"result\\": 5","result" : {"result": 5} }\n'
    start, end = result_span(line)

    assert line[start:end] == b'{"result": 5}'
    assert result_span(b'{"id":1,"error":{"code":1,"message":"x"}}\n') is None
    assert result_span(b"no JSON at all") is None
    assert result_span(b"[" * 5000) is None
