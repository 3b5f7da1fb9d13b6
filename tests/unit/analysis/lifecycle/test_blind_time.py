"""How long a watch was blind: nothing counts twice, and setting the clock is no blindness."""

from electrum_observatory.analysis.lifecycle.blind_time import blind_stretches, blind_us
from electrum_observatory.model.watch import Blindness, BlindSpell

HOUR = 3_600_000_000


def spell(why: Blindness, from_us: int, to_us: int, step_us: int = 0) -> BlindSpell:
    return BlindSpell(why=why, from_us=from_us, to_us=to_us, step_us=step_us)


def test_spells_that_overlap_or_touch_count_once() -> None:
    spells = [
        spell(Blindness.NO_NETWORK, 300, 14_200),
        spell(Blindness.SUSPENDED, 0, 14_500),
        spell(Blindness.LATE, 14_500, 15_000),
        spell(Blindness.NOT_RUNNING, 20_000, 21_000),
    ]

    assert blind_stretches(spells) == [(0, 15_000), (20_000, 21_000)]
    assert blind_us(spells) == 16_000


def test_a_clock_that_was_set_hid_nothing_whichever_way() -> None:
    steps = [spell(Blindness.CLOCK_STEP, 5 * HOUR, 2 * HOUR, -3 * HOUR), spell(Blindness.CLOCK_STEP, 0, HOUR, HOUR)]

    assert blind_us(steps) == 0
    assert blind_us([*steps, spell(Blindness.NOT_RUNNING, 5 * HOUR, 4 * HOUR)]) == 0
