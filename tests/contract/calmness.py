"""What must be true of an output that holds strangers' words, whichever they are."""

import csv
import io
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import msgspec

_HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
_FORMULA_SIGNS = frozenset("=+-@＝＋－＠\t\r")
_OUR_STYLES = re.compile(r"\x1b\[[013]m")  # bold and italic, which a terminal with styles gets from us
_NEVER = {"iframe", "object", "embed", "base", "form", "style"}


def assert_calm(text: str, *, allowed: str = "\n", of_lines: bool = True) -> None:
    """Nothing in the text acts on a screen; where it is made of lines, none is forged."""
    found = {character for character in _OUR_STYLES.sub("", text) if unicodedata.category(character) in _HIDDEN}
    assert found <= set(allowed), found
    assert not of_lines or not re.search(r"^observatory: forged", text, flags=re.MULTILINE)


def assert_plain_json(text: str) -> None:
    """One document, or one in each line, in printable ASCII and strict: no NaN, no half of a surrogate pair."""
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    for document in [text] if text.startswith(("{\n", "[\n")) else text.splitlines():
        msgspec.json.decode(document)


def assert_no_formulae(text: str) -> None:
    """No cell of tab-separated lines is a formula."""
    assert not {cell.strip()[:1] for cell in re.split(r"[\t\n]", text)} & _FORMULA_SIGNS


def assert_calm_table(path: Path) -> None:
    """A CSV file whose rows are equally long, without formulae and hidden characters."""
    text = path.read_text(encoding="utf-8")
    assert_calm(text)
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1
    assert not {cell.strip()[:1] for row in rows for cell in row} & _FORMULA_SIGNS


def assert_calm_pages(folder: Path) -> str:
    """Pages and figures of a report in which poison is text and nothing else; returns the text of the pages."""
    shown = ""
    for path in sorted(folder.rglob("*.html")):
        raw = path.read_text(encoding="utf-8")
        page = _Page(raw)
        assert_calm(raw, of_lines=False)
        assert page.tags.isdisjoint(_NEVER), path
        assert {tag for tag, _ in page.poisoned} <= {"code", "td"}, path
        assert {name for _, name in page.poisoned} <= {"title", "data-sort"}, path
        assert not re.search(r"<img src=x|<script>", raw), path
        shown += page.text
    for path in folder.rglob("*.svg"):
        assert "px0" not in path.read_text(encoding="utf-8"), path
    return shown


class _Page(HTMLParser):
    """The tags of a page, those and their attributes that hold poison, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.poisoned: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.poisoned += [(tag, name) for name, value in attrs if "px0" in f"{name}{value}" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data
