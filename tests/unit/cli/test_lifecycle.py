"""``observatory lifecycle``: where its picture goes, and whose changes it lists."""

from collections.abc import Callable
from pathlib import Path

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.store.live import LiveStore
from tests.factories import STARTED_AT_US, make_campaign, make_endpoint, make_observation, make_seal
from tests.unit.cli.conftest import Ended
from tests.unit.report.watched import planted_columns
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import make_stint, make_watch

DAY_US = 86_400_000_000
STRANGER = make_endpoint(host="elsewhere.example.org", address="5.9.1.3")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A watch, and two campaigns between which one watched server and a stranger changed their software."""
    data = tmp_path_factory.mktemp("watched")
    columns = planted_columns(rounds=12, nodes=range(10))
    with LiveStore.open(data, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(), make_stint())
        sink.record_columns(columns)
        for number, software in enumerate(("ElectrumX 1.16.0", "ElectrumX 1.18.0")):
            _campaign(live, f"2026112{number}T221500Z-local-0a1b2c", number, software, columns.endpoints[3])
    return data


def _campaign(live: LiveStore, campaign_id: str, number: int, software: str, watched: Endpoint) -> None:
    named = {"campaign_id": campaign_id, "started_at_us": STARTED_AT_US + number * DAY_US}
    version = {
        "software": software,
        "protocol": "1.4.2",
        "offered": ["1.4"],
        "retried_plain": False,
        "error": None,
    }
    live.begin_campaign(make_campaign(**named))
    seen = [make_observation(result=version, endpoint=where, **named) for where in (watched, STRANGER)]
    live.record_many(seen, [])
    live.end_campaign(make_seal(campaign_id=campaign_id))


def test_only_changes_of_watched_servers_are_listed(data: Path, observatory: Callable[..., Ended]) -> None:
    ended = observatory("lifecycle", "--data", data, "--json")

    watched = {one["server"].partition("@")[0] for one in ended.json["servers"]}
    assert ended.code == 0
    assert [(one["kind"], one["after"]) for one in ended.json["changes"]] == [("software", "ElectrumX 1.18.0")]
    assert {one["service"] for one in ended.json["changes"]} <= watched


@pytest.mark.parametrize("place", ["missing/up.png", "file/up.png", "folder.png", "full.png"])
def test_a_picture_without_a_place_is_refused_in_words(
    data: Path, tmp_path: Path, observatory: Callable[..., Ended], place: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "full.png").symlink_to("/dev/full")  # found out by writing only

    ended = observatory("lifecycle", "--data", data, "--image", tmp_path / place)

    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert f"--image {tmp_path / place}" in ended.err
    assert "name a" in ended.err  # what to do


def test_where_there_is_no_place_nothing_is_read(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    ended = observatory("lifecycle", "--data", tmp_path / "nothing", "--image", tmp_path / "missing" / "up.png")

    assert ended.code == 2
    assert "there is no folder" in ended.err
