"""Histograms are taken apart only where the very same bytes come out again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.store.watching.histogram_text import put_together, take_apart

RATES = st.one_of(
    st.integers(0, 5000),
    st.integers(0, 50_000).map(lambda tenths: tenths / 10),
    st.floats(0, 1e6, allow_nan=False),
)
BINS = st.lists(st.tuples(RATES, st.integers(-5, 2**70)), max_size=30)


@given(BINS, st.sampled_from([(",", ":"), (", ", ": ")]), st.sampled_from(["\n", "\r\n", ""]))
def test_what_is_taken_apart_comes_out_byte_for_byte(
    bins: list[tuple[float, int]], spaces: tuple[str, str], end: str
) -> None:
    data = (json.dumps({"jsonrpc": "2.0", "result": bins, "id": 20}, separators=spaces) + end).encode()

    parts = take_apart(data)

    assert parts is None or put_together(parts) == data


@given(st.binary(max_size=60) | st.text('[]{}0123456789.,:e-+ "\n', max_size=60).map(str.encode))
def test_strange_bytes_are_kept_as_they_came_or_come_out_the_same(data: bytes) -> None:
    parts = take_apart(data)

    assert parts is None or put_together(parts) == data


@pytest.mark.parametrize(
    ("line", "rates", "sizes", "style"),
    [
        (b'{"id":20,"jsonrpc":"2.0","result":[[53,30120],[1,250000]]}\n', [53, 1], [30120, 250000], "[%d,%d],"),
        (b'{"jsonrpc": "2.0", "result": [[3.0, 7], [1.5, 0]], "id": 20}\n', [3, 1.5], [7, 0], "[%.1f, %d], "),
        (
            b'{"result":[[3.003911,50123],[2.0050001,50001]],"id":20}\n',
            [3.003911, 2.0050001],
            [50123, 50001],
            "[%r,%d],",
        ),
        (b'{"result":[[12.3,45012]],"id":20}\n', [12.3], [45012], "[%.1f,%d],"),
        (b'{"result":[],"id":20}\n', [], [], ""),
    ],
)
def test_every_program_s_way_to_write_is_known(line: bytes, rates: list[float], sizes: list[int], style: str) -> None:
    parts = take_apart(line)

    assert parts is not None
    assert (list(parts.rates), list(parts.sizes), parts.style) == (rates, sizes, style)
    assert put_together(parts) == line
