"""What is true of every text behind each escaping function, read back by whatever reads that output."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console
from rich.table import Table

from electrum_observatory.report.sanitise import (
    LOG_LIMIT,
    for_csv,
    for_html,
    for_log,
    for_markdown,
    for_terminal,
    sanitise,
)
from electrum_observatory.store.files import file_stem
from tests.unit.report.strange import FORMULA_SIGNS, STRANGE, Events, all_texts, hidden_in

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
MAX_TAIL = len("… (10,000,000 more characters)")


@all_texts
def test_nothing_hidden_is_left_and_no_mark_towers(text):
    shown = sanitise(text)

    assert not hidden_in(shown)
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"[\u0300-\u036f]{4}", shown)


@all_texts
def test_what_was_sanitised_stays_as_it_is(text):
    once = sanitise(text, limit=100_000)

    assert sanitise(once, limit=100_000) == once
    assert for_csv(for_csv(text)) == for_csv(text)


@given(STRANGE, st.integers(0, 200), st.booleans())
@example(",=" * 200, 200, False)  # each sign gets an apostrophe
def test_nothing_is_longer_than_its_limit_and_the_rest_is_counted(text, limit, multiline):
    for shown in (sanitise(text, limit=limit, multiline=multiline), for_csv(text, limit=limit)):
        assert len(shown) <= limit + MAX_TAIL


@pytest.mark.parametrize("element", ["p", "title", "pre"])
@all_texts
def test_html_is_text_in_content_and_in_attributes(element, text):
    escaped, shown = for_html(text), sanitise(text)

    found = Events(f"<{element} title=\"{escaped}\" lang='{escaped}'>|{escaped}</{element}>").found

    assert found == [(element, {"title": shown, "lang": shown}), f"|{shown}", (f"/{element}", {})]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@all_texts
def test_no_spreadsheet_finds_a_formula_whatever_it_takes_for_a_separator(separator, text):
    cell, file = for_csv(text), io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(["first", cell, "last"])

    rows = list(csv.reader(io.StringIO(file.getvalue()), delimiter=separator))

    assert len(rows) == 1
    for part in rows[0]:
        assert part.strip()[:1] not in FORMULA_SIGNS
        assert part.replace('"', " ").strip()[:1] not in FORMULA_SIGNS
    assert separator != "," or rows[0] == ["first", cell, "last"]
    assert cell.replace("'", "") == sanitise(text).replace("'", "")


@example("~~x~~")
@example("a")
@all_texts
def test_markdown_is_text_in_a_paragraph_and_in_a_cell(text):
    reader, wanted = MarkdownIt("commonmark").enable(["table", "strikethrough"]), sanitise(text).strip()

    for page, headings in ((for_markdown(text), 0), (f"| a |\n|---|\n| {for_markdown(text)} |\n", 1)):
        inlines = [token for token in reader.parse(page) if token.type == "inline"][headings:]
        parts = [part for token in inlines for part in token.children]
        assert {part.type for part in parts} <= {"text", "text_special"}
        assert "".join(part.content for part in parts) == wanted
        assert len(inlines) <= 1


@all_texts
def test_a_terminal_prints_the_text_and_obeys_none_of_it(text):
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system="truecolor", width=100, soft_wrap=True)

    console.print(for_terminal(text))

    assert file.getvalue() == sanitise(text) + "\n"


@all_texts
def test_a_table_on_a_terminal_holds_no_sequence_but_its_own(text):
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, color_system=None, width=60)
    table = Table("before", "text", "after", show_edge=False)
    table.add_row("b", for_terminal(text), "a")

    console.print(table)

    assert not hidden_in(file.getvalue().replace("\n", ""))


@all_texts
def test_a_log_has_one_bounded_line_for_one_text(text):
    line = for_log(text)

    assert not hidden_in(line)
    assert len(line.splitlines()) <= 1
    assert len(line) <= LOG_LIMIT + MAX_TAIL
    assert for_log(line[:LOG_LIMIT]) == line[:LOG_LIMIT]


@example("con.example")
@example("nul")
@all_texts
def test_a_file_name_is_safe_on_every_system(text):
    name = file_stem(text)

    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*-[0-9a-f]{8}", name)
    assert len(name) <= 69
    assert ".." not in name
    assert name.split(".")[0] not in RESERVED


@given(STRANGE, STRANGE)
@example("A.example", "a.example")
@example("a" * 80, "a" * 81)
@example("con.example", "host-con.example")
def test_different_hosts_have_different_files(one, other):
    assert (file_stem(one) == file_stem(other)) == (one == other)
