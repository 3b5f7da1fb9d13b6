"""The one border that text from strangers crosses on its way to a person.

``sanitise`` makes visible what could act on a reader's screen instead of being read: control characters, bidi
overrides, invisible characters, lone surrogates, towers of marks. It runs before every output; then comes the one
escaping function of that output. Names of files have their rule where files are written: ``store.files.file_stem``.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

from rich.text import Text

DEFAULT_LIMIT = 4_000
"""Characters that are shown of one text; the raw bytes are kept in the store."""

LOG_LIMIT = 2_000
"""Characters of one line of progress or of an error message."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
_SELECTORS = frozenset("\ufe0e\ufe0f")  # text or emoji: ordinary, but only one behind a character
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0)))
)
"""Letters, marks and symbols that show nothing (Unicode's Default_Ignorable_Code_Point, and the blank of Braille)."""

_MAX_STACKED_MARKS = 3
_MAX_ALIKE = 2
_MAX_TAIL = 40
_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x09: "TAB", 0x0A: "LF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_PLAIN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff]+")
_FORMULA = re.compile(r"""(^|[,;|])([\s"]*)(?=[=+\-@＝＋－＠﹦﹢﹣﹫])""")
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")


def sanitise(text: str, *, limit: int = DEFAULT_LIMIT, multiline: bool = False, counted: bool = True) -> str:
    """Return the text with everything visible: at most ``limit`` characters, then how many more there are.

    The common control characters become their names (``⟨NUL⟩``, ``⟨ESC⟩``), other hidden ones their numbers
    (``⟨U+202E⟩``), a run of one of them its length (``⟨NUL ×90⟩``); marks beyond the third on a character are counted.
    Line breaks stay where ``multiline`` is set and become ``⟨LF⟩`` elsewhere; without ``counted`` nothing but ``…``
    stands for the rest. What fits is returned as it is when it is sanitised again.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text  # nearly all there is
    lines = text.replace("\r\n", "\n") if multiline else text
    shown: list[str] = []
    room, taken = limit, 0
    for piece, characters in _pieces(lines[:limit], multiline=multiline):
        if len(piece) > room:
            if lines.startswith(piece, taken):  # a picture is never cut
                shown.append(piece[:room])
                taken += room
            break
        shown.append(piece)
        room -= len(piece)
        taken += characters
    left = len(lines) - taken
    rest = f"… ({left:,} more characters)" if counted else "…"
    return "".join(shown) + (rest if left else "")


def for_html(text: str, *, limit: int = DEFAULT_LIMIT, multiline: bool = False, counted: bool = True) -> str:
    """Return text for HTML content or a quoted attribute value."""
    return html.escape(sanitise(text, limit=limit, multiline=multiline, counted=counted), quote=True)


def for_csv(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Return text for a cell of CSV or of tab-separated lines: nothing that a spreadsheet takes for a formula.

    The apostrophe also goes behind ``,``, ``;`` and ``|``, and behind quotation marks there, since programs disagree
    on what separates cells. Quoting is left to the CSV writer.
    """
    cell = _FORMULA.sub(r"\1\2'", sanitise(text, limit=limit))
    return cell if len(cell) <= limit + _MAX_TAIL else f"{cell[:limit]}…"


def for_markdown(text: str, *, limit: int = DEFAULT_LIMIT) -> str:
    """Return text for inline Markdown or a cell of its tables: no markup, no link, no HTML, no outer blanks.

    None of our outputs is Markdown so far; the border is here, and tested, before the first of them is.
    """
    return _MARKDOWN.sub(r"\\\1", sanitise(text, limit=limit).strip())


def for_terminal(text: str, *, limit: int = DEFAULT_LIMIT) -> Text:
    """Return text for a rich console, which obeys neither its escape sequences nor its markup."""
    return Text(sanitise(text, limit=limit))


def for_log(text: str) -> str:
    """Return text as one line of progress, of a log or of an error message: nobody can forge the line after it."""
    return sanitise(text, limit=LOG_LIMIT)


def _pieces(text: str, *, multiline: bool) -> Iterator[tuple[str, int]]:
    """Yield what is shown and how many characters of the text it stands for."""
    at, marks = 0, _MAX_STACKED_MARKS  # a mark that leads, or follows a picture, would sit on our own words
    while at < len(text):
        if plain := _PLAIN.match(text, at):
            yield plain[0], plain.end() - at
            at, marks = plain.end(), 0
            continue
        character = text[at]
        if multiline and character == "\n":
            marks = _MAX_STACKED_MARKS
        elif unicodedata.category(character) in _MARKS and character not in _BLANK:
            marks += 1
            if marks > _MAX_STACKED_MARKS or (character in _SELECTORS and marks > 1):
                end = _end_of_marks(text, at)
                yield f"⟨{_counted(end - at, 'mark')}⟩", end - at
                at = end
                continue
        elif _hidden(character):
            end = _end_of_run(text, at)
            yield _picture(character, end - at), end - at
            at, marks = end, _MAX_STACKED_MARKS
            continue
        else:
            marks = 0
        yield character, 1
        at += 1


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or character in _BLANK


def _end_of_run(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and text[end] == text[start]:
        end += 1
    return end if end - start > _MAX_ALIKE else start + 1


def _end_of_marks(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and unicodedata.category(text[end]) in _MARKS and text[end] not in _BLANK:
        end += 1
    return end


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _picture(character: str, length: int) -> str:
    code = ord(character)
    name = _NAMES.get(code) or f"U+{code:04X}"
    return f"⟨{name}⟩" if length == 1 else f"⟨{name} ×{length:,}⟩"
