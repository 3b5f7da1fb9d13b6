"""The report as a person opens it: from a folder, without a network, at the width of a desk and of a phone."""

from dataclasses import dataclass, field

import pytest

from electrum_observatory.report.site import build_site
from electrum_observatory.report.watch_findings import watch_findings
from electrum_observatory.report.watch_site import build_watch_site
from tests.unit.report.campaigns import Places, empty_campaign, network_campaign
from tests.unit.report.conversing import talking_campaign
from tests.unit.report.watched import planted_columns, spell, watched

PAGES = {
    "network": ("index.html", "servers.html", "certificates.html", "method.html", "machines/*.html"),
    "empty": ("index.html",),
    "talking": ("index.html", "machines/*.html"),
    "watch": ("watch.html", "nodes.html", "nodes/group-*.html"),
}
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    campaigns = {
        "network": network_campaign(machines=40),
        "empty": (empty_campaign(), Places()),
        "talking": talking_campaign(),
    }
    for name, (stored, places) in campaigns.items():
        build_site(stored, "latest", folder / name, places)
    columns = planted_columns()
    read = watched(columns, spells=[spell(watched(columns).table)])
    build_watch_site(watch_findings(read), folder / "watch")
    return folder


@dataclass
class Visit:
    """An open page and what it did that it should not."""

    page: object
    outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)


@pytest.fixture
def visit(chromium):
    contexts = []

    def open_page(path, viewport=DESK, **options):
        context = chromium.new_context(offline=True, viewport=viewport, **options)
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.outside.append(request.url) if _outside(request.url) else None)
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
        seen.page.goto(path.as_uri(), wait_until="load")
        return seen

    yield open_page
    for context in contexts:
        context.close()


def _outside(url):
    return not url.startswith(("file:", "data:"))


def pages_of(sites, name):
    """Every sort of page once; of the machines the one with most to show."""
    for pattern in PAGES[name]:
        yield max((sites / name).glob(pattern), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_offline_quietly_and_fits_a_desk_and_a_phone(sites, visit, name):
    pages = list(pages_of(sites, name))
    seen = visit(pages[0])

    for path in pages:
        seen.page.goto(path.as_uri(), wait_until="load")
        for viewport in (DESK, PHONE):
            seen.page.set_viewport_size(viewport)
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
            assert seen.page.locator("h1").is_visible()
    assert seen.outside == []
    assert seen.complaints == []


def test_style_and_pictures_are_there_from_a_folder(sites, visit):
    page = visit(sites / "network" / "index.html").page

    assert page.evaluate("document.styleSheets.length") == 1
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    assert page.locator("img").count() == 3


def test_the_dark_dress_has_its_own_pictures(sites, visit):
    page = visit(sites / "network" / "index.html", color_scheme="dark").page

    assert page.locator("img").first.evaluate("(image) => image.currentSrc").endswith("world-dark.svg")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 31)"


def test_an_injected_inline_script_would_not_run(sites, visit):
    page = visit(sites / "network" / "index.html").page

    page.evaluate("""() => {
        const script = document.createElement("script");
        script.append("window.ran = true");
        document.body.append(script);
    }""")

    assert page.evaluate("window.ran") is None


def test_servers_can_be_filtered_and_sorted_with_the_keyboard(sites, visit):
    page = visit(sites / "network" / "servers.html").page
    table = page.locator("#answered table")
    rows = table.locator("tbody tr:visible")
    everyone = rows.count()

    page.locator("#answered input").press_sequentially("fulcrum")
    assert 0 < rows.count() < everyone
    assert all("Fulcrum" in text for text in rows.locator("td:nth-child(2)").all_text_contents())
    page.locator("#answered input").fill("")

    ping = table.get_by_role("button", name="ping")
    ping.focus()
    page.keyboard.press("Enter")
    pings = [float(cell.get_attribute("data-sort")) for cell in rows.locator("[data-sort]").all()]
    assert pings == sorted(pings)


def test_servers_can_be_read_without_script(sites, visit):
    page = visit(sites / "network" / "servers.html", PHONE, java_script_enabled=False).page

    assert page.locator("#answered tbody tr").first.is_visible()
    assert page.locator("#answered tbody th a").first.get_attribute("href").startswith("machines/m-")


def test_the_way_from_a_certificate_to_its_machine_is_one_click(sites, visit):
    page = visit(sites / "network" / "certificates.html").page

    page.locator("td.hosts a").first.click()

    assert "/machines/m-" in page.url
    assert page.get_by_role("heading", name="Endpoints").is_visible()


def test_pages_say_and_draw_what_servers_are_beside_what_they_call_themselves(sites, visit):
    page = visit(max((sites / "talking" / "machines").glob("*.html"), key=_contradictions), PHONE).page
    software = page.locator("#software")

    assert software.get_by_text("By behaviour", exact=True).is_visible()
    assert software.get_by_text("It calls itself", exact=True).is_visible()
    assert software.get_by_role("heading", name="What does not go together").is_visible()
    software.locator("summary").click()
    assert software.locator("details li").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.get_by_role("link", name="Overview").click()
    assert page.locator("#software img").evaluate("(image) => image.complete && image.naturalWidth > 0")


def _contradictions(path):
    return path.read_text(encoding="utf-8").count("What does not go together")


def test_a_link_of_two_servers_opens_to_its_witnesses(sites, visit):
    seen = visit(sites / "watch" / "nodes.html", PHONE)
    page = seen.page

    page.get_by_role("link", name="Group 2").click()
    assert page.locator("details.pair[open]").count() == 0
    page.locator("table a[href*='#pair-']").nth(1).click()

    opened = page.locator("details.pair[open]")
    assert opened.count() == 1
    assert opened.get_by_role("heading", name="Witnesses").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert seen.complaints == []


def test_the_uptime_image_has_a_dark_dress_and_a_row_for_each_server(sites, visit):
    page = visit(sites / "watch" / "watch.html", color_scheme="dark").page
    image = page.locator("#uptime img")

    assert image.evaluate("(image) => image.currentSrc").endswith("uptime-dark.png")
    assert image.evaluate("(image) => image.complete && image.naturalWidth > 0")
    assert image.evaluate("(image) => image.height") == page.locator(".named li").count() * 18
