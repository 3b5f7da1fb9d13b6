"""What a template prints of any text, read back by a parser of pages: text, and nothing but our own marks in it."""

import pytest

from electrum_observatory.report.rendering import _environment
from electrum_observatory.report.sanitise import sanitise
from tests.unit.report.strange import Events, all_texts, hidden_in

PRINTED = {
    "text": lambda text: sanitise(text, limit=300),
    "text|short": lambda text: sanitise(text, limit=80, counted=False),
    "text|short(24)": lambda text: sanitise(text, limit=24, counted=False),
    "text|short(900)": lambda text: sanitise(text, limit=900, counted=False),
    "text|quoted": lambda text: sanitise(text, limit=2_000),
    "text|host": lambda text: sanitise(text, limit=300, counted=False),
    "text|host(80)": lambda text: sanitise(text, limit=80, counted=False),
    "text|linked": sanitise,
    "text|block": lambda text: sanitise(text, limit=8_000, multiline=True),
}
OURS = {"text|host": {"wbr"}, "text|host(80)": {"wbr"}, "text|linked": {"a", "/a"}}


@pytest.mark.parametrize("printed", PRINTED)
@all_texts
def test_a_page_shows_the_text_and_holds_no_tag_of_it(printed, text):
    page = _environment().from_string(f"<p>{{{{ {printed} }}}}</p>").render(text=text)

    found = Events(page).found
    tags = {part[0] for part in found[1:-1] if isinstance(part, tuple)}
    shown = "".join(part for part in found if isinstance(part, str))

    assert [found[0], found[-1]] == [("p", {}), ("/p", {})]
    assert tags <= OURS.get(printed, set())
    assert shown == PRINTED[printed](text)
    assert hidden_in(shown) <= ({"\n"} if printed == "text|block" else set())


@pytest.mark.parametrize("printed", ["text", "text|short", "text|block"])
@all_texts
def test_an_attribute_of_a_page_holds_the_text(printed, text):
    page = _environment().from_string(f'<p title="{{{{ {printed} }}}}" lang="x">|</p>').render(text=text)

    assert Events(page).found == [("p", {"title": PRINTED[printed](text), "lang": "x"}), "|", ("/p", {})]


@all_texts
def test_a_link_leads_to_what_it_says_and_only_by_https(text):
    page = _environment().from_string("{{ text|linked }}").render(text=f"{text} https://data.example/a_(b) {text}")

    links = [part for part in Events(page).found if isinstance(part, tuple) and part[0] == "a"]

    assert all(set(attributes) == {"href", "rel"} for _, attributes in links)
    assert all(attributes["href"].startswith("https://") for _, attributes in links)
