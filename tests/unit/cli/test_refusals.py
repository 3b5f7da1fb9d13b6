"""Who told us to dial 10.0.0.1: a person can see it."""

from pathlib import Path

import pytest

from electrum_observatory.model.campaign import Sitting
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.scanner.config import Caps
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_visit
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import run_virtually

SITTING = Sitting(tool_version="0.1.0", config={}, config_sha256="00" * 32)
LIAR, OTHER = "5.9.1.2", "88.99.1.2"


@pytest.fixture
def lied_to(tmp_path: Path) -> Path:
    """A campaign in which one server names private addresses and SSH, another the same router, and too many names."""
    peers = [["10.0.0.1", "10.0.0.1", ["s50002"]], ["10.0.0.2", "10.0.0.2", ["s50002"]], ["1.2.3.4", "x.org", ["t22"]]]
    flood = [[f"9.9.9.{place}", f"h{place}.org", ["t"]] for place in range(4)]
    scan = Scan(
        {
            (LIAR, 50002): server(**{"server.peers.subscribe": peers}),
            (OTHER, 50002): server(**{"server.peers.subscribe": [peers[0], *flood]}),
        },
        targets=[f"{LIAR}:50002:s", f"{OTHER}:50002:s", "192.168.1.1:50002:s"],
        caps=Caps(targets_per_reply=3),
    )
    run_virtually(scan.run())
    data = tmp_path / "data"
    with LiveStore.open(data, SystemClock()) as store:
        assert scan.sink.campaign is not None
        assert scan.sink.seal is not None
        store.begin_campaign(scan.sink.campaign)
        store.record_many(scan.sink.observations, scan.sink.sightings)
        store.end_campaign(scan.sink.seal)
    return data


def test_every_refusal_is_shown_with_its_reason_its_number_and_its_tellers(observatory, lied_to: Path) -> None:
    found = observatory("campaigns", "refusals", "--data", lied_to, "--json").json

    rows = {(one["reason"], one["told_by"]): (one["number"], one["example"]) for one in found}
    liar, other = f"ssl://{LIAR}:50002@{LIAR}", f"ssl://{OTHER}:50002@{OTHER}"
    assert rows == {
        ("private", liar): (2, "ssl://10.0.0.1:50002@10.0.0.1"),
        ("private", other): (1, "ssl://10.0.0.1:50002@10.0.0.1"),
        ("private", "typed_targets"): (1, "ssl://192.168.1.1:50002@192.168.1.1"),
        ("foreign_service", liar): (1, "tcp://x.org:22"),
        ("overflow_reply", other): (2, None),
    }


def test_the_words_name_the_teller_and_the_counts_stay_readable(observatory, lied_to: Path) -> None:
    words = observatory("campaigns", "refusals", "--data", lied_to).out
    shown = observatory("campaigns", "show", "--data", lied_to)

    assert LIAR in words
    assert "10.0.0.1" in words
    assert "told_by" not in shown.out
    assert "campaigns refusals" in shown.err


async def test_who_overflowed_is_known_of_a_campaign_that_was_killed(observatory, tmp_path: Path) -> None:
    with LiveStore.open(tmp_path, SystemClock()) as store:
        await store.open_campaign(make_campaign(), SITTING)
        await store.record(make_visit(), (), {"overflow_reply": 7, "overflow_reply_told_by_0123": 7})

    found = observatory("campaigns", "refusals", "--data", tmp_path, "--json").json

    assert [(one["reason"], one["told_by"], one["number"]) for one in found] == [("overflow_reply", "0123", 7)]


def test_nothing_refused_is_said_in_words(observatory, tmp_path: Path) -> None:
    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.begin_campaign(make_campaign())

    assert "Nothing was refused" in observatory("campaigns", "refusals", "--data", tmp_path).err
