"""The page of the lab in time prints every range as it is drawn from."""

from pathlib import Path

import pytest

from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log
from electrum_observatory.lab.time.ranges_page import ranges_table

PAGE = Path(__file__).parents[3] / "docs/lab/time.md"


def test_the_page_prints_the_table_of_ranges():
    assert PAGE.read_text(encoding="utf-8").endswith(ranges_table()), "append ranges_table() to docs/lab/time.md"


@pytest.mark.parametrize("name", RANGES)
def test_every_range_is_one_and_says_where_it_comes_from(name: str):
    one = RANGES[name]

    assert one.low <= one.high
    assert one.source
    assert one.low <= draw(name, 1, "somebody") <= one.high
    assert one.low == 0 or one.low * (1 - 1e-9) <= draw_log(name, 1, "somebody") <= one.high * (1 + 1e-9)
