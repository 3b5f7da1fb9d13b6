"""The end of a scan: its exit code, and what is said where there is little to say."""

import asyncio
from pathlib import Path

import pytest

from electrum_observatory.cli.ending import exit_of
from electrum_observatory.cli.exits import Exit
from electrum_observatory.model.campaign import CampaignState, Sitting
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.scanner.visit import Visitor
from electrum_observatory.store.live import LiveStore
from tests.factories import CAMPAIGN_ID, make_campaign, make_seal, make_visit
from tests.unit.cli.strangers import Strangers
from tests.unit.store.clock import StillClock

SITTING = Sitting(tool_version="0.1.0", config={"profile": "default"}, config_sha256="00" * 32)
LOOPBACK = ("--allow-private", "127.0.0.0/8")


@pytest.mark.parametrize(
    ("state", "counts", "code"),
    [
        ("complete", {"answered": 2}, Exit.DONE),
        ("complete", {"answered": 2, "failed": 1, "failed_bug_in_observatory": 1, "bugs": 1}, Exit.PARTIAL),
        ("complete", {"failed": 2, "failed_bug_in_observatory": 2, "bugs": 2}, Exit.OUR_BUG),
        ("complete", {"unresolved": 1, "failed": 1, "failed_bug_in_observatory": 2}, Exit.OUR_BUG),
        ("complete", {"failed": 2, "failed_bug_in_observatory": 1, "failed_eof": 1}, Exit.NOTHING_ANSWERED),
        ("complete", {}, Exit.NOTHING_ANSWERED),
        ("failed", {}, Exit.UNREADABLE_INPUT),
        ("cancelled", {"failed": 2, "failed_bug_in_observatory": 2}, Exit.INTERRUPTED),
    ],
)
def test_the_exit_code_of_a_scan(state: str, counts: dict[str, int], code: Exit) -> None:
    assert exit_of(ScanOutcome(state=CampaignState(state), counts=counts, source_errors=())) is code


def test_a_scan_that_only_met_bugs_says_so_and_ends_with_1(
    tmp_path: Path, observatory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Visitor, "visit", broken)
    with Strangers() as strangers:
        ended = observatory("scan", *strangers.targets, *LOOPBACK, "--data", tmp_path, "--json")

    assert (ended.code, ended.json["counts"]["bugs"]) == (1, 7)
    assert "our own mistake: 7 endpoints" in ended.err
    assert "please report it" in ended.err


def test_bugs_that_no_failure_shows_are_told_of(tmp_path: Path, observatory, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = Visitor.visit

    async def broken_at_its_end(*arguments, **options) -> None:
        await visit(*arguments, **options)
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Visitor, "visit", broken_at_its_end)
    with Strangers() as strangers:
        ended = observatory("scan", *strangers.targets[:1], *LOOPBACK, "--data", tmp_path, "--json")

    assert ended.code == 4
    assert "A bug of ours cut 1 visit short" in ended.err


def test_a_second_scan_at_once_says_that_everybody_was_left_in_peace_and_so_does_its_report(
    tmp_path: Path, observatory
) -> None:
    with Strangers() as strangers:
        where = ("scan", strangers.targets[0], *LOOPBACK, "--data", tmp_path, "--json")
        first, second = observatory(*where), observatory(*where)
    shown = observatory("campaigns", "show", "--data", tmp_path)
    reported = observatory("report", "--tables-only", "--data", tmp_path)
    compared = observatory("diff", first.json["campaign_id"], "--data", tmp_path)

    words = "Nobody was asked: everybody was asked, or failed, shortly before and is left in peace; --again asks"
    assert (first.json["counts"]["dialled"], second.json["counts"].get("dialled", 0)) == (1, 0)
    assert words not in first.err
    assert [words in ended.err for ended in (second, shown, reported, compared)] == [True] * 4
    assert compared.out.count("\n") == 1
    assert "Not compared: 1 service" in compared.err


def test_the_report_of_a_campaign_that_asked_nobody_names_the_last_one_that_was_answered(
    tmp_path: Path, observatory
) -> None:
    later = "20261121T120000Z-local-000001"
    with LiveStore.open(tmp_path, StillClock()) as store:
        store.begin_campaign(make_campaign())
        store.record_many(make_visit())
        store.end_campaign(make_seal(counts={"endpoints": 1, "dialled": 1, "answered": 1}))
        store.begin_campaign(make_campaign(campaign_id=later))
        store.end_campaign(make_seal(campaign_id=later, counts={"endpoints": 1, "refused": 1, "refused_too_soon": 1}))

    reported = observatory("report", "--tables-only", "--data", tmp_path)

    assert f"{CAMPAIGN_ID} is the last in which somebody answered" in reported.err


def test_where_nothing_is_left_the_report_that_was_asked_for_is_named(tmp_path: Path, observatory) -> None:
    with LiveStore.open(tmp_path, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(), SITTING))
        store.record_many(make_visit())
        store.end_campaign(make_seal())

    ended = observatory("scan", "--resume", "latest", "--report", "--data", tmp_path)

    assert ended.code == 0
    assert f"Report: {tmp_path / 'reports' / CAMPAIGN_ID / 'index.html'}" in ended.err


def test_a_report_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path, observatory) -> None:
    data, taken = tmp_path / "data", tmp_path / "taken"
    taken.touch()
    with LiveStore.open(data, StillClock()) as store:
        store.begin_campaign(make_campaign())
        store.record_many(make_visit())
        store.end_campaign(make_seal())

    elsewhere = observatory("report", "--out", taken / "pages", "--data", data)
    (data / "reports").touch()
    here = observatory("report", "--data", data)

    assert (elsewhere.code, here.code) == (5, 5)
    assert f"cannot write the pages to {taken / 'pages'} (Not a directory): make room there" in elsewhere.err
    assert f"cannot write to {data} (Not a directory): check its permissions" in here.err
