"""Messages from a client, read by the server's side."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.protocol.messages import encode_request
from electrum_observatory.protocol.requests import ClientBatch, ClientRequest, NotARequest, decode_client_message
from tests.unit.protocol.strategies import TEXT


@settings(max_examples=50)
@given(request_id=st.integers(0, 2**31), method=TEXT, params=st.lists(TEXT | st.integers(), max_size=4))
def test_what_our_client_writes_the_server_side_reads(request_id: int, method: str, params: list[object]) -> None:
    line = encode_request(request_id, method, params)

    message = decode_client_message(line)

    assert isinstance(message, ClientRequest)
    assert (message.request_id, message.method, message.params, message.has_id) == (request_id, method, params, True)
    assert message.line == line


@given(line=st.binary(max_size=80))
def test_no_line_makes_the_reader_raise(line: bytes) -> None:
    assert decode_client_message(line).line == line


def test_members_keep_their_order() -> None:
    message = decode_client_message(b'{"params": [], "method": "server.ping", "id": 1}\n')

    assert isinstance(message, ClientRequest)
    assert list(message.members) == ["params", "method", "id"]


@pytest.mark.parametrize(
    ("line", "method", "params", "request_id", "has_id"),
    [
        (b"{}\n", None, None, None, False),
        (b'{"id":null,"method":"server.ping"}\n', "server.ping", None, None, True),
        (b'{"method":5,"params":{"a":1},"id":"x"}\n', None, {"a": 1}, "x", True),
        (b'{"id":1,"id":2,"method":"a"}\n', "a", None, 2, True),
    ],
)
def test_missing_and_strange_members_are_told_apart(
    line: bytes, method: str | None, params: object, request_id: object, has_id: bool
) -> None:
    message = decode_client_message(line)

    assert isinstance(message, ClientRequest)
    assert (message.method, message.params, message.request_id, message.has_id) == (method, params, request_id, has_id)


def test_a_list_is_a_batch_of_whatever_it_holds() -> None:
    elements = [{"id": 1}, 5, [], None]

    assert decode_client_message(json.dumps(elements).encode()) == ClientBatch(
        elements=elements, line=json.dumps(elements).encode()
    )


@pytest.mark.parametrize(
    ("line", "value", "is_json", "bad_utf8"),
    [
        (b"5\n", 5, True, False),
        (b'"x"\n', "x", True, False),
        (b"null\n", None, True, False),
        (b"GET / HTTP/1.1\r\n", None, False, False),
        (b"\xff\xfe\n", None, False, True),
        (b"[" * 1000, None, False, False),
        (b"\n", None, False, False),
    ],
)
def test_other_lines_are_no_requests(line: bytes, value: object, is_json: bool, bad_utf8: bool) -> None:
    assert decode_client_message(line) == NotARequest(line=line, value=value, is_json=is_json, bad_utf8=bad_utf8)
