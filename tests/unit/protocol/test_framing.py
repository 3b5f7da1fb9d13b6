"""Bytes to lines, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.errors import VisitError
from electrum_observatory.protocol.framing import LineSplitter

CHUNKS = st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n", b"a\nb\n", b""]), max_size=10)


@given(chunks=CHUNKS)
def test_lines_do_not_depend_on_how_the_bytes_were_cut(chunks: list[bytes]) -> None:
    splitter = LineSplitter(1000)

    lines = [line for chunk in chunks for line in splitter.feed(chunk)]

    stream = b"".join(chunks)
    assert lines == [part + b"\n" for part in stream.split(b"\n")[:-1]]
    assert splitter.pending_bytes == len(stream) - sum(map(len, lines))


@given(chunks=CHUNKS, cap=st.integers(1, 15))
def test_a_stream_passes_exactly_when_no_line_of_it_is_too_long(chunks: list[bytes], cap: int) -> None:
    splitter = LineSplitter(cap)
    *ended, rest = b"".join(chunks).split(b"\n")
    fits = len(rest) <= cap and all(len(line) < cap for line in ended)

    try:
        for chunk in chunks:
            splitter.feed(chunk)
        passed = True
    except VisitError:
        passed = False

    assert passed == fits
    assert splitter.pending_bytes <= cap


def test_a_line_of_exactly_the_cap_passes_terminator_included() -> None:
    assert LineSplitter(5).feed(b"1234\n") == [b"1234\n"]


@pytest.mark.parametrize(
    ("before", "last"), [(b"", b"12345\n"), (b"", b"123456"), (b"123", b"456"), (b"1\n", b"23456\n")]
)
def test_a_line_of_more_than_the_cap_is_refused_ended_or_not(before: bytes, last: bytes) -> None:
    splitter = LineSplitter(5)
    splitter.feed(before)

    with pytest.raises(VisitError, match="request/line_too_long: a line of more than 5 bytes"):
        splitter.feed(last)


def test_carriage_returns_stay_where_they_were() -> None:
    assert LineSplitter(99).feed(b'{"id":0}\r\n{"id":1}\n') == [b'{"id":0}\r\n', b'{"id":1}\n']
