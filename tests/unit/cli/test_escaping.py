"""What is true of any text that the command prints: as cells of lines, as JSON, in a traceback."""

import contextlib
import io

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.cli.console import emit_json, emit_table
from electrum_observatory.cli.last_words import _print_traceback
from electrum_observatory.store.json_text import from_json_text
from tests.unit.report.strange import FORMULA_SIGNS, STRANGE, all_texts, hidden_in

ODD = STRANGE | st.floats() | st.integers() | st.none() | st.booleans()
LONGEST_TRACEBACK = 25_000


@all_texts
def test_lines_for_other_programs_have_their_cells_and_no_formula(text):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        emit_table("", ("name", "text", "count"), [("a", text, -1), (text, None, -0.5)])

    lines = printed.getvalue().removesuffix("\n").split("\n")

    assert [len(line.split("\t")) for line in lines] == [3, 3, 3]
    assert not hidden_in(printed.getvalue()) - {"\t", "\n"}
    words = [cell for line in lines for cell in line.split("\t") if cell not in ("-1", "-0.5")]
    assert not any(cell.strip()[:1] in FORMULA_SIGNS for cell in words if cell)


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD, max_size=4), st.dictionaries(STRANGE, ODD, max_size=3))
def test_json_is_strict_printable_and_brings_the_words_back(values, members):
    value = {"values": [*values, "\ud800", float("nan")], "members": members}

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        emit_json(value)
    text = printed.getvalue()

    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    msgspec.json.decode(text)  # accepts neither NaN nor half of a surrogate pair
    assert repr(from_json_text(text)) == repr(value)


@all_texts
def test_no_line_of_a_traceback_passes_for_another_record(text):
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        _print_traceback(RuntimeError, RuntimeError(text), None)
    shown = printed.getvalue()

    assert shown.endswith("\n")
    assert all(line.startswith("| ") for line in shown.removesuffix("\n").split("\n"))
    assert not hidden_in(shown) - {"\n"}
    assert len(shown) <= LONGEST_TRACEBACK
