"""What `scan --resume` and `campaigns` say of campaigns in every state, without dialling anybody."""

import asyncio
import json
from pathlib import Path

import pytest

from electrum_observatory.cli.resuming import Resumed, read_resumed, sitting_of, wait_after
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection
from electrum_observatory.model.campaign import CampaignKind, CampaignState, Sitting
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store import sealing
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from electrum_observatory.store.sittings import StoredSitting
from tests.factories import CAMPAIGN_ID, STARTED_AT_US, make_campaign, make_seal, make_sighting, make_visit
from tests.unit.store.clock import StillClock

SITTING = Sitting(tool_version="0.1.0", config={"profile": "default"}, config_sha256="00" * 32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _campaign(data: Path, **overrides) -> None:
    with LiveStore.open(data, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(**overrides), SITTING))
        store.record_many(make_visit(), [make_sighting()])


def test_a_complete_campaign_has_nothing_left(data: Path, observatory) -> None:
    _campaign(data)
    with LiveStore.open(data, StillClock()) as store:
        store.end_campaign(make_seal())

    ended = observatory("scan", "--resume", "latest", "--data", data, "--json")

    assert (ended.code, ended.json["state"], ended.json["partial"]) == (0, "complete", False)
    assert "Nothing is left to do" in ended.err


def test_files_that_a_crash_left_unfinished_are_named_and_made(data: Path, observatory, monkeypatch) -> None:
    _campaign(data)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, LiveStore.open(data, StillClock()) as store:
        cut.setattr(sealing, "write_files", killed)
        with pytest.raises(KeyboardInterrupt):
            store.end_campaign(make_seal())

    shown = observatory("campaigns", "show", "--data", data)
    made = observatory("scan", "--resume", "latest", "--data", data)

    assert f"observatory campaigns files {CAMPAIGN_ID}" in shown.err
    assert "now they are" in made.err
    assert list((data / "raw").iterdir())
    assert "not written" not in observatory("campaigns", "show", "--data", data).err


@pytest.mark.parametrize(
    ("overrides", "options", "words"),
    [
        ({"kind": CampaignKind.IMPORT}, (), "is an import: delete it and import it again"),
        ({"overlay": {"name": "gone", "sha256": "00"}}, (), "measured the lab 'gone': give the --overlay"),
        ({"network": "testnet4"}, ("--network", "bitcoin"), "measured the network testnet4"),
        ({"config": {"resolve_here": False}}, (), "was made through a proxy: give --tor"),
        ({}, ("--tor", "127.0.0.1:9"), "was made without a proxy: leave out --tor"),
        ({}, ("--vantage", "fra"), "another vantage scans anew"),
        ({"config": {"resumes": "20261120T000000Z-local-000000"}}, (), "the second half that an older version made"),
    ],
)
def test_what_would_ask_others_or_the_same_twice_is_refused(
    data: Path, observatory, overrides: dict, options: tuple[str, ...], words: str
) -> None:
    _campaign(data, **overrides)

    refused = observatory("scan", "--resume", "latest", *options, "--dry-run", "--data", data)

    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err


def test_the_options_it_was_made_with_are_the_defaults(data: Path, tmp_path: Path, observatory) -> None:
    """Network, filters and opt-outs come from the last sitting; another profile keeps to whom the campaign asks."""
    (tmp_path / "out.txt").write_text("b.example.org\n", encoding="utf-8")
    settings = load_settings(scan={"network": "testnet4", "depth": 3}, opt_out=tmp_path / "out.txt")
    sitting = sitting_of(settings, Selection(only=("ssl",)), sources=1, overlay=None, note="")
    with LiveStore.open(data, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(network="testnet4"), sitting))
        asyncio.run(store.record([], [*map(_told, ("a", "b", "c"))], {"sources_read": 1}))

    plain = observatory("scan", "--resume", "latest", "--dry-run", "--data", data, "--json")
    fast = ("--profile", "fingerprinting")
    other = observatory("scan", "--resume", "latest", *fast, "--dry-run", "--data", data, "--json")

    assert (plain.code, other.code) == (0, 0), plain.err + other.err
    for plan in (plain.json, other.json):
        assert [one["host"] for one in plan["targets"]] == ["a.example.org", "c.example.org"]
        assert [one["endpoint"]["host"] for one in plan["refusals"]] == ["b.example.org"]
    assert plain.json["depth"] == 3
    assert plain.json["not_read"] == []


@pytest.mark.parametrize(("before", "given", "now"), [(True, False, True), (False, True, True), (False, False, False)])
def test_whoever_asked_although_it_was_too_soon_still_does(before: bool, given: bool, now: bool, data: Path) -> None:
    """Else those who had not had their turn would be settled as refused."""
    sitting = sitting_of(load_settings(), Selection(again=before), sources=1, overlay=None, note="")
    with LiveStore.open(data, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(), sitting))

    resumed = read_resumed(data, "latest")

    assert isinstance(resumed, Resumed)
    assert resumed.selection(Selection(again=given)).again is now


def _told(name: str) -> Sighting:
    return make_sighting(host=f"{name}.example.org")


@pytest.mark.parametrize(
    ("ended_at_us", "ended_ns", "boot", "wall_us", "wait_s"),
    [
        (None, None, "boot-0", 60_000_000, 10.0),
        (STARTED_AT_US, 0, "boot-0", 60_000_000, 7.0),
        (STARTED_AT_US, 0, "boot-0", -3_600_000_000, 7.0),
        (STARTED_AT_US, 0, "boot-1", 4_000_000, 6.0),
        (STARTED_AT_US, 0, "boot-1", -3_600_000_000, 10.0),
        (STARTED_AT_US, None, "", 60_000_000, 0.0),
    ],
)
def test_no_machine_sees_two_connections_within_one_spacing(
    ended_at_us: int | None, ended_ns: int | None, boot: str, wall_us: int, wait_s: float
) -> None:
    """Three seconds after the end by the monotonic clock, whatever the wall clock says; a killed run has no end."""
    last = StoredSitting(
        number=1,
        sitting=SITTING,
        started_at_us=STARTED_AT_US,
        started_monotonic_ns=0,
        boot_id=boot,
        after_observation_pk=0,
        counts=None,
        state=CampaignState.OPEN,
        ended_at_us=ended_at_us,
        ended_monotonic_ns=ended_ns,
    )

    assert wait_after(last, _Now(wall_us), 10.0) == wait_s


class _Now(SystemClock):
    """Three seconds after the monotonic zero of the boot, and at some time by the wall clock."""

    boot_id = "boot-0"

    def __init__(self, wall_us: int) -> None:
        super().__init__()
        self._wall_us = wall_us

    def now_us(self) -> int:
        return STARTED_AT_US + self._wall_us

    def monotonic_ns(self) -> int:
        return 3_000_000_000


def test_a_partial_campaign_is_called_so_everywhere_and_says_how_to_go_on(data: Path, observatory) -> None:
    _campaign(data)
    how = f"observatory scan --resume {CAMPAIGN_ID} --data {data}"

    listed = observatory("campaigns", "list", "--data", data)
    spoken = [
        observatory(*command, "--data", data).err
        for command in (
            ("campaigns", "show"),
            ("show", "electrum.example.org"),
            ("report", "--tables-only"),
            ("export", "jsonl"),
        )
    ]

    header = json.loads(observatory("export", "jsonl", "--data", data).out.splitlines()[0])

    assert "partial (broken off)" in listed.out
    assert header["campaign"]["partial"] is True
    assert observatory("campaigns", "list", "--data", data, "--json").json[0]["partial"] is True
    assert ["partial" in words and how in words for words in spoken] == [True] * 4


def test_somebody_s_partial_scan_that_was_imported_says_no_command_that_goes_on_and_is_refused(
    data: Path, tmp_path: Path, observatory
) -> None:
    _campaign(data)
    file, there = tmp_path / "scan.jsonl", tmp_path / "there"
    observatory("export", "jsonl", "--data", data, "--out", file)
    observatory("import", "jsonl", file, "--data", there)

    shown = observatory("campaigns", "show", "--data", there)
    listed = observatory("campaigns", "list", "--data", there, "--json").json
    refused = observatory("scan", "--resume", "latest", "--dry-run", "--data", there)

    assert "partial" in shown.err + shown.out
    assert "--resume" not in shown.err + shown.out
    assert (listed[0]["partial"], listed[0]["go_on"]) == (True, None)
    assert (refused.code, refused.out) == (2, "")
    assert "came here by an import" in refused.err


async def test_campaigns_show_tells_of_the_sittings(data: Path, observatory) -> None:
    with LiveStore.open(data, StillClock()) as store:
        await store.open_campaign(make_campaign(), SITTING)
        await store.record(make_visit(), (), {"endpoints": 1})
        await store.go_on_with(CAMPAIGN_ID, SITTING, known_to=3)
        await store.seal_campaign(make_seal(state=CampaignState.CANCELLED))

    shown = observatory("campaigns", "show", "--data", data)
    as_json = observatory("campaigns", "show", "--data", data, "--json").json

    assert "broken off" in shown.out
    assert [(one["number"], one["state"]) for one in as_json["sittings"]] == [(1, "open"), (2, "cancelled")]
    assert as_json["sittings"][0]["counts"] == {"endpoints": 1}
    with StoreReader.open(data) as reader:
        assert reader.sittings(CAMPAIGN_ID)[1].after_observation_pk == 3
