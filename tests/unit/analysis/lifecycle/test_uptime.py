"""Uptime: the share, its interval, and our own gaps left out."""

import numpy as np
import pytest

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP
from electrum_observatory.analysis.lifecycle.uptime import uptimes
from electrum_observatory.model.watch import Blindness, BlindSpell
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.lifecycle.tables import START_US, STEP_US, presence


def markov(chance: np.random.Generator, rounds: int, servers: int, leaving_up: float, leaving_down: float):
    """States of two-state Markov chains begun at their long-run share."""
    up = chance.random(servers) < leaving_down / (leaving_up + leaving_down)
    rows = []
    for _ in range(rounds):
        rows.append(up)
        lot = chance.random(servers)
        up = np.where(up, lot >= leaving_up, lot < leaving_down)
    return np.where(np.array(rows), UP, UNKNOWN)


@pytest.mark.parametrize(("leaving_up", "leaving_down"), [(0.02, 0.1), (0.002, 0.05), (0.3, 0.3)])
def test_intervals_hold_the_true_share_as_often_as_they_say(leaving_up: float, leaving_down: float) -> None:
    truth = leaving_down / (leaving_up + leaving_down)
    states = markov(np.random.default_rng(20261121), 2016, 200, leaving_up, leaving_down)

    found = uptimes(presence(states))

    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.90 <= covered <= 0.99
    assert np.mean([one.share for one in found]) == pytest.approx(truth, abs=0.01)


def test_an_interval_that_took_every_round_for_independent_would_be_far_too_narrow() -> None:
    states = markov(np.random.default_rng(7), 2016, 1, 0.01, 0.03)

    (one,) = uptimes(presence(states))

    assert one.high - one.low > 5 * 2 * np.sqrt(one.share * (1 - one.share) / 2016)


def test_a_server_that_was_always_up_is_said_to_be_up_at_least_so_much() -> None:
    (one,) = uptimes(presence(np.full((2016, 1), UP)))

    assert one.share == one.high == 1.0
    assert 0.8 < one.low < 1.0
    assert (one.outages, one.longest_outage_us) == (0, 0)


def test_rounds_within_a_blind_spell_of_ours_count_for_nobody() -> None:
    states = np.full((100, 1), UP)
    states[40:60] = UNKNOWN
    spell = BlindSpell(why=Blindness.NO_NETWORK, from_us=START_US + 39 * STEP_US, to_us=START_US + 60 * STEP_US)

    (with_spell,) = uptimes(presence(states, spells=[spell]))
    (without,) = uptimes(presence(states))

    assert (with_spell.share, with_spell.rounds, with_spell.outages) == (1.0, 80, 0)
    assert (without.share, without.rounds, without.outages) == (0.8, 100, 1)


def test_a_blind_spell_between_two_rounds_makes_no_outage_of_theirs() -> None:
    states = np.full((10, 1), UP)
    states[5:] = UNKNOWN
    spell = BlindSpell(why=Blindness.NOT_RUNNING, from_us=START_US + 4 * STEP_US, to_us=START_US + 5 * STEP_US)

    (one,) = uptimes(presence(states, spells=[spell]))

    assert (one.outages, one.longest_outage_us) == (0, 0)


def test_a_clock_step_hides_no_round() -> None:
    spell = BlindSpell(why=Blindness.CLOCK_STEP, from_us=START_US, to_us=START_US + 90 * STEP_US, step_us=5_000_000)

    (one,) = uptimes(presence(np.full((100, 1), UP), spells=[spell]))

    assert one.rounds == 100


def test_outages_are_counted_and_the_longest_is_measured_to_the_round_that_saw_the_server_again() -> None:
    states = np.full((20, 1), UP)
    states[3:5] = UNKNOWN
    states[10:14] = REFUSED

    (one,) = uptimes(presence(states))

    assert (one.outages, one.longest_outage_us) == (2, 4 * STEP_US)
    assert (one.up, one.refused, one.unknown) == (14, 4, 2)


def test_a_server_that_joined_later_is_judged_from_then_on() -> None:
    states = np.full((50, 2), UP)
    states[:30, 1] = NOTHING
    states[45:, 1] = UNKNOWN

    _, one = uptimes(presence(states))

    assert (one.rounds, one.up) == (20, 15)
    assert one.first_asked_us == one.first_seen_us == START_US + 30 * STEP_US
    assert one.last_seen_us == START_US + 44 * STEP_US


def test_of_a_server_that_was_never_asked_nothing_is_said() -> None:
    (one,) = uptimes(presence(np.full((5, 1), NOTHING)))

    assert (one.rounds, one.share, one.low, one.first_asked_us) == (0, None, None, None)
