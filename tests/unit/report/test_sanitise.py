import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from electrum_observatory.report.sanitise import for_csv, for_html, for_markdown, for_terminal, sanitise
from tests.unit.report.campaigns import HOSTILE

HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@given(st.text(st.characters(), max_size=60))
def test_nothing_hidden_is_left(text):
    assert not {unicodedata.category(character) for character in sanitise(text)} & HIDDEN


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a\x00b", "a⟨NUL⟩b"),
        ("\x1b[31m", "⟨ESC⟩[31m"),
        ("\x7f", "⟨DEL⟩"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ("a\r\nb", "a⟨CR⟩⟨LF⟩b"),
        ("\ud800", "⟨U+D800⟩"),
        ("Grüße, 世界 ⚡", "Grüße, 世界 ⚡"),
    ],
)
def test_what_could_act_on_a_screen_is_shown_as_a_picture(sent, shown):
    assert sanitise(sent) == shown


def test_line_breaks_stay_where_lines_are_wanted():
    assert sanitise("a\r\nb\nc\rd", multiline=True) == "a\nb\nc⟨CR⟩d"


def test_long_text_is_cut_and_says_so():
    assert sanitise("x" * 5_000, limit=10) == "x" * 10 + "… (4,990 more characters)"


def test_stacked_marks_do_not_grow_into_other_lines():
    assert sanitise("Z" + "\u0337" * 9).count("\u0337") == 3


@pytest.mark.parametrize("sent", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "  =1", "\t=1", "\r=1", "a;=1", "a|@b"])
def test_no_cell_can_be_taken_for_a_formula(sent):
    cell = for_csv(sent)

    for part in cell.replace("|", ";").split(";"):
        assert part.strip()[:1] not in set("=+-@＝＋－＠\t\r")


def test_an_ordinary_cell_is_left_alone():
    assert for_csv("ElectrumX 1.16.0, e-mail a@b.example") == "ElectrumX 1.16.0, e-mail a@b.example"


@pytest.mark.parametrize("sent", HOSTILE)
def test_html_holds_no_markup(sent):
    assert not set('<>"') & set(for_html(sent))


@pytest.mark.parametrize("sent", HOSTILE)
def test_markdown_holds_no_live_link_cell_border_or_html(sent):
    shown = for_markdown(sent)

    for mark in "[]()|`<>":
        assert shown.count(mark) == shown.count(f"\\{mark}")


@pytest.mark.parametrize("sent", [*HOSTILE, "[bold red]x[/]", "[link=https://evil.example]x[/link]"])
def test_a_terminal_shows_the_text_and_obeys_none_of_it(sent):
    rendered = Text.from_markup(for_terminal(sent))

    assert rendered.plain == sanitise(sent)
    assert rendered.spans == []
