"""The short way and the long way of reading a line say the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.datasets.watch.answers import HistogramState
from electrum_observatory.datasets.watch.histogram_lines import read_line

LINES = (
    b'{"jsonrpc":"2.0","result":[[12.5,30211],[3.0,41000],[1,7e3]],"id":20}',
    b'{"jsonrpc": "2.0", "result": [[31, 30211], [3, 41000]], "id": 20}',
    b'{"id":20,"jsonrpc":"2.0","result":[[31,30211]],"error":null}\r\n',
)
PIECES = (
    *(b'"result":[[5,5]],', b'"result": [[5, 5]],', b'"error":{"code":1},', b'"error":null,', b'"id":1,'),
    *(b'"id":20.0,', b'"jsonrpc":"[, ]",', b'"jsonrpc":"\\"",', b'"jsonrpc":2,', b'"method":"x",', b", ", b"."),
    *(b"9" * 401, b"0." + b"9" * 401, b"9" * 20, b"1e400", b"NaN", b"null", b"true", b"[1,2],", b"[1],", b"\xff"),
    *(b"[", b"]", b" ", b"-", b"\\"),
)


def the_long_way(line: bytes) -> bytes:
    """A member that no program sends leads off the short way."""
    return b'{"x":0,' + line[1:]


def said(line: bytes) -> object:
    read = read_line(line)
    return read.state, read.spaced, [[(type(number), number) for number in pair] for pair in read.pairs]


@pytest.mark.parametrize("line", LINES)
def test_usual_lines_are_read(line):
    assert read_line(line).state is HistogramState.BINS
    assert said(line) == said(the_long_way(line))


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("line", LINES)
def test_a_piece_put_in_anywhere_is_judged_alike(line, piece):
    for place in range(1, len(line) + 1):
        changed = line[:place] + piece + line[place:]
        assert said(changed) == said(the_long_way(changed)), changed


@settings(max_examples=60)
@given(st.sampled_from(LINES), st.data())
def test_lines_with_bytes_changed_are_judged_alike(line, data):
    changed = bytearray(line)
    for place in data.draw(st.lists(st.integers(1, len(line) - 1), max_size=3)):
        changed[place] = data.draw(st.sampled_from(b'[]{},:."0129eE- \\\xc3'))

    assert said(bytes(changed)) == said(the_long_way(bytes(changed)))
