"""Columns of Arrow hold what SQLite's rows held, whatever repeats and whatever is missing."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.store.arrow_columns import column, repeated

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
_VALUES = {
    pa.string(): _TEXT | st.just("same"),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.bool_(): st.sampled_from([0, 1]),
    pa.binary(16): st.binary(min_size=16, max_size=16),
}


@pytest.mark.parametrize("kind", _VALUES, ids=str)
@given(data=st.data())
def test_a_column_brings_its_values_back(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(_VALUES[kind] | st.none(), min_size=1, max_size=20))

    made = column(tuple(values), kind)

    made.validate(full=True)
    assert made.type == kind
    assert made.null_count == values.count(None)
    assert made.to_pylist() == values


@given(text=_TEXT, times=st.integers(1, 20))
def test_text_that_repeats_is_the_same_in_every_row(text: str, times: int) -> None:
    for made in (repeated(text, times), column((text,) * times, pa.string())):
        made.validate(full=True)
        assert made.to_pylist() == [text] * times


def test_a_type_that_no_table_has_is_refused() -> None:
    with pytest.raises(KeyError):
        column((1.5,), pa.float64())
