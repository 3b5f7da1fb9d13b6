"""The spelling of a line: order, spacing, ends, padding, escaping, numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.protocol.dialect import WireForm, read_line

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def form(line: bytes) -> WireForm:
    read = read_line(line)
    assert read is not None
    return read.form


def test_a_spaced_reply_in_order_of_writing():
    found = form(b'{"jsonrpc": "2.0", "result": {"hex": "00", "height": 7}, "id": 7.0}\n')

    assert found.keys == ("jsonrpc", "result", "id")
    assert found.result_keys == ("hex", "height")
    assert (found.separators, found.terminator, found.pad_length) == ("spaced", "lf", 0)
    assert found.id_text == "7.0"


def test_a_compact_error_by_alphabet():
    found = form(b'{"error":{"code":1,"message":"no, never: \\u00e9"},"id":"a","jsonrpc":"2.0"}\r\n')

    assert found.keys == ("error", "id", "jsonrpc")
    assert found.error_keys == ("code", "message")
    assert (found.error_form, found.separators, found.terminator) == ("object", "compact", "crlf")
    assert (found.escaping, found.id_text) == ("escaped", '"a"')


def test_an_error_that_is_a_string():
    found = form(b'{"error":"bad script_hash","id":1,"jsonrpc":"2.0"}\n')

    assert (found.error_form, found.error_keys) == ("string", None)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_padding_is_measured_and_the_length_is_as_it_came(end: bytes):
    bare = b'{"jsonrpc":"2.0","result":null,"id":0'

    found = form(bare + b" " * (1024 - len(bare) - 1 - len(end)) + b"}" + end)

    assert found.pad_length == 1024 - len(bare) - 1 - len(end)
    assert (found.length, found.separators) == (1024, "compact")
    assert found.id_text == "0"


@pytest.mark.parametrize(
    ("between", "inside", "expected"),
    [(", ", ",", ("compact", ", ")), (",", ",", ("compact", ",")), (", ", ", ", ("mixed", ", "))],
)
def test_elements_of_a_batch_are_joined_in_a_way_of_their_own(between: str, inside: str, expected: tuple[str, str]):
    element = f'{{"jsonrpc":"2.0"{inside}"result":["a, b"{inside}"c"]{inside}"id":1}}'

    found = form(f"[{element}{between}{element}]\n".encode())

    assert (found.separators, found.joiner) == expected
    assert found.keys == ("jsonrpc", "result", "id")


def test_numbers_keep_their_texts():
    assert form(b'{"id":1,"result":[1e-05,0.00001,1.5,3]}\n').floats == ("1e-05", "0.00001", "1.5")


def test_an_escaped_backslash_before_a_u_is_no_escape():
    assert form(b'{"id":1,"result":"C:\\\\u00e9"}').escaping is None
    assert form('{"id":1,"result":"é"}'.encode()).escaping == "raw"
    assert form(b'{"id":1,"result":"\\u0007"}').escaping is None, "control characters are escaped by everybody"


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"hello\n", b"5\n", b'"x"\n', b"[]\n", b"[1]\n", b'{"id":1', b"\xff\n", b"[" * 9999]
)
def test_what_is_no_message_has_no_form(line: bytes):
    assert read_line(line) is None


@given(value=VALUES, spaced=st.booleans(), request_id=st.integers(0, 2**60) | st.text(max_size=8))
def test_spacing_and_id_are_read_whatever_the_result_holds(value: object, spaced: bool, request_id: int | str):
    separators = (", ", ": ") if spaced else (",", ":")
    message = {"jsonrpc": "2.0", "result": value, "id": request_id}

    found = form(json.dumps(message, separators=separators).encode() + b"\n")

    assert found.separators == ("spaced" if spaced else "compact")
    assert found.id_text == json.dumps(request_id)
    assert found.keys == ("jsonrpc", "result", "id")


@given(line=st.binary(max_size=60))
def test_no_line_breaks_the_reader(line: bytes):
    read_line(line)


@pytest.mark.parametrize("hostile", ["spaces", "batch", "backslashes", "ids"])
def test_a_line_made_to_be_slow_is_read_in_one_pass(hostile: str):
    spaces = " " * (1 << 20)
    lines = {
        "spaces": f'{{"id":1,"result":[1{spaces}],"jsonrpc":"2.0"}}',
        "batch": f'[{{"id":1,"result":[1{spaces}]}}{spaces},{{"id":2,"result":null}}{spaces}]',
        "backslashes": '{"id":1,"result":"' + "\\\\" * (1 << 19) + '"}',
        "ids": '{"result":["' + '\\"id\\" ' * (1 << 17) + '"],"id":1}',
    }

    assert form(lines[hostile].encode()).keys[0] in ("id", "result")


@pytest.mark.parametrize("begun", [b'{"a":"', b'{"a":'])
def test_strings_that_never_end_are_looked_at_once(begun: bytes) -> None:
    assert read_line(begun + b'\\"' * 500_000 + b"\n") is None
