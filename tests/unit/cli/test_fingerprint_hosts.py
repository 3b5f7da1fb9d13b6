"""`observatory fingerprint HOST…`: asks servers of a lab in another process, and tells what software answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.lab_process import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    running = Lab(tmp_path_factory.mktemp("lab"), time_scale=400)
    yield running
    assert running.end() == 0


def test_servers_are_asked_and_told_of_and_stay_in_the_data_folder(observatory, lab: Lab, tmp_path: Path) -> None:
    data = tmp_path / "data"

    asked = observatory("fingerprint", *lab.arguments, "--profile", "default", "--data", data, "--json")
    stored = observatory("fingerprint", "--data", data, "--json")
    table = observatory("fingerprint", "--data", data)

    assert asked.code == 0
    servers = asked.json["servers"]
    assert len(servers) == 4
    assert {one["implementation"] for one in servers} == {"fulcrum"}
    assert len({one["fingerprint_hash"] for one in servers}) == 1
    assert stored.json["servers"] == servers
    assert {found["severity"] for one in servers for found in one["truth"]["findings"]} <= {"insufficient"}
    assert {area["standing"] for one in servers for area in one["truth"]["areas"]} == {"held", "insufficient"}
    assert "4 endpoints of campaign" in table.err
    assert table.out.count("Fulcrum\t2.1.") == 4


def test_where_nobody_answers_the_campaign_is_told_of(observatory, tmp_path: Path) -> None:
    ended = observatory(
        "fingerprint", "127.0.0.1:1:t", "--allow-private", "127.0.0.0/8", "--profile", "default", "--data", tmp_path
    )

    assert ended.code == 4
    assert "connection refused" in ended.err
