"""For how long we were blind: spells that overlap count once, and a clock that was set hid nothing."""

from collections.abc import Iterable

from electrum_observatory.model.watch import Blindness, BlindSpell


def blind_stretches(spells: Iterable[BlindSpell]) -> list[tuple[int, int]]:
    """Return begin and end of each time in which nobody was watched, UTC microseconds, oldest first.

    A spell that ends before it begins (the clock was set back meanwhile) lasted for nobody knows how long, and is left
    out.
    """
    stretches: list[tuple[int, int]] = []
    hidden = (one for one in spells if one.why is not Blindness.CLOCK_STEP and one.from_us < one.to_us)
    for from_us, to_us in sorted((one.from_us, one.to_us) for one in hidden):
        if stretches and from_us <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], to_us))
        else:
            stretches.append((from_us, to_us))
    return stretches


def blind_us(spells: Iterable[BlindSpell]) -> int:
    """Return for how many microseconds nobody was watched."""
    return sum(to_us - from_us for from_us, to_us in blind_stretches(spells))
