"""What a watch did before: the number to go on with, who was watched and who was up, whatever the clock said."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from electrum_observatory.cli.monitor_past import Past, past_of
from electrum_observatory.model.watch import Availability, Reading
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching.columns import columns_of, joined
from electrum_observatory.store.watching.source import WatchReader
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import (
    DAY_US,
    EVERY_US,
    MIDNIGHT_US,
    make_round,
    make_stint,
    make_watch,
    servers,
)

HOUR_US = DAY_US // 24
UP, UNKNOWN = Availability.UP, Availability.UNKNOWN
SERVERS = servers(9)


class Folder:
    """A data folder with one watch."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.number = 0

    def keep(self, *rounds: Mapping[int, Availability], at_us: int = MIDNIGHT_US) -> None:
        """Keep rounds, five minutes apart, each with the states of some servers."""
        with LiveStore.open(self.data, StillClock()) as live:
            sink = live.watching()
            sink.begin_stint_now(make_watch(), make_stint(at_us))
            parts = []
            for place, states in enumerate(rounds):
                self.number += 1
                readings = [Reading(endpoint=SERVERS[one], availability=state) for one, state in states.items()]
                parts.append(columns_of(make_round(self.number, at_us + place * EVERY_US), readings))
            if parts:
                sink.record_columns(joined(parts))

    def seal(self) -> None:
        with LiveStore.open(self.data, StillClock()) as live:
            live.seal_watches("2026-12-31", apart=False)

    def past(self) -> Past:
        with WatchReader.open(self.data) as reader:
            return past_of(reader, make_watch())

    def found(self) -> tuple[int, int, int]:
        """Return the number to go on with, how many were watched, and how many were up."""
        past = self.past()
        return past.next_round, len(past.watched), len(past.was_up)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def states(up: int, watched: int = 8) -> dict[int, Availability]:
    return {one: UP if one < up else UNKNOWN for one in range(watched)}


BLIND: dict[int, Availability] = {}


def test_a_watch_that_never_was_has_no_past_and_one_without_rounds_has_begun(folder: Folder) -> None:
    folder.keep()

    assert folder.past() == Past(begun=True)
    with WatchReader.open(folder.data) as reader:
        assert past_of(reader, make_watch(watch_id="20261120T221500Z-local-ffffff")) == Past()


@pytest.mark.parametrize("sealed", [False, True])
def test_numbers_go_on_from_the_greatest_whatever_the_clock_said(folder: Folder, sealed: bool) -> None:
    folder.keep(states(8), states(8), at_us=MIDNIGHT_US + 30 * DAY_US)
    folder.keep(states(7), at_us=MIDNIGHT_US + HOUR_US)
    if sealed:
        folder.seal()

    past = folder.past()

    assert (past.next_round, past.last_round_us) == (4, MIDNIGHT_US + HOUR_US)
    assert past.watched == set(SERVERS[:8])


def test_a_round_of_tomorrow_is_not_lost_to_those_of_today(folder: Folder) -> None:
    folder.keep(states(8), at_us=MIDNIGHT_US + DAY_US)
    folder.seal()
    folder.keep(states(6), at_us=MIDNIGHT_US)

    assert folder.found() == (3, 8, 8)


@pytest.mark.parametrize("sealed", [False, True])
def test_who_was_watched_and_up_is_told_by_rounds_with_readings(folder: Folder, sealed: bool) -> None:
    folder.keep(states(8), states(7), *[BLIND] * 40)
    if sealed:
        folder.seal()

    assert folder.found() == (43, 8, 8)


def test_rounds_in_which_nobody_was_up_say_who_is_watched_and_not_whom_to_expect(folder: Folder) -> None:
    folder.keep(states(5), *[states(0, 9)] * 20)

    assert folder.found() == (22, 9, 5)


def test_a_round_that_heard_a_few_of_many_is_no_measure_and_of_few_the_last_one_is(folder: Folder) -> None:
    folder.keep(states(8), states(1))
    assert folder.found() == (3, 8, 8)

    folder.keep(*[states(1, 3)] * 12, at_us=MIDNIGHT_US + HOUR_US)
    assert folder.found() == (15, 3, 1)


def test_after_a_day_of_rounds_in_which_nobody_was_up_nobody_is_expected(folder: Folder) -> None:
    folder.keep(states(8), *[states(0, 1)] * 600)

    assert folder.found() == (602, 1, 0)
