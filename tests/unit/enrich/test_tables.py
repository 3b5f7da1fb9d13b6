"""The file format of the embedded tables and the search in them."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.enrich.table_builder import merged
from electrum_observatory.enrich.tables import RangeTable, Texts, read_columns, write_columns
from electrum_observatory.model.errors import InputError

BITS = 16


@st.composite
def disjoint_rows(draw: st.DrawFn) -> list[tuple[int, int, str]]:
    """Ascending, disjoint ranges with gaps or without, of few values, so that neighbours often merge."""
    cuts = sorted(draw(st.sets(st.integers(0, 1 << BITS), min_size=2, max_size=30)))
    ranges = pairwise(cuts)
    return [(first, after, draw(st.sampled_from("ABC"))) for first, after in ranges if draw(st.booleans())]


@given(rows=disjoint_rows(), keys=st.lists(st.integers(0, (1 << BITS) - 1), min_size=1, max_size=20))
def test_search_answers_as_a_linear_scan_does(rows: list[tuple[int, int, str]], keys: list[int]) -> None:
    numbers = {"A": 1, "B": 2, "C": 3}
    starts, found = merged(rows, numbers.__getitem__, bits=BITS)
    table = RangeTable(starts=starts, rows=found)

    for key in [*keys, *(first for first, _, _ in rows), *(after - 1 for _, after, _ in rows)]:
        expected = next((numbers[value] for first, after, value in rows if first <= key < after), 0)
        assert table.find(key) == expected


@given(rows=disjoint_rows())
def test_equal_neighbours_become_one_range(rows: list[tuple[int, int, str]]) -> None:
    _, found = merged(rows, "_ABC".index, bits=BITS)

    assert all(left != right for left, right in pairwise(found))


def test_where_a_range_runs_into_the_next_the_next_wins() -> None:
    starts, found = merged([(0, 10, "A"), (5, 20, "B")], "_AB".index, bits=BITS)

    assert (starts.tolist(), found.tolist()) == ([0, 5, 20], [1, 2, 0])


@pytest.mark.parametrize("second", [(5, 8, "B"), (0, 12, "B")], ids=["inside another", "not after another"])
def test_ranges_that_do_not_ascend_are_refused(second: tuple[int, int, str]) -> None:
    with pytest.raises(InputError, match=f"do not ascend at {second[0]}"):
        merged([(0, 10, "A"), second], "_AB".index, bits=BITS)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i2"])
def test_columns_come_back_as_written(tmp_path: Path, dtype: str) -> None:
    info = np.iinfo(dtype)
    columns = {"rows": np.array([info.min, 0, 7, info.max], dtype=dtype), "starts": np.array([0, 3, 2**32 - 1], "u4")}

    write_columns(tmp_path / "t.columns", columns)

    back = read_columns(tmp_path / "t.columns")
    assert {name: column.tolist() for name, column in back.items()} == {n: c.tolist() for n, c in columns.items()}
    assert {name: column.dtype for name, column in back.items()} == {n: c.dtype for n, c in columns.items()}


def test_texts_come_back_one_by_one() -> None:
    texts = ["", "Zürich", "São Paulo", "x" * 300]

    column = Texts(Texts.column(texts))

    assert [column[index] for index in range(len(column))] == texts


def test_a_text_with_a_newline_is_refused() -> None:
    with pytest.raises(ValueError, match="newline"):
        Texts.column(["a\nb"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: b"",
        lambda good: good[:-20],
        lambda good: good.replace(b'"rows": 3', b'"rows": 4', 1),
        lambda good: good.replace(b'"version": 1', b'"version": 2', 1),
        lambda good: b"\xff\xfe" + good,
        lambda good: b"[]\n",
    ],
    ids=["empty", "cut", "wrong count", "other version", "not text", "other JSON"],
)
def test_a_damaged_table_is_refused_by_name(tmp_path: Path, damage) -> None:
    path = tmp_path / "t.columns"
    write_columns(path, {"starts": np.array([0, 5, 9], "u4")})
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(InputError, match=r"t\.columns.*install"):
        read_columns(path)


def test_a_missing_table_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.columns"):
        read_columns(tmp_path / "none.columns")
