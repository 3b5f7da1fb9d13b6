"""What a data folder remembers of earlier dials: of the real network all of them, of a lab its own run only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.cli.history import history_of, watched_of_late
from electrum_observatory.model.campaign import Campaign
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.watch import Availability, Reading
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.loop import run
from electrum_observatory.scanner.config import Budgets
from electrum_observatory.store.live import LiveStore
from tests.factories import (
    make_campaign,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
)
from tests.unit.store.watching.facts import make_round, make_stint, make_watch

NOON = 1_795_262_400_000_000
MINUTE = 60_000_000
UP, DOWN, UNKNOWN = (
    make_endpoint(host=f"{name}.org", address=f"5.9.1.{n}") for n, name in enumerate(("up", "down", "no"))
)


def campaign(number: int, *, minute: float, lab: str | None = None, vantage: str = "local") -> Campaign:
    return make_campaign(
        campaign_id=f"20261121T120000Z-{vantage}-{number:06x}",
        vantage=vantage,
        started_at_us=NOON + round(minute * MINUTE),
        overlay=None if lab is None else {"name": "world", "sha256": lab},
    )


def fill(data: Path, campaigns: Sequence[Campaign]) -> None:
    """Let each campaign reach one server and miss another."""
    with LiveStore.open(data, SystemClock()) as store:
        for one in campaigns:
            store.begin_campaign(one)
            where = {"campaign_id": one.campaign_id, "vantage": one.vantage, "started_at_us": one.started_at_us}
            missed = make_failed_observation(
                "connection", stage=Stage.CONNECT, kind=FailureKind.CONNECT_TIMEOUT, endpoint=DOWN, **where
            )
            store.record_many([make_observation("connection", make_connection_result(), endpoint=UP, **where), missed])


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A clock that stands still; ``minute`` after noon, ``up`` minutes after the boot."""

    minute: float
    up: float = 0.0
    boot_id: str = "another boot"

    def now_us(self) -> int:
        return NOON + round(self.minute * MINUTE)

    def monotonic_ns(self) -> int:
        return round(self.up * MINUTE * 1_000)


def kind_at(data: Path, who: Campaign, endpoint: Endpoint, **now: Any) -> FailureKind | None:
    clock = Now(**now)
    rest = history_of(data, who, clock).rest(endpoint, now_us=clock.now_us(), budgets=Budgets())
    return None if rest is None else rest.kind


NEW = campaign(99, minute=100)


def test_an_empty_folder_remembers_nothing(tmp_path: Path) -> None:
    assert kind_at(tmp_path, NEW, UP, minute=0) is None


def test_dials_of_every_vantage_count_and_failures_add_up_over_campaigns(tmp_path: Path) -> None:
    fill(tmp_path, [campaign(1, minute=0), campaign(2, minute=11, vantage="fra-1")])

    assert kind_at(tmp_path, NEW, UP, minute=20.9) is FailureKind.TOO_SOON
    assert kind_at(tmp_path, NEW, UP, minute=21) is None
    assert kind_at(tmp_path, NEW, DOWN, minute=30.9) is FailureKind.BACKED_OFF
    assert kind_at(tmp_path, NEW, DOWN, minute=31) is None
    assert kind_at(tmp_path, NEW, UNKNOWN, minute=12) is None


def test_a_campaign_that_is_gone_on_with_is_no_other_campaign(tmp_path: Path) -> None:
    first = campaign(1, minute=0)
    fill(tmp_path, [first])

    assert kind_at(tmp_path, first, UP, minute=1) is None
    assert kind_at(tmp_path, NEW, UP, minute=1) is FailureKind.TOO_SOON


@pytest.mark.parametrize("set_by", [-24 * 60, -5, 0, 5, 24 * 60])
def test_a_clock_that_was_set_since_shortens_no_rest_and_lengthens_none(tmp_path: Path, set_by: float) -> None:
    fill(tmp_path, [campaign(1, minute=0)])
    booted = {"boot_id": "boot-0"}  # its dials were made 0.9 s after that

    assert kind_at(tmp_path, NEW, UP, minute=set_by + 9.9, up=9.9, **booted) is FailureKind.TOO_SOON
    assert kind_at(tmp_path, NEW, UP, minute=set_by + 10.1, up=10.1, **booted) is None


@pytest.mark.parametrize(("then", "now", "inherits"), [(None, None, True), ("a", "a", True), ("a", "b", False)])
def test_a_lab_inherits_from_its_own_run_only(
    tmp_path: Path, then: str | None, now: str | None, inherits: bool
) -> None:
    fill(tmp_path, [campaign(1, minute=0, lab=then)])

    assert (kind_at(tmp_path, campaign(2, minute=1, lab=now), UP, minute=1) is not None) is inherits


@pytest.mark.parametrize(("then", "now"), [("a", None), (None, "a")])
def test_a_lab_and_the_real_network_never_inherit_from_each_other(
    tmp_path: Path, then: str | None, now: str | None
) -> None:
    fill(tmp_path, [campaign(1, minute=0, lab=then)])

    assert kind_at(tmp_path, campaign(2, minute=1, lab=now), UP, minute=1) is None


def test_an_old_campaign_that_was_gone_on_with_this_week_still_counts(tmp_path: Path) -> None:
    week = 7 * 24 * 60
    old, young = campaign(1, minute=0), campaign(2, minute=week)
    fill(tmp_path, [old, young])
    with LiveStore.open(tmp_path, SystemClock()) as store:
        late = make_observation(
            "connection",
            make_connection_result(),
            campaign_id=old.campaign_id,
            endpoint=UNKNOWN,
            started_at_us=NOON + (week + 1) * MINUTE,
        )
        store.record_many([late])

    assert kind_at(tmp_path, NEW, UNKNOWN, minute=week + 5) is FailureKind.TOO_SOON


def test_a_campaign_that_was_sealed_more_than_a_week_ago_is_not_even_read(tmp_path: Path) -> None:
    old = campaign(1, minute=0)
    fill(tmp_path, [old])
    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.end_campaign(make_seal(campaign_id=old.campaign_id, sealed_at_us=NOON + MINUTE))

    assert kind_at(tmp_path, NEW, DOWN, minute=5) is FailureKind.BACKED_OFF
    assert kind_at(tmp_path, NEW, DOWN, minute=8 * 24 * 60) is None


def test_a_handshake_that_failed_counts_as_the_dial_before_it(tmp_path: Path) -> None:
    one = campaign(1, minute=0)
    where = {"campaign_id": one.campaign_id, "endpoint": UP, "started_at_us": NOON}
    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.begin_campaign(one)
        for minute in (0, 11):
            where["started_at_us"] = NOON + minute * MINUTE
            dialled = make_observation("connection", make_connection_result(), **where)
            unanswered = make_failed_observation(
                "server_version", stage=Stage.NEGOTIATE, kind=FailureKind.READ_TIMEOUT, **where
            )
            store.record_many([dialled, unanswered])

    assert kind_at(tmp_path, NEW, UP, minute=30.9) is FailureKind.BACKED_OFF
    assert kind_at(tmp_path, NEW, UP, minute=31.1) is None


def test_a_further_visit_counts_like_any_other(tmp_path: Path) -> None:
    """Its dial is recorded as ``opening``; ten minutes begin with the last one."""
    fill(tmp_path, [campaign(1, minute=60)])
    who = campaign(2, minute=95)
    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.begin_campaign(who)
        where = {"campaign_id": who.campaign_id, "started_at_us": NOON + 95 * MINUTE}
        store.record_many([make_observation("opening", {"visit": 3}, endpoint=UP, **where)])

    assert kind_at(tmp_path, NEW, UP, minute=104) is FailureKind.TOO_SOON
    assert kind_at(tmp_path, NEW, UP, minute=106) is None


def test_whom_a_watch_asked_counts_as_asked_at_that_moment(tmp_path: Path) -> None:
    async def watch_both(store: LiveStore) -> None:
        sink = store.watching()
        await sink.begin_stint(make_watch(), make_stint(NOON))
        for number, minute in ((1, 0), (2, 5)):
            readings = [
                Reading(endpoint=one, availability=Availability.UP, sent_us=1_000_000)
                for one in (UP, DOWN)[: 3 - number]
            ]
            await sink.record_round(make_round(number, NOON + minute * MINUTE), readings)

    with LiveStore.open(tmp_path, SystemClock()) as store:
        store.begin_campaign(campaign(1, minute=-1000))
        run(watch_both(store))

    asked = watched_of_late(tmp_path, NEW, Now(minute=30))

    assert asked == {"5.9.1.0": NOON + 5 * MINUTE + 1_000_000, "5.9.1.1": NOON + 1_000_000}
    assert watched_of_late(tmp_path, NEW, Now(minute=70)) == {}
    assert watched_of_late(tmp_path, campaign(2, minute=30, lab="0" * 64), Now(minute=30)) == {}
    assert watched_of_late(tmp_path / "none", NEW, Now(minute=30)) == {}
