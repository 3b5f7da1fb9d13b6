"""Tables and pages say what a server is beside what it calls itself, and a server's name acts nowhere."""

import csv
import re
from pathlib import Path

import pytest

from electrum_observatory.analysis.overview import Share
from electrum_observatory.report.build_words import rounded_down
from electrum_observatory.report.builds_chart import bars, whole_ticks
from electrum_observatory.report.site import build_site
from tests.unit.report.conversing import HONEST, LYING, STRANGE, talking_campaign


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    stored, places = talking_campaign()
    build_site(stored, "latest", folder, places)
    return folder


@pytest.fixture(scope="module")
def rows(site: Path) -> dict[str, dict[str, str]]:
    text = (site / "tables" / "fingerprints.csv").read_text(encoding="utf-8")
    return {row["host"]: row for row in csv.DictReader(text.splitlines())}


def machine(site: Path, host: str) -> str:
    (page,) = (page for page in (site / "machines").glob("*.html") if f">{host}" in page.read_text(encoding="utf-8"))
    return page.read_text(encoding="utf-8")


def test_the_table_says_what_it_is_and_what_it_calls_itself(rows: dict[str, dict[str, str]]) -> None:
    honest, lying = rows[HONEST.host], rows[LYING.host]

    assert (honest["implementation"], honest["claimed"], honest["contradictions"]) == (
        "electrumx",
        "ElectrumX 1.18.0",
        "",
    )
    assert honest["version_max"] == "1.18.0"
    assert (lying["implementation"], lying["claimed"]) == ("fulcrum", "ElectrumX 1.20.0")
    assert lying["contradictions"] != ""
    assert honest["timing_variance"] == "4.0"
    assert honest["rate_limit_triggered"] == "false"
    assert honest["balance_response"] == ""


def test_one_behaviour_has_one_hash_whatever_the_name(rows: dict[str, dict[str, str]]) -> None:
    assert rows[LYING.host]["fingerprint_hash"] == rows[STRANGE.host]["fingerprint_hash"] != ""
    assert rows[HONEST.host]["fingerprint_hash"] != rows[LYING.host]["fingerprint_hash"]


def test_the_page_of_a_machine_shows_both_and_what_does_not_go_together(site: Path) -> None:
    honest, lying = machine(site, HONEST.host), machine(site, LYING.host)

    assert "<strong>ElectrumX</strong>" in honest
    assert "What does not go together" not in honest
    assert "<strong>Fulcrum</strong>" in lying
    assert "What does not go together" in lying
    assert "none of them is misconduct" in lying
    assert "What decided" in lying
    assert '<p class="lede">ElectrumX ' in honest
    assert re.search(r'<p class="lede">Fulcrum [^<]+ by behaviour, calls itself <bdi>ElectrumX 1.20.0</bdi>', lying)


def test_what_is_not_certain_is_never_shown_as_certain() -> None:
    assert [rounded_down(confidence) for confidence in (0.999999, 0.995, 0.0, 1.0)] == [0.99, 0.99, 0.0, 1.0]


def test_a_name_with_markup_is_text(site: Path) -> None:
    page = machine(site, STRANGE.host)

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page


def test_the_overview_counts_builds_by_machines_and_draws_them(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")

    assert "Software, by behaviour" in index
    assert "figures/builds.svg" in index
    assert "ElectrumX 1.1" in (site / "figures" / "builds.svg").read_text(encoding="utf-8")


def test_the_list_of_servers_says_what_each_is_beside_what_it_calls_itself(site: Path) -> None:
    page = (site / "servers.html").read_text(encoding="utf-8")
    row = page.split(f">{LYING.host.replace('.', '.<wbr>')}</a>")[1].split("</tr>")[0]

    assert "ElectrumX 1.20.0" in row.split('data-label="claimed software"')[1].split("</td>")[0]
    assert ">Fulcrum " in row.split('data-label="by behaviour"')[1].split("</td>")[0]


def test_rare_builds_and_unidentified_machines_make_a_bar_each() -> None:
    shares = [Share(label=f"build {number}", machines=40 - number, of=400, endpoints=1) for number in range(20)]
    unknown = Share(label=None, machines=7, of=400, endpoints=7)

    drawn = bars([*shares, unknown])

    assert [bar["build"] for bar in drawn[-3:]] == ["build 15", "4 more builds", "not identified"]
    assert sum(bar["machines"] for bar in drawn) == sum(share.machines for share in [*shares, unknown])


@pytest.mark.parametrize(("most", "ticks"), [(1, [0, 1]), (2, [0, 1, 2]), (53, [0, 10, 20, 30, 40, 50, 60])])
def test_ticks_are_whole_numbers(most: int, ticks: list[int]) -> None:
    assert whole_ticks(most) == ticks
