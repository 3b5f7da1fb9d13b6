"""Pages of a watch: who was there, which servers are consistent with one node, and every link with its witnesses."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP
from electrum_observatory.lab.hostile.texts import SENTINEL, all_in_one
from electrum_observatory.model.watch import Blindness, BlindSpell
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.report.watch_evidence import PAIRS_OF_A_PAGE
from electrum_observatory.report.watch_findings import WatchFindings, watch_findings
from electrum_observatory.report.watch_images import HERE, NOT_WATCHED, OURS, REFUSES, SILENT, uptime_cells
from electrum_observatory.report.watch_site import build_watch_site
from electrum_observatory.report.watch_view import BLINDNESS, lasting, moment, spells_of
from tests.unit.analysis.lifecycle.tables import START_US, STEP_US, presence
from tests.unit.report.watched import balanced_columns, change, planted_columns, spell, watched

ACCUSING = re.compile(r"\b(?:malicious|honeypot|spy|attack(?:er)?|evil|liar|fraud|scam|same operator)\b", re.IGNORECASE)
LARGEST_PAGE = 1_000_000


@pytest.fixture(scope="module")
def found() -> WatchFindings:
    columns = planted_columns()
    gap = spell(watched(columns).table)
    return watch_findings(watched(columns, spells=[gap], changes=[change("\x1b[2J" + all_in_one())]))


@pytest.fixture(scope="module")
def site(found: WatchFindings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watch")
    build_watch_site(found, folder)
    return folder


class Page(HTMLParser):
    """Its text, its tags, and where its links lead."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.raw = path.read_text(encoding="utf-8")
        self.text = ""
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.handlers: list[str] = []
        self.feed(self.raw)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src", "srcset"}:
                self.targets.append(value or "")
            elif name == "id":
                self.ids.add(value or "")
            elif name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(site: Path) -> Iterator[tuple[Path, Page]]:
    for path in sorted(site.rglob("*.html")):
        yield path, Page(path)


def test_every_page_is_small_closed_and_leads_somewhere(site: Path) -> None:
    seen = 0
    for path, page in pages(site):
        seen += 1
        assert len(page.raw) < LARGEST_PAGE
        assert "Content-Security-Policy" in page.raw
        assert page.handlers == []
        assert not re.search(r"<script(?! src=)|<style", page.raw), path
        for target in page.targets:
            file, _, anchor = target.partition("#")
            leads = path if not file else (path.parent / file)
            assert target.startswith("data:") or leads.is_file(), (path, target)
            assert not anchor or anchor in Page(leads).ids, (path, target)

    assert seen == 2 + 4


def test_every_figure_says_n_window_vantage_and_version(site: Path) -> None:
    for name in ("watch.html", "nodes.html", "nodes/group-1.html"):
        text = Page(site / name).text

        assert re.search(r"n = 3[23] (?:servers|machines)", text), name
        assert "80 rounds" in text
        assert "vantage “local”" in text
        assert "Electrum Observatory 0.1.0" in text
        assert re.search(r"(?:on|between) \d+ \w+ \d{4}", text)


def test_our_own_gap_is_named_with_its_reason_and_its_length(site: Path) -> None:
    text = Page(site / "watch.html").text

    assert "1 blind spell of ours, 5 min together" in text
    assert BLINDNESS[Blindness.NOT_RUNNING] in text
    assert set(BLINDNESS) == set(Blindness)


def test_the_picture_and_the_table_have_every_server(site: Path, found: WatchFindings) -> None:
    page, number = Page(site / "watch.html"), len(found.times)

    for name in ("uptime.png", "uptime-dark.png"):
        height, width, _ = imread(site / "figures" / name).shape
        assert height % number == 0
        assert width == 80
    assert page.raw.count('data-label="row of the picture"') == number == 33
    assert "no answer" in page.text
    assert "refused us" in page.text
    assert "of 33 servers" not in page.text


def test_groups_are_told_with_bits_words_thresholds_and_priors(site: Path, found: WatchFindings) -> None:
    text = Page(site / "nodes.html").text

    assert text.count("3 machines, 3 pairs") == 4
    assert "consistent with one bitcoind" in text
    assert "12 pairs, 4 groups of 12 machines" in text
    for words in ("0.5", "0.9 (used above)", "0.99", "prior × 0.25", "prior × 4", "expected false"):
        assert words in text
    assert found.study.groups().declared == 12
    assert "It says nothing of who operates the servers" in text


def test_every_declared_pair_opens_to_its_witnesses(site: Path, found: WatchFindings) -> None:
    links, seen = found.study.groups().links, 0
    told = "".join(page.raw for path, page in pages(site) if path.name.startswith("group-"))
    for part in told.split('<details class="pair"')[1:]:
        seen += 1
        assert "<h4>Witnesses</h4>" in part
        assert re.search(r"<code>[0-9a-f]{16}</code> <code>[0-9a-f]{16}</code>", part)
        assert "observatory backends --watch 20261120T221500Z-local-0a1b2c --pair" in part
        assert "estimates" in part

    assert seen == int(np.triu(links, 1).sum())


def test_the_published_rule_stands_beside_with_what_explains_it(site: Path, found: WatchFindings) -> None:
    text = Page(site / "nodes.html").text

    assert f"puts {32 * 31 // 2} pairs of machines into one cluster; 12 of them are declared above" in text
    assert [len(members) for *_, members in found.published.clusters()] == [32]
    assert "nearly all machines are in one cluster" in text


def test_words_accuse_nobody_and_strangers_text_stays_text(site: Path) -> None:
    for path, page in pages(site):
        assert not ACCUSING.search(page.text.split("What changed")[0]), path
        assert not re.search(rf"<[a-z]+[^>]*{SENTINEL}", page.raw), path
    assert "⟨ESC⟩" in Page(site / "watch.html").text


def test_insufficient_is_said_plainly_and_old_evidence_goes(found: WatchFindings, tmp_path: Path) -> None:
    build_watch_site(found, tmp_path)
    assert len(list((tmp_path / "nodes").iterdir())) == 4

    quiet = replace(planted_columns(rounds=3), text_at={}, after_us={})
    build_watch_site(watch_findings(watched(quiet)), tmp_path)
    text = Page(tmp_path / "nodes.html").text

    assert "Insufficient. Of pairs on one node only 0 % could be expected" in text
    assert "that servers are in no group does not say that they stand on different nodes" in text
    assert "Insufficient: no groups are declared." in text
    assert "Insufficient: 0 machines with histograms are too few" in text
    assert list((tmp_path / "nodes").iterdir()) == []


def test_pages_of_few_machines_call_links_leads(site: Path, tmp_path: Path) -> None:
    few = planted_columns(rounds=60, nodes=(0, 0, 0, 1, 1, 1), ages_s=0, noise=1e-4, differing=0.05)

    build_watch_site(watch_findings(watched(few)), tmp_path)

    assert "it is assumed, not learned, what unrelated nodes have in common" in Page(tmp_path / "nodes.html").text
    assert "assumed, not learned" not in Page(site / "nodes.html").text


def test_a_watch_of_one_server_and_one_round_has_pages(tmp_path: Path) -> None:
    alone = planted_columns(rounds=1, nodes=(0,))

    build_watch_site(watch_findings(watched(alone)), tmp_path)

    assert "There is no pair to compare." in Page(tmp_path / "nodes.html").text
    assert "One day was watched" in Page(tmp_path / "watch.html").text


def test_a_large_group_is_told_on_several_pages(tmp_path: Path) -> None:
    columns = planted_columns(rounds=60, nodes=(*[0] * 11, *range(1, 22)))

    build_watch_site(watch_findings(watched(columns)), tmp_path)
    first, second = (Page(tmp_path / "nodes" / name) for name in ("group-1.html", "group-1-2.html"))

    assert first.raw.count('<details class="pair"') == PAIRS_OF_A_PAGE
    assert second.raw.count('<details class="pair"') == 11 * 10 // 2 - PAIRS_OF_A_PAGE
    assert "group-1-2.html#pair-55" in first.targets


def test_machines_with_a_page_are_linked_and_the_menu_has_the_campaign(found: WatchFindings, tmp_path: Path) -> None:
    known = {found.times[3].endpoint.endpoint_id: "m-1"}

    build_watch_site(found, tmp_path, campaign_pages={"index.html": "Overview"}, machine_of=known)
    page = Page(tmp_path / "watch.html")

    assert page.targets.count("machines/m-1.html") == 1
    assert page.targets.count("index.html") == 2


def test_time_runs_evenly_and_our_gaps_are_as_long_as_they_were() -> None:
    states = np.array([[UP, UP], [UP, UNKNOWN], [REFUSED, NOTHING], [UP, UP], [UP, UP], [UP, UP], [UP, UP], [UP, UP]])
    seen = presence(states)
    at_us = seen.at_us + np.array([0, 0, 0, 0, 5, 5, 5, 5]) * STEP_US
    gap = BlindSpell(why=Blindness.NO_NETWORK, from_us=START_US + 3 * STEP_US, to_us=START_US + 9 * STEP_US)

    cells, first, last = uptime_cells(replace(seen, at_us=at_us), [gap], [1, 0])

    assert (last - first) // STEP_US == 12
    assert cells.shape == (2, 13)
    assert cells[0].tolist() == [HERE, SILENT, NOT_WATCHED, HERE, *[OURS] * 5, *[HERE] * 4]
    assert cells[1].tolist() == [HERE, HERE, REFUSES, HERE, *[OURS] * 5, *[HERE] * 4]


def test_overlapping_gaps_count_once_and_a_clock_that_is_set_takes_no_time() -> None:
    seen = presence(np.full((2, 1), UP))
    spells = [
        BlindSpell(why=Blindness.NOT_RUNNING, from_us=10, to_us=40),
        BlindSpell(why=Blindness.LATE, from_us=30, to_us=50),
        BlindSpell(why=Blindness.CLOCK_STEP, from_us=60, to_us=90, step_us=5),
        BlindSpell(why=Blindness.NOT_RUNNING, from_us=200, to_us=300),
    ]

    gaps = spells_of(seen, spells, 20, 100)

    assert gaps.total_us == 30
    assert len(gaps.spells) == 3


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 s"), (119, "119 s"), (150, "2 min"), (7_200, "2.0 h"), (200_000, "2.3 days")]
)
def test_lengths_of_time_have_the_unit_that_suits_them(seconds: int, words: str) -> None:
    assert lasting(seconds * 1_000_000) == words


@pytest.mark.parametrize(("days", "words"), [(0.01, "00:00:00"), (2, "1 Jun 00:00"), (30, "1 Jun 2026")])
def test_an_axis_tells_as_much_of_a_time_as_it_takes(days: float, words: str) -> None:
    assert moment(START_US, int(days * 86_400_000_000)) == words


def test_a_machine_on_two_nodes_by_turns_has_a_page_of_its_own(tmp_path: Path) -> None:
    build_watch_site(watch_findings(watched(balanced_columns())), tmp_path)
    overview, bridge = Page(tmp_path / "nodes.html"), Page(tmp_path / "nodes" / "bridge-1.html")

    assert "1 machine agrees now with one group’s node and now with another’s" in overview.text
    assert "nodes/bridge-1.html" in overview.targets
    assert {"group-1.html", "group-2.html"} <= set(bridge.targets)
    assert bridge.raw.count('<details class="pair"') == 7
    assert "as behind a load balancer" in bridge.text
