"""Tables and pages say whether answers hold, with the bytes that show it, fairly, and no byte of a stranger acts."""

import csv
import json
import re
from pathlib import Path

import jsonschema
import pytest

from electrum_observatory.analysis.truth.areas import AREA_OF, SCOPES, Area, Standing
from electrum_observatory.analysis.truth.finding import KINDS, Severity
from electrum_observatory.analysis.truth.stored import NOTHING_JUDGED, truths_of
from electrum_observatory.report.site import build_site
from electrum_observatory.report.truth_words import AREAS, standing_words, visits_needed
from tests.factories import CAMPAIGN_ID, make_campaign
from tests.unit.report.answering import PLAIN, STRANGE, answering_campaign
from tests.unit.report.campaigns import Stored

SCHEMA = Path(__file__).parents[3] / "schemas" / "processed" / "findings.json"
ACCUSING = re.compile(r"\b(?:malicious|honeypot|spy|attack(?:er)?|evil server|liar|fraud|scam|lies)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    stored, places = answering_campaign()
    build_site(stored, "latest", folder, places)
    return folder


def machine(site: Path, host: str) -> str:
    (page,) = (page for page in (site / "machines").glob("*.html") if f">{host}" in page.read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    return text[text.index('<section id="truth">') : text.index("<h2>Banner</h2>")]


def test_the_table_names_each_finding_with_its_witnesses(site: Path) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    with (site / "tables" / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert {(row["host"], row["finding"]) for row in rows if row["level"] != "insufficient"} == {
        (STRANGE.host, "text_with_markup"),
        (STRANGE.host, "text_with_controls"),
        (STRANGE.host, "error_with_address"),
    }
    assert list(rows[0]) == list(schema["properties"])
    for row in rows:
        jsonschema.Draft202012Validator(schema).validate(
            {**row, "port": int(row["port"]), "visits": int(row["visits"])}
        )
        assert row["witnesses"].startswith(f"{CAMPAIGN_ID}#0/")
        assert row["innocent"]


def test_the_page_shows_what_does_not_fit_the_bytes_and_what_else_it_may_be(site: Path) -> None:
    strange, plain = machine(site, STRANGE.host), machine(site, PLAIN.host)

    assert "Text with markup" in strange
    assert "(unusual, in 1 visit)" in strange
    assert "May also be: a banner written as a web page" in strange
    assert f"{CAMPAIGN_ID}#0/banner#0" in strange
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in strange
    assert 'class="finding"' not in plain
    assert "banners and errors" in plain
    assert ">held<" in plain
    assert not ACCUSING.search(strange + plain)


def test_bytes_of_a_stranger_are_text(site: Path) -> None:
    page = machine(site, STRANGE.host)

    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "⟨U+202E⟩" in page


def test_the_overview_counts_machines_area_by_area(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    line = index.split("banners and errors</th>")[1].split("</tr>")[0]

    assert re.findall(r">(\d+)<", line) == ["2", "1", "0"]


def test_the_overview_leads_to_the_machines_of_which_something_did_not_fit(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    listed = index.split("Where something did not fit (1 machine)")[1].split("</details>")[0]

    (link,) = re.findall(r'href="(machines/[^"]+)"', listed)
    assert f">{STRANGE.host}" in (site / link).read_text(encoding="utf-8")
    assert "banners and errors" in listed
    assert ">unusual<" in listed


def test_a_campaign_of_a_chain_of_which_nothing_is_known_has_no_section(tmp_path: Path) -> None:
    stored, places = answering_campaign()
    _, seal, observations, told = stored._content[0]
    elsewhere = Stored([(make_campaign(network="litecoin-regtest"), seal, observations, told)])

    build_site(elsewhere, "latest", tmp_path, places)

    assert truths_of(elsewhere, "latest") == NOTHING_JUDGED
    assert 'id="truth"' not in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len((tmp_path / "tables" / "findings.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_every_finding_has_one_area_and_every_area_words() -> None:
    assert set(AREA_OF) == set(KINDS)
    assert sum(len(scope.findings) for scope in SCOPES.values()) == len(KINDS)
    assert set(SCOPES) == set(AREAS) == set(Area)


@pytest.mark.parametrize(
    ("visits", "severity", "words", "wanting"),
    [
        (1, None, "insufficient", "1 of 2 visits"),
        (2, None, "held", None),
        (1, Severity.INSUFFICIENT, "insufficient", "1 of 2 visits"),
        (2, Severity.INSUFFICIENT, "insufficient", None),
        (1, Severity.UNUSUAL, "unusual", None),
        (3, Severity.DISPROVEN, "disproven", None),
    ],
)
def test_an_area_holds_only_where_enough_visits_were_judged(
    visits: int, severity: Severity | None, words: str, wanting: str | None
) -> None:
    standing = Standing(area=Area.TIPS, answers=visits, visits=visits, severity=severity)

    assert (standing_words(standing), visits_needed(standing)) == (words, wanting)
    assert standing.held == (words == "held")
