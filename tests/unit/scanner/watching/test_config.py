"""What may be set about a watch, what cannot be kept to, and what a lab's time does to it."""

from dataclasses import replace

import pytest

from electrum_observatory.scanner.watching.config import Cadences, Manners, WatchingConfig
from tests.unit.scanner.watching.scene import every


@pytest.mark.parametrize(
    "values",
    [
        {"deadline_s": 26.0},
        {"deadline_s": 0.0},
        {"spread_s": 20.0},
        {"cadences": every(30.0)},
        {"jitter_s": -1.0},
        {"manners": Manners(versions=())},
        {"manners": Manners(versions=("1.4", "1.5", "1.6"))},
    ],
)
def test_what_cannot_be_kept_to_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\d|version"):
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
