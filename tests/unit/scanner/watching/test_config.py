"""What may be set about a watch, what cannot be kept to, and what a lab's time does to it."""

from dataclasses import replace

import pytest

from electrum_observatory.model.watch import USUAL_QUESTIONS, Question
from electrum_observatory.scanner.watching.config import WATCH_LIMITS, Cadences, Manners, WatchingConfig
from tests.unit.scanner.watching.scene import every


@pytest.mark.parametrize(
    "values",
    [
        {"deadline_s": 26.0},
        {"deadline_s": 0.0},
        {"spread_s": 20.0},
        {"cadences": every(30.0)},
        {"jitter_s": -1.0},
        {"scripts": ("ab" * 31,)},
        {"scripts": ("AB" * 32,)},
        {"scripts": ("ab" * 32, "ab" * 32)},
        {"scripts": tuple(f"{number:064x}" for number in range(9))},
        {"scripts": ("ab" * 32,), "cadences": Cadences(pending_s=30.0)},
        {"manners": Manners(versions=())},
        {"manners": Manners(versions=("1.4", "1.5", "1.6"))},
    ],
)
def test_what_cannot_be_kept_to_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\d|version|twice"):
        WatchingConfig(**values)


def test_a_labs_time_divides_periods_but_leaves_a_busy_machine_time_to_answer() -> None:
    scaled = WatchingConfig().in_time_of(20.0)

    assert scaled.cadences == replace(every(15.0), pending_s=180.0)
    assert (scaled.dials.spacing_s, scaled.manners.keepalive_s, scaled.jitter_s) == (0.5, 6.0, 0.5)
    assert (scaled.deadline_s, scaled.manners.reply_s) == (2.0, 2.0)
    assert scaled.minute_s == 15.0
    assert WatchingConfig().in_time_of(1.0) == WatchingConfig()


def test_even_a_very_fast_lab_has_rounds_that_end_before_the_next() -> None:
    fast = WatchingConfig().in_time_of(300.0)

    assert 2 * fast.jitter_s + fast.deadline_s <= fast.shortest_s == pytest.approx(1.0)


def test_nobody_waits_out_a_failure_beyond_the_next_round() -> None:
    config = WatchingConfig(cadences=Cadences(ping_s=100.0))

    assert config.longest_backoff_s < 100.0


def test_without_scripts_nothing_of_the_watch_changes() -> None:
    without = WatchingConfig(cadences=Cadences(pending_s=1.0))

    assert without.questions == USUAL_QUESTIONS
    assert (without.shortest_s, without.minute_s) == (300.0, 60.0)
    assert without.limits == WATCH_LIMITS
    assert without.held_manners == Manners()


def test_scripts_are_asked_at_a_cadence_of_their_own_and_given_room() -> None:
    config = WatchingConfig(scripts=("ab" * 32, "cd" * 32))

    assert config.every_s == {**dict.fromkeys(USUAL_QUESTIONS, 300.0), Question.PENDING: 3_600.0}
    assert config.limits.max_line_bytes > 4_000 * 110
    assert config.held_manners.bytes_per_minute > 2 * config.limits.max_line_bytes
