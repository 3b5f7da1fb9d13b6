"""Texts that no program writes: markup, control characters and reversed writing in banners and errors.

A banner is the operator's: addresses of web pages, names and pleas for donations are ordinary there. An error is the
program's: it echoes what was asked, which is taken out before anything is looked for. How a program words its errors
plays no part; unknown words are no finding.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import bidirectional

from electrum_observatory.analysis.truth.finding import Finding, Quote, finding
from electrum_observatory.analysis.truth.reading import Answer

_TAGS = (
    "a|b|i|p|br|hr|img|div|span|font|center|table|h[1-6]|html|head|body|base|link|meta|style|script|iframe|object|embed"
    "|form|input|button|svg|math|video|audio|marquee|template"
)
# Every repetition below is bounded or cannot overlap another: a server chooses the text, and must not choose the time.
_MARKUP = re.compile(
    rf"<\s{{0,9}}/?\s{{0,9}}(?:{_TAGS})(?:[\s/][^<>]*)?>|<!--|javascript:|&#x?[0-9a-f]+;", re.IGNORECASE
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Everything that moves, hides or reverses text; tab, line feed and carriage return belong into a banner."""

_MARKS = str.maketrans("", "", "\u200e\u200f")
"""Direction marks, which whoever writes from right to left needs; where nothing is so written they only hide."""

_ADDRESS = re.compile(
    r"(?:https?|ftp)://|\bwww\.|\b[a-z0-9-]{1,63}\.(?:com|org|net|io|info|xyz|app|cc|ru)\b", re.IGNORECASE
)
_CLASS = re.compile(r"(?<![\w.-])(?:javax?|jdk|sun|kotlinx?|scala|com|org|net|io)(?:\.[a-z0-9_]{1,63}){1,9}\.[A-Z]\w*")
"""A program's own name of a class, which is no address: ``java.io.IOException``."""

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ORDERS = re.compile(r"\b(?:update|upgrade|download|install|visit|click|newest|latest version)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSeen:
    """A text that a server wrote.

    Attributes:
        server: Who.
        is_error: Whether it is an error message, which the program writes; otherwise the operator's banner.
        text: The text.
        sent: What it answers; echoes of it are the client's own words.
        quote: The reply.
    """

    server: str
    is_error: bool
    text: str
    sent: bytes
    quote: Quote


def read_texts(answers: Iterable[Answer]) -> tuple[TextSeen, ...]:
    """Return banners and errors among the answers."""
    return tuple(_texts(answers))


def judge_texts(texts: Iterable[TextSeen]) -> tuple[Finding, ...]:
    """Judge banners and errors."""
    return tuple(found for one in texts for found in _judge(one))


def judge_rejections(answers: Iterable[Answer], own: frozenset[str]) -> tuple[Finding, ...]:
    """Judge how servers reject a transaction that is none; only lab and own servers are ever asked that.

    Wallets used to show such texts as they came, and people were told there to install a thief's program (Electrum,
    December 2018).

    Args:
        answers: All answers.
        own: Servers that we were allowed to ask; others are passed over.
    """
    found = []
    for answer in answers:
        asked = answer.method in ("blockchain.transaction.broadcast", "blockchain.transaction.broadcast_package")
        text = answer.error.message if answer.error is not None else answer.result
        if not asked or answer.server not in own or not isinstance(text, str):
            continue
        bare = _bare(text, answer.sent)
        what = [name for name, rule in (("an address", _ADDRESS), ("orders", _ORDERS)) if rule.search(bare)]
        if len(what) == 2 or _MARKUP.search(bare):
            words = f"it rejects a transaction with {' and '.join(what) or 'markup'}: {text[:200]!r}"
            found.append(finding("rejection_gives_orders", answer.server, words, [answer.quote]))
    return tuple(found)


def _texts(answers: Iterable[Answer]) -> Iterator[TextSeen]:
    for answer in answers:
        if answer.error is not None:
            text, is_error = answer.error.message, True
        elif answer.method == "server.banner" and isinstance(answer.result, str):
            text, is_error = answer.result, False
        else:
            continue
        yield TextSeen(server=answer.server, is_error=is_error, text=text, sent=answer.sent, quote=answer.quote)


def _judge(seen: TextSeen) -> Iterator[Finding]:
    where = "an error" if seen.is_error else "its banner"
    text = _bare(seen.text, seen.sent) if seen.is_error else seen.text
    if any(bidirectional(letter) in ("R", "AL") and letter != "\u200f" for letter in text):
        text = text.translate(_MARKS)
    for identity, rule, what in (
        ("text_with_markup", _MARKUP, "markup"),
        ("text_with_controls", _CONTROLS, "control characters"),
        *((("error_with_address", _ADDRESS, "an address"),) if seen.is_error else ()),
    ):
        match = rule.search(text)
        if match is not None:
            words = f"{where} holds {what}: {match.group()[:80]!a}"
            yield finding(identity, seen.server, words, [seen.quote])


def _bare(text: str, sent: bytes) -> str:
    """Take out the client's own words, every string of the request, the longest first; and names of classes."""
    words = {match.group(1) for match in _STRING.finditer(sent.decode("utf-8", "replace"))}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ") if len(word) > 1 else text
    return _CLASS.sub(" ", text)
