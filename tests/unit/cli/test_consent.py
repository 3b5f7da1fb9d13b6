"""Aggressive questions reach servers that a person names, and nobody else."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from electrum_observatory.cli.consent import WARNING
from electrum_observatory.cli.resuming import Resumed, read_resumed, sitting_of
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.scanner.earlier import Examined
from electrum_observatory.store.live import LiveStore
from tests.factories import make_campaign, make_endpoint, make_seal, make_sighting
from tests.unit.store.clock import StillClock

ENDED_AT_US = make_seal().sealed_at_us


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def begun(data: Path, profile: str, **scan: object) -> None:
    """A campaign that was broken off after it had heard of somebody."""
    settings = load_settings(profile, scan=scan)
    sitting = sitting_of(settings, Selection(targets=("a.example.org",)), sources=1, overlay=None, note="")
    with LiveStore.open(data, StillClock()) as store:
        asyncio.run(store.open_campaign(make_campaign(), sitting))
        asyncio.run(store.record([], [make_sighting(host="a.example.org")], {"sources_read": 1}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "name them as targets"),
        (("5.9.1.2:50001:t", "--depth", "3"), "hearsay leads to others"),
        (("5.9.1.2:50001:t", "--electrum"), "leave out --known and --electrum"),
    ],
)
def test_strangers_are_asked_nothing_aggressive(options: tuple[str, ...], words: str, data: Path, observatory) -> None:
    ended = observatory("scan", "--profile", "aggressive", "--dry-run", "--data", data, *options)

    assert ended.code == 2
    assert words in ended.err


def test_servers_that_are_named_are_asked_and_a_warning_says_for_whom_that_is(data: Path, observatory) -> None:
    target, options = "5.9.1.2:50001:t", ("--dry-run", "--data", data)

    aggressive = observatory("scan", "--profile", "aggressive", target, *options)
    gentle = observatory("scan", "--profile", "fingerprinting", target, *options)

    assert (aggressive.code, gentle.code) == (0, 0)
    assert WARNING in " ".join(aggressive.err.split())
    assert "aggressive" not in gentle.err


@pytest.mark.parametrize(
    ("profile", "scan", "words"),
    [
        ("default", {}, "was begun without them"),
        ("default", {"battery": ("aggressive",), "depth": 2}, "followed hearsay"),
    ],
)
def test_a_campaign_among_strangers_does_not_turn_aggressive(
    profile: str, scan: dict[str, object], words: str, data: Path, observatory
) -> None:
    begun(data, profile, **scan)

    ended = observatory("scan", "--resume", "latest", "--profile", "aggressive", "--dry-run", "--data", data)

    assert ended.code == 2
    assert words in ended.err


def test_a_campaign_that_was_aggressive_is_gone_on_with(data: Path, observatory) -> None:
    begun(data, "aggressive")

    assert observatory("scan", "--resume", "latest", "--dry-run", "--data", data).code == 0


class Later(StillClock):
    """Seven seconds after the sitting ended, on a wall clock that somebody has set by so many microseconds since."""

    def __init__(self, set_by_us: int) -> None:
        self.set_by_us = set_by_us

    def now_us(self) -> int:
        return ENDED_AT_US + 7_000_000 + self.set_by_us

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + 7_000_000_000


@pytest.mark.parametrize("set_by_us", [-3_600_000_000, 0, 3_600_000_000])
def test_whoever_is_examined_rests_on_after_a_stop_and_anew_after_a_kill(data: Path, set_by_us: int) -> None:
    begun(data, "fingerprinting")
    killed = read_resumed(data, "latest")
    with LiveStore.open(data, StillClock()) as store:
        store.end_campaign(make_seal(state=CampaignState.CANCELLED))
    stopped = read_resumed(data, "latest")
    assert isinstance(killed, Resumed)
    assert isinstance(stopped, Resumed)
    clock = Later(set_by_us)

    asked = [one.earlier_at(clock).examined[0].last_asked_us for one in map(_examined, (killed, stopped))]

    assert [clock.now_us() - at_us for at_us in asked] == [0, 12_000_000]


def _examined(resumed: Resumed) -> Resumed:
    one = Examined(
        endpoint=make_endpoint(),
        refuses_ranges=False,
        legacy_tls=False,
        put=frozenset({"x"}),
        last_asked_us=ENDED_AT_US - 5_000_000,
    )
    return replace(resumed, earlier=replace(resumed.earlier, examined=(one,)))
