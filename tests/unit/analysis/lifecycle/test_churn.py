"""Who comes and who goes."""

import numpy as np
import pytest

from electrum_observatory.analysis.lifecycle.churn import GONE_AFTER_DAYS, churn, stay
from electrum_observatory.analysis.lifecycle.presence import UNKNOWN, UP
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.lifecycle.tables import DAY_US, presence

A_DAY = {"step_us": DAY_US}


def days(*patterns: str):
    """One server per text, one round a day: ``u`` answered, ``.`` did not, a space was not watched."""
    codes = {"u": UP, ".": UNKNOWN, " ": NOTHING}
    return np.array([[codes[letter] for letter in pattern] for pattern in patterns]).T


def test_arrivals_returns_and_departures_are_counted_on_their_days() -> None:
    seen = churn(presence(days("uuuuuuuuuu", "  uuuuuuuu", "uu.uuuuuuu", "uuuu......"), **A_DAY))

    assert [day.present for day in seen] == [3, 3, 3, 4, 3, 3, 3, 3, 3, 3]
    assert [day.appeared for day in seen] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert [day.returned for day in seen] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert [day.left for day in seen] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_nobody_is_said_to_have_left_before_enough_days_have_followed() -> None:
    seen = churn(presence(days("uuuuuuuuuu", "uuuuuuuu.."), **A_DAY))

    assert [day.too_early for day in seen] == [False] * (10 - GONE_AFTER_DAYS) + [True] * GONE_AFTER_DAYS
    assert sum(day.left for day in seen) == 0


def test_a_server_that_we_stopped_asking_has_not_left() -> None:
    watched = presence(days("uuuuuuuuuu", " uuu      ", " uuu..    ", " uuu. . . ", " uuu...   "), **A_DAY)
    seen, found = churn(watched), stay(watched)

    assert [day.left for day in seen] == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert found is not None
    assert (found.servers, found.departures) == (4, 2)
    assert found.still_there == (0.5,)


def test_a_server_that_we_did_not_ask_for_a_while_has_not_returned() -> None:
    seen = churn(presence(days("uuuuuuuuuu", "uu  uuuuuu", "uu.  uuuuu", "uu  .uuuuu"), **A_DAY))

    assert [day.returned for day in seen] == [0, 0, 0, 0, 0, 2, 0, 0, 0, 0]


def test_the_stay_is_estimated_with_those_that_are_still_there() -> None:
    chance = np.random.default_rng(20261121)
    lengths = np.ceil(chance.exponential(12.0, 400)).astype(int)
    states = np.full((60, 401), UNKNOWN)
    states[:, 400] = UP
    for place, length in enumerate(lengths):
        began = 1 + place % 40
        states[:began, place] = NOTHING
        states[began : began + length, place] = UP

    found = stay(presence(states, **A_DAY))

    assert found is not None
    assert found.servers == 400
    assert 0 < found.departures < 400
    assert found.median_days == pytest.approx(np.median(lengths), abs=2)
    assert all(low <= share <= high for low, share, high in zip(found.low, found.still_there, found.high, strict=True))


def test_servers_that_were_there_from_the_first_day_say_nothing_of_how_long_servers_stay() -> None:
    assert stay(presence(days("uuuu......"), **A_DAY)) is None


def test_where_nobody_left_no_share_is_made_up() -> None:
    found = stay(presence(days("uuuuuuuuuu", " uuuuuuuuu"), **A_DAY))

    assert found is not None
    assert (found.servers, found.departures, found.median_days) == (1, 0, None)
