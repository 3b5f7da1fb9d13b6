"""``observatory report --watch``: pages of a watch, alone or beside a campaign's."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_seal, make_visit
from tests.unit.cli.conftest import Ended
from tests.unit.report.watched import planted_columns
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import WATCH_ID, make_stint, make_watch


def watched_folder(data: Path, **watch: object) -> Endpoint:
    """Make a data folder with a watch; returns one of its servers."""
    columns = planted_columns(rounds=12, nodes=range(10))
    with LiveStore.open(data, StillClock()) as live:
        sink = live.watching()
        sink.begin_stint_now(make_watch(**watch), make_stint())
        sink.record_columns(columns)
    return columns.endpoints[3]


def with_campaign(data: Path, endpoint: Endpoint, **campaign: object) -> str:
    """Add a campaign that asked one server; returns its id."""
    made = make_campaign(**campaign)
    with LiveStore.open(data, StillClock()) as live:
        live.begin_campaign(made)
        live.record_many(make_visit(endpoint), [])
        live.end_campaign(make_seal(campaign_id=made.campaign_id))
    return made.campaign_id


def test_a_watch_without_a_campaign_has_a_report_of_its_own(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    watched_folder(tmp_path)

    ended = observatory("report", "--watch", "latest", "--data", tmp_path, "--json")

    folder = tmp_path / "reports" / WATCH_ID
    assert ended.code == 0
    assert ended.json == {"watch_report": str(folder / "watch.html"), "campaign": None}
    assert not (folder / "index.html").exists()
    assert 'href="index.html"' not in (folder / "nodes.html").read_text(encoding="utf-8")


def test_pages_lie_beside_the_campaign_of_the_same_network(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    endpoint = watched_folder(tmp_path)
    campaign = with_campaign(tmp_path, endpoint)

    plain = observatory("report", "--data", tmp_path)
    before = (tmp_path / "reports" / campaign / "servers.html").read_text(encoding="utf-8")
    ended = observatory("report", "--watch", WATCH_ID[:12], "--from", "1970-01-01", "--data", tmp_path)

    folder = tmp_path / "reports" / campaign
    watch = (folder / "watch.html").read_text(encoding="utf-8")
    assert (plain.code, ended.code) == (0, 0)
    assert "watch.html" not in before
    assert 'href="nodes.html"' in (folder / "servers.html").read_text(encoding="utf-8")
    (linked,) = set(re.findall(r'href="(machines/m-[0-9a-f]+\.html)"', watch))
    assert (folder / linked).is_file()
    assert f"--watch {WATCH_ID} --from 1970-01-01" in watch
    assert f"Watch:  {folder / 'watch.html'}" in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--watch", "latest", "--tables-only"), "--tables-only writes none"),
        (("--from", "2026-11-20"), "name one with --watch"),
        (("--watch", "2020"), "no such watch"),
    ],
)
def test_what_contradicts_itself_is_refused(
    tmp_path: Path, observatory: Callable[..., Ended], arguments: tuple[str, ...], words: str
) -> None:
    watched_folder(tmp_path)

    ended = observatory("report", *arguments, "--data", tmp_path)

    assert ended.code == 2
    assert words in ended.err


def test_a_campaign_of_another_network_is_refused_where_it_is_named(
    tmp_path: Path, observatory: Callable[..., Ended]
) -> None:
    endpoint = watched_folder(tmp_path)
    campaign = with_campaign(tmp_path, endpoint, network="testnet4")

    named = observatory("report", campaign, "--watch", "latest", "--data", tmp_path)
    latest = observatory("report", "--watch", "latest", "--data", tmp_path)

    assert named.code == 2
    assert "different networks" in named.err
    assert (latest.code, (tmp_path / "reports" / WATCH_ID / "watch.html").is_file()) == (0, True)


def test_a_simulated_watch_never_lies_beside_a_real_campaign(tmp_path: Path, observatory: Callable[..., Ended]) -> None:
    endpoint = watched_folder(tmp_path, overlay={"name": "invented", "sha256": "0" * 64})
    with_campaign(tmp_path, endpoint)

    ended = observatory("report", "--watch", "latest", "--data", tmp_path)

    page = tmp_path / "reports" / WATCH_ID / "watch.html"
    assert ended.code == 0
    assert "A simulated network." in page.read_text(encoding="utf-8")
    assert not page.with_name("index.html").exists()
