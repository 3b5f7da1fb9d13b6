"""The one border that text from servers crosses on its way to a person.

``sanitise`` makes visible what could act on a reader's screen instead of being read: control characters, bidi
overrides, invisible characters, lone surrogates. It runs before every output; the escaping of each output follows.
"""

import html
import re
import unicodedata

from rich.markup import escape as escape_rich

DEFAULT_LIMIT = 4_000
"""Characters that are shown of one text; the raw bytes are kept in the store."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_MAX_STACKED_MARKS = 3
_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x09: "TAB", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_FORMULA = re.compile(r"(^|[;|\n])(\s*)(?=[=+\-@＝＋－＠])")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:/@&])")


def sanitise(text: str, *, limit: int = DEFAULT_LIMIT, multiline: bool = False) -> str:
    """Return the text with everything visible, at most ``limit`` characters of it.

    The common control characters become their names (``⟨NUL⟩``, ``⟨ESC⟩``), other hidden ones their numbers
    (``⟨U+202E⟩``). Line breaks stay where ``multiline`` is set and become ``⟨LF⟩`` elsewhere.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text  # nearly all there is
    shown = text if len(text) <= limit else text[:limit]
    lines = shown.replace("\r\n", "\n") if multiline else shown
    visible = "".join(_characters(lines, multiline=multiline))
    return visible if len(text) <= limit else f"{visible}… ({len(text) - limit:,} more characters)"


def for_html(text: str, *, limit: int = DEFAULT_LIMIT, multiline: bool = False) -> str:
    """Return text for HTML content or a quoted attribute value."""
    return html.escape(sanitise(text, limit=limit, multiline=multiline), quote=True)


def for_csv(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Return text for a CSV cell: one line, and nothing that a spreadsheet takes for a formula.

    The apostrophe also goes behind ``;`` and ``|``, which some spreadsheets take for separators. Quoting is left to
    the CSV writer.
    """
    return _FORMULA.sub(r"\1\2'", sanitise(text, limit=limit))


def for_markdown(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Return text for inline Markdown or a cell of its tables: no markup, no link, no HTML."""
    return _MARKDOWN.sub(r"\\\1", sanitise(text, limit=limit))


def for_terminal(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Return text for a rich console with markup on. Escape sequences are pictures by then."""
    return escape_rich(sanitise(text, limit=limit))


def _characters(text: str, *, multiline: bool) -> list[str]:
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if multiline and character == "\n":
            shown.append(character)
        elif category in _HIDDEN or marks > _MAX_STACKED_MARKS:
            shown.append(_picture(ord(character)))
        else:
            shown.append(character)
    return shown


def _picture(code: int) -> str:
    return f"⟨{_NAMES.get(code) or f'U+{code:04X}'}⟩"
