"""What the border shows, by example; tests/unit/report/test_escaping.py holds what is true of every text."""

import pytest

from electrum_observatory.lab.hostile.texts import huge
from electrum_observatory.report.sanitise import for_csv, for_log, for_markdown, for_terminal, sanitise


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
        ("a\u3164b", "a⟨U+3164⟩b"),
        ("Grüße, 世界 ⚡️", "Grüße, 世界 ⚡️"),
        ("⚡\ufe0f\ufe0f", "⚡\ufe0f⟨1 mark⟩"),
        ("\0" * 1_500, "⟨NUL ×1,500⟩"),
        ("\0\0", "⟨NUL⟩⟨NUL⟩"),
    ],
)
def test_what_could_act_on_a_screen_is_shown_as_a_picture(sent, shown):
    assert sanitise(sent) == shown


def test_line_breaks_stay_where_lines_are_wanted():
    assert sanitise("a\r\nb\nc\rd", multiline=True) == "a\nb\nc⟨CR⟩d"


def test_long_text_is_cut_and_says_so():
    assert sanitise("x" * 5_000, limit=10) == "x" * 10 + "… (4,990 more characters)"


def test_pictures_do_not_make_a_text_longer_than_its_limit():
    assert sanitise("\u202e\u202d" * 50, limit=20) == "⟨U+202E⟩⟨U+202D⟩… (98 more characters)"
    assert sanitise("\0" * 8 + "abc", limit=8) == "⟨NUL ×8⟩… (3 more characters)"
    assert sanitise("\0" * 8 + "abc", limit=7) == "… (11 more characters)"
    assert sanitise("é\0abcdef", limit=9, counted=False) == "é⟨NUL⟩abc…"


def test_ten_megabytes_are_shown_in_part():
    shown = sanitise(huge(), limit=300)

    assert shown.startswith("<b>top.owned=1</b>⟨U+202E⟩=1⟨ESC⟩[31m <b>")
    assert shown.endswith(" more characters)")


def test_stacked_marks_do_not_grow_into_other_lines():
    assert sanitise("Z" + "\u0337" * 9 + "Z\u0337") == "Z\u0337\u0337\u0337⟨6 marks⟩Z\u0337"


def test_a_mark_that_leads_does_not_sit_on_our_own_words():
    assert sanitise("\u0338=1") == "⟨1 mark⟩=1"
    assert sanitise("\0\u0338") == "⟨NUL⟩⟨1 mark⟩"


@pytest.mark.parametrize(
    ("sent", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" \u00a0@SUM(A1)", " \u00a0'@SUM(A1)"),
        ('"=1', "\"'=1"),
        ('a;"-1";+2|=3,＝4', "a;\"'-1\";'+2|'=3,'＝4"),
        ("\t=1", "⟨TAB⟩=1"),
        ("ElectrumX 1.16.0, e-mail a@b.example", "ElectrumX 1.16.0, e-mail a@b.example"),
    ],
)
def test_an_apostrophe_stands_where_a_spreadsheet_would_calculate(sent, cell):
    assert for_csv(sent) == cell


def test_markdown_shows_its_marks():
    assert for_markdown(" [x](javascript:1) | `a` $b$ ") == r"\[x\]\(javascript\:1\) \| \`a\` \$b\$"


def test_a_terminal_takes_no_markup_and_no_emoji_codes():
    shown = for_terminal("[bold]x[/] :skull: \\")

    assert shown.plain == "[bold]x[/] :skull: \\"
    assert shown.spans == []


def test_a_line_of_a_log_stays_one_line():
    assert for_log("fine\nobservatory: all is well") == "fine⟨LF⟩observatory: all is well"
