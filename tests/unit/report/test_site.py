import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.report.site import build_site
from tests.factories import (
    GENESIS,
    make_campaign,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
    make_visit,
)
from tests.unit.report.campaigns import (
    HOSTILE,
    Places,
    Stored,
    empty_campaign,
    hostile_campaign,
    network_campaign,
    silent_campaign,
)

VOID = {"meta", "link", "img", "source", "br", "wbr", "input", "rect"}


def build(stored, out_dir, places=None):
    return build_site(stored, "latest", out_dir, places or Places())


class Page(HTMLParser):
    """What matters of a page: its tags with attributes, its text, and whether every tag is closed in order."""

    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.tags, self.words, self._open = [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def network_site(tmp_path_factory):
    stored, places = network_campaign(machines=40)
    return build(stored, tmp_path_factory.mktemp("site"), places).parent


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory):
    stored, places = hostile_campaign()
    return build(stored, tmp_path_factory.mktemp("hostile"), places).parent


def pages_of(site):
    return sorted(site.rglob("*.html"))


def test_every_page_is_well_formed_and_every_link_leads_to_a_file_of_the_folder(network_site):
    for path in pages_of(network_site):
        for tag, attributes in Page(path).tags:
            for target in (attributes.get("href"), attributes.get("src"), attributes.get("srcset")):
                source_of_places = tag == "a" and target == "https://db-ip.com"
                if target is not None and target != "data:," and not target.startswith("#") and not source_of_places:
                    assert (path.parent / target.split("#")[0]).is_file(), (path.name, target)


POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "trusted-types": "'none'",
    "require-trusted-types-for": "'script'",
}
LINKS = {"href", "src", "srcset", "action", "formaction", "data", "poster", "ping", "xlink:href"}


@pytest.mark.parametrize("site", ["network_site", "hostile_site"])
def test_every_page_forbids_inline_script_and_the_outside_and_has_neither(site, request):
    for path in pages_of(request.getfixturevalue(site)):
        tags = Page(path).tags
        charset, policy, *_ = [attributes for tag, attributes in tags if tag not in ("html", "head")]
        assert charset == {"charset": "utf-8"}
        assert policy["http-equiv"] == "Content-Security-Policy"
        assert dict(part.strip().split(" ", 1) for part in policy["content"].split(";")) == POLICY
        assert ("meta", {"name": "referrer", "content": "no-referrer"}) in tags
        assert {tag for tag, _ in tags}.isdisjoint({"style", "base", "iframe", "object", "embed", "form", "template"})
        assert not any(name == "style" or name.startswith("on") for _, attributes in tags for name in attributes)
        assert all("src" in attributes for tag, attributes in tags if tag == "script")


def test_no_link_leads_where_a_server_wants(hostile_site):
    ours = re.compile(
        r"(?:\.\./)?(?:(?:machines|static|figures|tables)/)?[\w.-]+\.(?:html|css|js|svg|csv)(?:#[\w-]+)?|#[\w-]+"
    )
    for path in pages_of(hostile_site):
        for tag, attributes in Page(path).tags:
            for name in LINKS & set(attributes):
                allowed = {"https://db-ip.com"} if tag == "a" else {"data:,"}
                assert ours.fullmatch(attributes[name]) or attributes[name] in allowed, (path.name, attributes[name])


def test_there_is_a_page_per_machine_and_each_is_linked(network_site):
    linked = {a["href"] for tag, a in Page(network_site / "servers.html").tags if tag == "a" and "href" in a}
    pages = {f"machines/{path.name}" for path in (network_site / "machines").iterdir()}

    assert len(pages) == 40
    assert pages <= linked


def test_the_headline_numbers_carry_their_denominators_vantage_and_time(network_site):
    text = Page(network_site / "index.html").text

    assert "Machines dialled39with 61 endpoints; 1 more name did not resolve" in text
    assert re.search(r"Answered(\d+)\d\d % of 39 dialled, on \d+ endpoints", text)
    assert "vantage “local” on 20 November 2026, 22:15 UTC" in text
    assert "n = " in text


def test_data_date_and_attribution_stand_beside_the_map(network_site):
    caption = Page(network_site / "index.html").text.split("One disc per place")[1].split("Countries")[0]

    assert "2026-06-05" in caption
    assert all(line in caption for line in Places.attribution)


def test_the_tables_lie_beside_the_pages(network_site):
    assert {path.name for path in (network_site / "tables").iterdir()} == {
        "servers.csv",
        "tls.csv",
        "fingerprints.csv",
        "sightings.csv",
        "failures.csv",
        "findings.csv",
    }


def test_hostile_text_is_only_ever_text(hostile_site):
    for path in pages_of(hostile_site):
        page = Page(path)
        scripts = [attributes.get("src", "") for tag, attributes in page.tags if tag == "script"]
        assert all(source.endswith("static/tables.js") for source in scripts)
        assert len(scripts) == 1
        assert not any("onerror" in attributes for _, attributes in page.tags)
        assert not any("javascript:" in str(attributes.get("href")) for _, attributes in page.tags)


def test_no_control_or_bidi_character_reaches_a_page(hostile_site):
    for path in pages_of(hostile_site):
        raw = path.read_text(encoding="utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", raw), path


def test_hostile_text_can_still_be_read(hostile_site):
    machine = next(path for path in (hostile_site / "machines").iterdir() if "Banner" in Page(path).text)

    text = Page(machine).text
    assert HOSTILE[0] in text
    assert "{{ 7*7 }}" in text
    assert "⟨U+202E⟩txt.exe" in text


def test_a_campaign_that_dialled_nobody_has_a_report_that_says_so(tmp_path):
    index = build(empty_campaign(), tmp_path)

    text = Page(index).text
    assert "No endpoint answered." in text
    assert "The campaign dialled nobody" in text
    assert "20 November 2026" in text
    assert list((tmp_path / "figures").iterdir()) == []


def test_a_campaign_that_nobody_answered_says_why_and_that_it_is_partial(tmp_path):
    text = Page(build(silent_campaign(), tmp_path)).text

    assert "No endpoint answered." in text
    assert "connection refused" in text
    assert "Partial: 1 endpoint." in text


def test_a_campaign_that_was_stopped_is_called_partial_on_every_page_and_says_how_to_go_on(tmp_path):
    told = [make_sighting(host=f"waiting{number}.example.org") for number in range(3)]
    stopped = make_seal(state=CampaignState.CANCELLED)

    build(Stored([(make_campaign(), stopped, make_visit(), told)]), tmp_path)

    for path in pages_of(tmp_path):
        text = Page(path).text
        assert "Partial: 1 endpoint of 4 that it heard of. This campaign was stopped before its end." in text
        resume = f"observatory scan --resume {make_campaign().campaign_id}"
        assert f"In the data folder where it was begun, {resume} finishes it." in text


def test_a_complete_campaign_is_not_called_partial(network_site):
    assert "Partial" not in Page(network_site / "index.html").text


def unresolved(number):
    nameless = make_endpoint(host=f"gone{number}.example.org", address=None)
    return make_failed_observation("connection", Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, endpoint=nameless)


def test_names_that_did_not_resolve_have_their_own_count_and_are_in_no_denominator(tmp_path):
    visit = [*make_visit(), unresolved(1), unresolved(2)]
    index = build(Stored([(make_campaign(), make_seal(), visit, [])]), tmp_path)

    text = Page(index).text
    assert "Machines dialled1with 1 endpoint; 2 more names did not resolve" in text
    assert "Reachable1100 % of 1 dialled" in text
    assert "0 of 1 dialled endpoints without an answer; beside them 2 whose name did not resolve" in text
    assert "2 names did not resolve" in Page(tmp_path / "servers.html").text


def test_what_is_not_known_of_a_name_that_did_not_resolve_is_a_dash(tmp_path):
    build(Stored([(make_campaign(), make_seal(), [*make_visit(), unresolved(1)], [])]), tmp_path)

    row = next(one for one in (tmp_path / "servers.html").read_text().split("<tr>") if "gone1" in one)
    assert row.count("—") == 2
    assert all("None" not in Page(path).text for path in pages_of(tmp_path) if path.name != "index.html")


def test_a_campaign_of_which_no_name_resolved_says_so(tmp_path):
    text = Page(build(Stored([(make_campaign(), make_seal(), [unresolved(1)], [])]), tmp_path)).text

    assert "The campaign dialled nobody: of the names on its list 1 did not resolve." in text


LITECOIN = NETWORKS["litecoin-regtest"].genesis_hash


def visit_with(endpoint, software, block_0, height):
    connection, *_ = make_visit(endpoint)
    return [
        connection,
        make_observation("server_version", {"software": software, "protocol": "1.4"}, endpoint=endpoint),
        make_observation("genesis", {"block_hash": block_0, "error": None}, endpoint=endpoint),
        make_observation("chain_tip", {"height": height}, endpoint=endpoint),
    ]


@pytest.fixture(scope="module")
def two_chains(tmp_path_factory):
    """Two of Bitcoin, one of them with Litecoin on a second port, one of Litecoin, one that claims a great height."""
    visits = (
        visit_with(make_endpoint(), "Fulcrum 2.1.0", GENESIS, 900_000),
        visit_with(make_endpoint(port=50004), "ElectrumLTC 9", LITECOIN, 2_900_000),
        visit_with(make_endpoint(host="b.example", address="5.9.1.3"), "Fulcrum 2.1.0", GENESIS, 900_000),
        visit_with(make_endpoint(host="c.example", address="5.9.1.4"), "Tall 1", GENESIS, 10**9),
        visit_with(make_endpoint(host="ltc.example", address="5.9.1.5"), "ElectrumLTC 9", LITECOIN, 2_900_000),
    )
    seen = [observation for visit in visits for observation in visit]
    folder = tmp_path_factory.mktemp("two-chains")
    return build(Stored([(make_campaign(), make_seal(), seen, [])]), folder).parent


def test_shares_are_of_the_machines_whose_chain_was_verified(two_chains):
    text = Page(two_chains / "index.html").text

    assert "Chain verified375 % of 4 that answered; 1 on another chain" in text
    shares = text.split("What they run")[1].split("How they are reached")[0]
    assert "n = 3 machines whose chain was verified." in shares
    assert "ElectrumLTC" not in shares


def test_machines_of_another_chain_are_counted_apart_and_named(two_chains):
    section = Page(two_chains / "index.html").text.split("On another chain")[1].split("Certificates")[0]

    assert "1 machine that answered" in section
    assert "ltc.example" in section
    assert "1 machine with another chain on some endpoints only" in section
    assert "electrum.example.org" in section
    assert "verified; another chain on ssl 50004" in Page(two_chains / "servers.html").text


def test_a_height_that_one_machine_claims_is_shown_as_above_beside_what_block_0_cannot_tell(two_chains):
    tips = Page(two_chains / "index.html").text.split("blocks behind the agreed tip")[1].split("Where they were")[0]

    assert re.search(r"0 ?2 ?67 % ?above ?1 ?33 %", tips)
    assert "The agreed tip, 900,000," in tips
    assert "BCH, BSV" in tips
    assert "BCH, BSV" in Page(two_chains / "machines" / f"m-{make_endpoint().endpoint_id}.html").text


def test_a_scan_whose_servers_only_answer_has_nothing_to_share_out(tmp_path):
    text = Page(build(Stored([(make_campaign(), make_seal(), make_visit()[:2], [])]), tmp_path)).text

    assert "There are no machines whose chain was verified." in text
    assert "1 not learned" in text


def test_an_import_counts_those_that_answered(tmp_path):
    campaign = make_campaign(kind=CampaignKind.IMPORT)

    text = Page(build(Stored([(campaign, make_seal(), make_visit()[:2], [])]), tmp_path)).text

    assert "n = 1 machine that answered." in text


def test_a_page_says_that_of_each_source_the_first_eight_statements_are_kept(tmp_path):
    build(Stored([(make_campaign(), make_seal(), make_visit(), [make_sighting()])]), tmp_path)

    text = Page(tmp_path / "machines" / f"m-{make_endpoint().endpoint_id}.html").text
    assert "told by (first eight)" in text
    assert "of each port and source the first eight statements are kept" in text


def imported_campaign(*observations, sightings=()):
    campaign = make_campaign(kind=CampaignKind.IMPORT, note="a crawl of others")
    return Stored([(campaign, make_seal(), list(observations), list(sightings))])


def test_an_import_that_keeps_only_answers_does_not_claim_that_all_were_reachable(tmp_path):
    site = build(imported_campaign(*make_visit(make_endpoint(address="198.51.100.1"))), tmp_path).parent

    first, servers = Page(site / "index.html").text, Page(site / "servers.html").text
    assert "Machines diallednot recordedthe files keep only those that answered" in first
    assert "Reachablenot recorded" in first
    assert "100 % of" not in first.partition("Chain verified")[0]
    assert "1 machine answered; how many were dialled is not recorded" in servers


def test_an_import_that_names_a_failure_has_its_count_of_the_dialled(tmp_path):
    failed = make_failed_observation(endpoint=make_endpoint(host="gone.example.org", address="198.51.100.2"))
    site = build(imported_campaign(*make_visit(make_endpoint(address="198.51.100.1")), failed), tmp_path).parent

    assert "Machines dialled2with 2 endpoints" in Page(site / "index.html").text


def test_an_import_of_a_bare_list_says_that_nobody_was_asked(tmp_path):
    told = make_sighting(host="a.example", source="imported_list")

    first = Page(build(imported_campaign(sightings=[told]), tmp_path)).text

    assert "The imported data name servers and do not say that any was asked." in first
    assert "the imported list" in first
    assert "by address where one is known" in first


def test_sources_and_failures_stand_in_words(network_site):
    first = Page(network_site / "index.html").text

    assert "peer lists" in first
    assert "connection timed out" in first
    assert "peers subscribe" not in first


def test_an_address_with_many_names_has_a_page_that_shows_some_and_says_so(tmp_path):
    names = [make_endpoint(host=f"name{number}.example.org", port=port) for number in range(40) for port in (1, 2)]
    failed = [make_failed_observation(endpoint=endpoint) for endpoint in names]
    build(Stored([(make_campaign(), make_seal(), [*failed, *make_visit()], [])]), tmp_path)

    [page] = (tmp_path / "machines").iterdir()
    text = Page(page).text
    assert "The first 24 of 81 endpoints of this machine" in text
    assert "ElectrumX 1.16.0" in text
    assert text.count("connection refused (connect)") == 23


def test_one_of_a_kind_is_singular_on_every_page(tmp_path):
    endpoint = make_endpoint(address="198.51.100.1")
    certificate = make_observation(
        "tls_certificate", {"sha256": "ab" * 32, "spki_sha256": "cd" * 32}, endpoint=endpoint
    )
    stored = Stored([(make_campaign(), make_seal(), [*make_visit(endpoint), certificate], [make_sighting()])])

    for path in pages_of(build(stored, tmp_path).parent):
        plurals = re.findall(
            r"(?<![\d,.])1 (?:\w+ )?(?:machines|endpoints|certificates|hosts|names)\b", Page(path).text
        )
        assert plurals == [], path.name


def test_a_lab_is_called_a_simulated_network_on_every_page(tmp_path):
    stored = Stored([(make_campaign(overlay={"name": "demo", "digest": "00"}), make_seal(), make_visit(), [])])

    build(stored, tmp_path)

    for path in pages_of(tmp_path):
        assert "A simulated network." in Page(path).text


def test_building_again_leaves_no_page_of_a_machine_that_is_gone_and_nothing_else_is_touched(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    other = make_endpoint(host="other.example.org", address="5.9.1.3")
    build(Stored([(make_campaign(), make_seal(), [*make_visit(), *make_visit(other)], [])]), tmp_path)

    build(Stored([(make_campaign(), make_seal(), make_visit(), [])]), tmp_path)

    assert [path.name for path in (tmp_path / "machines").iterdir()] == [f"m-{make_endpoint().endpoint_id}.html"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_templates_never_switch_escaping_off_and_quote_every_attribute():
    folder = Path(__file__).parents[3] / "src" / "electrum_observatory" / "report" / "templates"

    for template in folder.iterdir():
        text = template.read_text(encoding="utf-8")
        assert "safe" not in re.findall(r"\|\s*(\w+)", text)
        assert not re.search(r"autoescape|\w=\{\{|\son\w+=|\sstyle=|<style|<script(?! src=)", text), template.name
