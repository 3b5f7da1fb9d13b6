"""Texts as strangers choose them, and a reader of pages, for the tests of whatever shows such texts."""

import unicodedata
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from electrum_observatory.lab.hostile.texts import TEXTS

ANY = st.text(st.characters(), max_size=40)  # lone surrogates included
SIGNS = st.text("<>&\"'`=+-@＝,;|\\[](){}#*_~!$: \t\r\n\0\x1b\x7f\x85\u00a0\u2028\u202e\u0301\ud800x1", max_size=12)
STRANGE = st.lists(ANY | SIGNS | st.sampled_from(sorted(TEXTS.values())), max_size=4).map("".join)

HIDDEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
FORMULA_SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫\t\r")


def all_texts(test):
    """Have hypothesis try each of the texts besides its own."""
    for text in TEXTS.values():
        test = example(text)(test)
    return settings(max_examples=40, deadline=None)(given(STRANGE)(test))


def hidden_in(text):
    return {character for character in text if unicodedata.category(character) in HIDDEN}


class Events(HTMLParser):
    """Everything that a parser finds in a page."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.found.append((f"/{tag}", {}))

    def handle_data(self, data):
        if self.found and isinstance(self.found[-1], str):
            self.found[-1] += data
        else:
            self.found.append(data)

    def handle_comment(self, data):
        self.found.append(("!", {"comment": data}))

    handle_decl = unknown_decl = handle_pi = handle_comment
