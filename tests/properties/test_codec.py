"""The codec keeps its promises on whatever strangers send; the promises themselves are those that are fuzzed."""

import json

from fuzz.frames import check_frames
from fuzz.lines import check_line, check_lines
from hypothesis import example, given, settings
from hypothesis import strategies as st

from electrum_observatory.protocol.limits import MAX_DEPTH, MAX_DIGITS, refusal
from electrum_observatory.protocol.messages import Reply, decode_server_message, encode_request
from electrum_observatory.protocol.requests import ClientRequest, decode_client_message
from tests.properties.strategies import LINES
from tests.unit.protocol.strategies import JSON_VALUES, TEXT


@settings(max_examples=50)
@given(line=LINES)
def test_no_line_of_odd_json_breaks_a_promise(line: bytes) -> None:
    check_line(line)


@settings(max_examples=50)
@given(lines=st.lists(LINES, max_size=4), rest=st.binary(max_size=20))
def test_no_stream_of_odd_lines_breaks_a_promise(lines: list[bytes], rest: bytes) -> None:
    check_lines(b"".join(lines) + rest)


@settings(max_examples=50)
@given(frames=st.lists(st.tuples(st.integers(0, 255), st.integers(0, 125), st.binary(max_size=125)), max_size=6))
@example(frames=[(0xC1, 3, b"\xaa\x56\x4a")])  # compressed, though no compression was agreed on
def test_no_frames_break_a_promise(frames: list[tuple[int, int, bytes]]) -> None:
    check_frames(b"".join(bytes([first, length]) + data[:length] for first, length, data in frames))


@settings(max_examples=50)
@given(
    request_id=st.integers(0, 2**53) | TEXT,
    method=TEXT,
    params=st.lists(JSON_VALUES, max_size=3),
)
def test_a_request_reads_back_on_the_server_s_side(request_id: int | str, method: str, params: list[object]) -> None:
    read = decode_client_message(encode_request(request_id, method, params))

    assert isinstance(read, ClientRequest)
    assert (read.request_id, read.method, read.params, read.has_id) == (request_id, method, params, True)


@settings(max_examples=50)
@given(value=JSON_VALUES, request_id=st.integers(0, 2**53), padding=st.integers(0, 2000))
def test_what_a_server_writes_is_what_we_read(value: object, request_id: int, padding: int) -> None:
    text = json.dumps({"jsonrpc": "2.0", "result": value, "id": request_id})

    message = decode_server_message((text[:-1] + " " * padding + "}\n").encode())

    assert isinstance(message, Reply)
    assert (message.request_id, message.result, message.error) == (request_id, value, None)


@settings(max_examples=50)
@given(depth=st.integers(1, 2 * MAX_DEPTH), opening=st.lists(st.sampled_from("[{"), min_size=1, max_size=8))
def test_nothing_deeper_than_the_cap_is_ever_parsed(depth: int, opening: list[str]) -> None:
    brackets = [opening[place % len(opening)] for place in range(depth)]
    line = "".join('{"a":' if bracket == "{" else "[" for bracket in brackets) + "1"

    assert (refusal(line.encode()) is not None) == (depth > MAX_DEPTH)


@settings(max_examples=50)
@given(digits=st.integers(1, 3 * MAX_DIGITS), before=st.sampled_from(["", "-", "0.", "1e", "[1,"]), text=TEXT)
def test_no_longer_number_than_the_cap_is_ever_parsed(digits: int, before: str, text: str) -> None:
    line = json.dumps(text) + before + "7" * digits

    assert (refusal(line.encode()) is not None) == (digits > MAX_DIGITS)
