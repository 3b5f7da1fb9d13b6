"""Messages from a server, read by the client."""

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from electrum_observatory.protocol.messages import (
    Notification,
    Parser,
    Reply,
    RpcError,
    Unintelligible,
    decode_server_message,
    encode_request,
    result_text,
)
from tests.unit.protocol.strategies import JSON_VALUES, TEXT


def reply(line: bytes) -> Reply:
    message = decode_server_message(line)
    assert isinstance(message, Reply), message
    return message


def test_a_request_is_compact_jsonrpc_first_with_one_newline() -> None:
    line = encode_request(0, "server.version", ["electrum-observatory/0.1.0", ["1.4", "1.6"]])

    assert line == (
        b'{"jsonrpc":"2.0","id":0,"method":"server.version","params":["electrum-observatory/0.1.0",["1.4","1.6"]]}\n'
    )


@settings(max_examples=50)
@given(request_id=st.integers(0, 2**31) | TEXT, method=TEXT, params=st.lists(JSON_VALUES, max_size=3))
def test_every_request_is_one_line_that_reads_back(request_id: int | str, method: str, params: list[object]) -> None:
    line = encode_request(request_id, method, params)

    assert line.count(b"\n") == 1
    assert json.loads(line) == {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


@settings(max_examples=50)
@given(value=JSON_VALUES, indent=st.none() | st.just(1), first=st.booleans())
def test_a_result_is_read_with_its_own_bytes(value: object, indent: int | None, first: bool) -> None:
    members = {"jsonrpc": "2.0", "result": value, "id": 7} if first else {"id": 7, "result": value}
    line = json.dumps(members, indent=indent).replace("\n", " ").encode() + b"\n"

    message = reply(line)

    assert (message.request_id, message.result, message.error, message.line) == (7, value, None, line)
    assert message.result_text is not None
    assert json.loads(message.result_text) == value
    assert message.result_text == message.result_text.strip()
    assert message.result_text in line


@given(line=st.binary(max_size=60))
@example(b"\xff\xfe{\x00}\x00")
@example(b'\xef\xbb\xbf{"result":NaN}')
@example('{"result":NaN}'.encode("utf-16"))
@example(b'{"result":1e999,"":{}}')
@example(b'{"error":NaN}')
@example(b'{"result":"\xed\xa0\x80"}')
def test_no_line_makes_the_reader_raise(line: bytes) -> None:
    assert decode_server_message(line).line == line


@given(
    pieces=st.lists(
        st.sampled_from('{}[]:," \\0129-+.eE') | st.sampled_from(["NaN", '"result"', '"error"']), max_size=15
    )
)
def test_no_near_json_makes_the_reader_raise(pieces: list[str]) -> None:
    line = ("{" + "".join(pieces) + "}").encode()

    assert decode_server_message(line).line == line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"id":0,"result": [1, 2]   }\n', b"[1, 2]"),
        (b'{"jsonrpc": "2.0", "result": {"a": 1.10}, "id": 0}\r\n', b'{"a": 1.10}'),
        (b'{"id":0,"result":0.00001000}\n', b"0.00001000"),
        (b'{"id":0,"x":{"result":5},"result":6}\n', b"6"),
        (b'{"id":0,"result":1,"result":2}\n', b"2"),
        (b'{"id":0,"result":null}\n', b"null"),
    ],
)
def test_result_text_is_the_member_as_it_stood(line: bytes, text: bytes) -> None:
    message = reply(line)

    assert (message.result_text, message.parser) == (text, Parser.STRICT)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"id":0,"result": NaN }\n', b"NaN"),
        (b'{"id":0,"result":[1e400, {"result": 1}]}\n', b'[1e400, {"result": 1}]'),
        (b'{"id":0,"result":"\\ud800"}\n', b'"\\ud800"'),
        (b'{"x":{"result":NaN},"s":"\\"result\\": 3","result":2}\n', b"2"),
        (b'{"result":1,"re\\u0073ult":NaN}\n', b"NaN"),
        (b'\xef\xbb\xbf{"id":0,"result":1}\n', b"1"),
    ],
)
def test_what_only_the_tolerant_parser_accepts_is_marked(line: bytes, text: bytes) -> None:
    message = reply(line)

    assert (message.result_text, message.parser) == (text, Parser.TOLERANT)


def test_numbers_beyond_64_bits_stay_whole() -> None:
    assert reply(b'{"id":0,"result":18446744073709551617}\n').result == 18446744073709551617


def test_not_a_number_stays_one() -> None:
    assert math.isnan(reply(b'{"id":0,"result":NaN}\n').result)


@pytest.mark.parametrize(
    ("member", "error"),
    [
        ('{"code": -32601, "message": "unknown method"}', RpcError(code=-32601, message="unknown method")),
        ('"unsupported method"', RpcError(code=None, message="unsupported method", bare_string=True)),
        ('{"message": "no code"}', RpcError(code=None, message="no code")),
        ('{"code": "1", "message": {"a": 1}}', RpcError(code=None, message='{"a": 1}')),
        ('{"code": true, "message": ""}', RpcError(code=None, message="")),
        ("[1]", RpcError(code=None, message="[1]")),
        ("NaN", RpcError(code=None, message="NaN")),
    ],
)
def test_errors_of_every_shape_are_results(member: str, error: RpcError) -> None:
    message = reply(b'{"jsonrpc":"2.0","error":' + member.encode() + b',"id":3}\n')

    assert (message.request_id, message.error, message.result, message.result_text) == (3, error, None, None)


def test_an_error_of_null_beside_a_result_is_no_error() -> None:
    message = reply(b'{"result":5,"error":null,"id":1}\n')

    assert (message.result, message.error) == (5, None)


def test_an_error_wins_over_a_result_of_null() -> None:
    assert reply(b'{"id":1,"result":null,"error":{"code":1,"message":"x"}}\n').error == RpcError(code=1, message="x")


def test_a_reply_without_an_id_has_none() -> None:
    assert reply(b'{"error":{"code":-32700,"message":"invalid JSON"}}\n').request_id is None


def test_a_message_with_a_method_is_a_notification() -> None:
    line = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":1}]}\n'

    assert decode_server_message(line) == Notification(
        method="blockchain.headers.subscribe", params=[{"height": 1}], line=line
    )


@pytest.mark.parametrize(
    ("line", "is_json", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", False, ""),
        (b"\n", False, ""),
        (b"\x15\x03\x01\x00\x02\x02\x46\n", False, ""),
        (b'{"id":0,"result":"\xff"}\n', False, "utf-8"),
        (b'[{"id":0,"result":1}]\n', True, "a batch"),
        (b'"hello"\n', True, "not an object"),
        (b'{"id":0}\n', True, "neither result, error nor method"),
        (b'{"id":0,"error":null,"method":5}\n', True, "neither result, error nor method"),
        (b"[" * 100_000, False, "nested deeper than 64"),
        (b'{"id":0,"result":' + b"9" * 5000 + b"}\n", False, "digits"),
    ],
)
def test_what_is_no_message_is_kept_with_the_reason(line: bytes, is_json: bool, why: str) -> None:
    message = decode_server_message(line)

    assert isinstance(message, Unintelligible)
    assert (message.line, message.is_json) == (line, is_json)
    assert why in message.why


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-32-be", "utf-16"])
def test_json_in_another_encoding_than_utf_8_is_none(encoding: str) -> None:
    """Nesting and digits are counted in bytes before any parser: 1,000 digits with NUL in between would pass."""
    line = ('{"id":1,"result":' + "9" * 1000 + "}\n").encode(encoding)

    message = decode_server_message(line)

    assert isinstance(message, Unintelligible)
    assert not message.is_json


def test_a_byte_order_mark_before_utf_8_is_tolerated() -> None:
    message = decode_server_message(b'\xef\xbb\xbf{"id":1,"result":7}\n')

    assert isinstance(message, Reply)
    assert (message.result, message.result_text, message.parser) == (7, b"7", Parser.TOLERANT)


def test_padding_does_not_change_the_meaning() -> None:
    message = reply(b'{"jsonrpc":"2.0","result":"x","id":0' + b" " * 900 + b"}\n")

    assert (message.result, message.result_text) == ("x", b'"x"')


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc":"2.0","result":["E","1.4"],"id":0      }\n',
        b'{"id":1,"jsonrpc":"2.0","result": 1e-05 }\r\n',
        b'{"result":NaN,"id":1}\n',
        b'{"result":null,"error":{"code":1,"message":"no"},"id":1}\n',
        b'{"result":"x","error":null,"id":1}\n',
        b'{"method":"x"}\n',
        b"not json\n",
        b"[" * 100 + b"]" * 100,
        b'{"result":null,"error":{"code":1,"message":"\x96"},"id":1}\n',  # found by fuzzing: it raised
        b'{"result":1,"error":1e999,"id":1}\n',
    ],
)
def test_the_result_text_alone_is_the_one_of_the_whole_message(line: bytes) -> None:
    message = decode_server_message(line)

    assert result_text(line) == (message.result_text if isinstance(message, Reply) else None)
