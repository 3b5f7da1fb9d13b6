"""Hostile texts in a real browser: no script of theirs runs, nothing leaves the folder, and they can be read as text.

A twin of a page in which the escaping was forgotten shows that these tests would see it, and that the policy of the
pages would still hold.
"""

import math
import re
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from electrum_observatory.lab.hostile.texts import MARKUP, OUTSIDE, SENTINEL, TEXTS
from electrum_observatory.report.sanitise import for_html, sanitise
from electrum_observatory.report.site import build_site
from tests.browser.hostile_network import PER_SERVER, hostile_network

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LARGEST_PAGE = 300_000
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RUNNING = (
    *("script", "event_handler", "attribute_breakout", "svg", "template", "mutation"),
    *("end_of_title", "end_of_comment", "frame", "json_end"),
)
"""The texts that run a script by themselves where somebody forgets to escape them."""

FETCHING = ("script_from_outside", "object", "style", "style_attribute", "link", "css")
"""The texts that fetch something by themselves. No policy holds a page that a ``refresh`` sends away: escaping must."""

AROUND = {"attribute_breakout": ('<input value="', "'>"), "css": ("<style>p{color:red", "</style>")}
"""Where a text acts elsewhere than in content."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    stored, places = hostile_network()
    build_site(stored, "latest", folder, places)
    return folder


@dataclass
class Watched:
    """An open page, what it asked of the outside and what the browser complained of."""

    page: object
    outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def open(self, path):
        """Open a page and return whether any script of a stranger ran there."""
        self.page.goto(path.as_uri(), wait_until="load", timeout=20_000)
        self.page.evaluate("() => new Promise(requestAnimationFrame)")
        return self.page.evaluate(f"() => window.{SENTINEL} !== undefined")

    def left(self, request):
        """Note a request to the outside, but for one that the page's own policy stopped."""
        if not request.url.startswith(("file:", "data:", "about:")) and request.failure != "csp":
            self.outside.append(request.url)


@contextmanager
def watching(chromium):
    context = chromium.new_context(offline=True, viewport=DESK)
    seen = Watched(context.new_page())
    context.on("requestfinished", seen.left)
    context.on("requestfailed", seen.left)
    context.on("page", lambda page: seen.outside.append(page.url))
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
    try:
        yield seen
    finally:
        context.close()


@pytest.fixture
def watched(chromium):
    with watching(chromium) as seen:
        yield seen


@dataclass(frozen=True)
class Seen:
    """What one page looked like."""

    name: str
    ran: bool
    text: str
    links: list
    tallest: int
    too_wide: list


@pytest.fixture(scope="module")
def walk(site, chromium):
    """Every page opened once, at both widths; and what all of them did together."""
    with watching(chromium) as watched:
        return [look(watched, path) for path in sorted(site.rglob("*.html"))], watched


def look(watched, path):
    ran, page = watched.open(path), watched.page
    too_wide = []
    for viewport in (DESK, PHONE):
        page.set_viewport_size(viewport)
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            too_wide.append(viewport["width"])
        assert page.locator("h1").is_visible()
        assert page.locator("footer").is_visible()
    page.set_viewport_size(DESK)
    return Seen(
        name=path.name,
        ran=ran,
        text=page.evaluate("() => document.body.textContent"),
        links=page.evaluate("() => [...document.links].map((link) => link.href)"),
        tallest=page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('tr, dd, h1, summary')].map((one) => one.offsetHeight))"
        ),
        too_wide=too_wide,
    )


def test_no_page_runs_or_fetches_anything_or_complains(walk):
    pages, watched = walk

    assert len(pages) == 4 + math.ceil(len(TEXTS) / PER_SERVER) + 3
    assert [page.name for page in pages if page.ran] == []
    assert watched.outside == []
    assert watched.complaints == []


def test_every_page_fits_a_desk_and_a_phone_and_stays_small(walk, site):
    pages, _ = walk

    assert {page.name: page.too_wide for page in pages if page.too_wide} == {}
    assert {page.name: page.tallest for page in pages if page.tallest > 1_500} == {}
    assert {path.name for path in site.rglob("*.html") if path.stat().st_size > LARGEST_PAGE} == set()


def test_every_text_can_be_read_as_text(walk):
    pages, _ = walk

    words = " ".join(re.sub(r"\s+", " ", page.text) for page in pages)
    missing = [name for name, text in TEXTS.items() if re.sub(r"\s+", " ", sanitise(text)).strip() not in words]
    assert missing == []


def test_nothing_that_a_server_sent_can_be_clicked(walk):
    pages, _ = walk

    links = {link for page in pages for link in page.links}
    assert {link for link in links if not link.startswith(("file:", "https://db-ip.com"))} == set()
    assert not any(OUTSIDE in link or SENTINEL in link for link in links)


def test_a_filter_and_a_click_work_among_hostile_names(site, watched):
    watched.open(site / "servers.html")
    page = watched.page

    page.locator("#answered input").fill("huge.example")
    assert page.locator("#answered tbody tr:visible").count() == 1
    page.get_by_role("button", name="claimed software").first.click()
    page.get_by_role("link", name="huge.example.org").click()

    assert "/machines/m-" in page.url
    assert page.locator("pre.banner").is_visible()
    assert watched.complaints == []


def forgotten(site, *, policy):
    """Write a twin of a page in which the escaping of texts was forgotten, with or without the policy."""
    [page] = [path for path in (site / "machines").glob("*.html") if "<title>all.example.org" in path.read_text()]
    html = page.read_text(encoding="utf-8")
    for name, text in MARKUP.items():
        if name != "refresh":
            html = html.replace(for_html(text), text)
    if not policy:
        html = POLICY.sub("", html)
    twin = page.with_suffix(".htm")
    twin.write_text(html, encoding="utf-8")
    return twin


def test_a_page_that_forgot_to_escape_is_seen_here(site, watched):
    assert watched.open(forgotten(site, policy=False))

    assert any(OUTSIDE in url for url in watched.outside)


def test_the_policy_holds_where_escaping_is_forgotten(site, watched):
    assert not watched.open(forgotten(site, policy=True))

    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    assert watched.outside == []


@pytest.mark.parametrize("policy", [False, True])
def test_each_text_that_can_run_or_fetch_does_so_only_without_the_policy(site, watched, tmp_path, policy):
    head = POLICY.search((site / "index.html").read_text(encoding="utf-8"))[0] if policy else ""
    for name in (*RUNNING, *FETCHING):
        before, after = AROUND.get(name, ("", ""))
        path = tmp_path / f"{name}.html"
        path.write_text(f"<!doctype html><meta charset=utf-8>{head}<p>{before}{MARKUP[name]}{after}", encoding="utf-8")
        watched.outside.clear()

        ran = watched.open(path)

        assert ran == (name in RUNNING and not policy), name
        assert bool(watched.outside) == (name in FETCHING and not policy), (name, watched.outside)
