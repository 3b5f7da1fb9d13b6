"""What `campaigns` says of campaigns in every state, on wide and narrow screens, while one is made and after."""

import asyncio
import os
from pathlib import Path

import pytest

from electrum_observatory.model.campaign import CampaignKind, CampaignState, Sitting
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_seal, make_visit
from tests.unit.store.clock import StillClock

SITTING = Sitting(tool_version="0.1.0", config={"profile": "default"}, config_sha256="00" * 32)
COUNTS = {"endpoints": 1, "dialled": 1, "answered": 1, "refused_too_soon": 1}
COMPLETE, STOPPED, FAILED, KILLED, IMPORTED = (f"20261121T1{number}0000Z-local-00000{number}" for number in range(5))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a campaign that is complete, three that are partial and an import that broke off."""
    folder = tmp_path / "data"
    with LiveStore.open(folder, StillClock()) as store:
        for name, state in ((COMPLETE, "complete"), (STOPPED, "cancelled"), (FAILED, "failed"), (KILLED, None)):
            _measure(store, name)
            if state is not None:
                store.end_campaign(make_seal(campaign_id=name, state=CampaignState(state), counts=COUNTS))
        store.begin_campaign(make_campaign(campaign_id=IMPORTED, kind=CampaignKind.IMPORT))
    return folder


def _measure(store: LiveStore, name: str) -> None:
    asyncio.run(store.open_campaign(make_campaign(campaign_id=name), SITTING))
    asyncio.run(store.record(make_visit(campaign_id=name), (), COUNTS))


@pytest.mark.parametrize(
    ("columns", "left_out"),
    [
        (80, "observations, kind, network, started (UTC)"),
        (100, "observations, kind, network"),
        (120, "observations"),
        (160, None),
    ],
)
def test_the_list_leaves_columns_out_before_it_folds_one(
    data: Path, observatory, columns: int, left_out: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", str(columns))

    listed = observatory("campaigns", "list", "--data", data)

    lines = listed.out.splitlines()
    assert len(lines) == 2 + 5
    assert max(map(len, lines[1:])) <= columns
    assert [line.split("│")[0].strip() for line in lines[2:]] == [COMPLETE, STOPPED, FAILED, KILLED, IMPORTED]
    assert (f"no room for: {left_out}." in listed.err) == (left_out is not None)


def test_a_killed_campaign_has_the_counts_of_its_last_commit(data: Path, observatory) -> None:
    listed = observatory("campaigns", "list", "--data", data)
    shown = observatory("campaigns", "show", KILLED, "--data", data)
    as_json = observatory("campaigns", "show", KILLED, "--data", data, "--json").json

    [row] = [line.split("\t") for line in listed.out.splitlines() if KILLED in line]
    assert (row[2], row[6]) == ("partial (broken off)", "1")
    assert "answered\t1\n" in shown.out
    assert as_json["counts"] == COUNTS


def test_hints_name_the_data_folder(data: Path, observatory) -> None:
    shown = observatory("campaigns", "show", COMPLETE, "--data", data)
    unknown = observatory("campaigns", "show", "1999", "--data", data)

    assert f"observatory campaigns refusals {COMPLETE} --data {data}" in shown.err
    assert f"observatory campaigns list --data {data}" in unknown.err


def test_files_are_made_of_what_has_ended_and_how_to_end_it_is_said(data: Path, observatory) -> None:
    refused = observatory("campaigns", "files", KILLED, "--data", data)
    made = observatory("campaigns", "files", STOPPED, "--data", data)

    assert refused.code == 2
    assert f"{KILLED} is partial: broken off" in refused.err
    assert f"To go on: observatory scan --resume {KILLED} --data {data}" in refused.err
    assert made.code == 0
    assert f"observatory scan --resume {STOPPED}" in made.err


def test_every_document_about_a_campaign_says_whether_it_is_partial_and_how_to_go_on(data: Path, observatory) -> None:
    how = f"observatory scan --resume {STOPPED} --data {data}"
    documents = [
        observatory(*command, "--data", data, "--json").json
        for command in (
            ("campaigns", "show", STOPPED),
            ("campaigns", "files", STOPPED),
            ("show", "electrum.example.org", "--campaign", STOPPED),
            ("report", STOPPED, "--tables-only"),
        )
    ]
    documents.append(observatory("diff", COMPLETE, STOPPED, "--data", data, "--json").json["standing"]["after"])
    complete = observatory("report", COMPLETE, "--tables-only", "--data", data, "--json").json

    assert [(one["state"], one["partial"], one["go_on"]) for one in documents] == [("cancelled", True, how)] * 5
    assert (complete["partial"], complete["go_on"]) == (False, None)


def test_while_a_process_makes_a_campaign_nobody_is_told_to_go_on_with_it(tmp_path: Path, observatory) -> None:
    with LiveStore.open(tmp_path, StillClock()) as store:
        _measure(store, KILLED)
        listed = observatory("campaigns", "list", "--data", tmp_path)
        shown = observatory("campaigns", "show", "--data", tmp_path)
        as_json = observatory("campaigns", "show", "--data", tmp_path, "--json").json

    assert "partial (being made)" in listed.out
    assert f"partial: process {os.getpid()} is making it" in shown.out
    assert "To go on" not in shown.err
    assert (as_json["partial"], as_json["process"], as_json["go_on"]) == (True, str(os.getpid()), None)
