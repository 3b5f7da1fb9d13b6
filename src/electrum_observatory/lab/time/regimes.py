"""How dear block space is over time: spells of a regime, the market that wanders within them, the day's swing."""

import math

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.plans import FeeRegime, FeeSpell
from electrum_observatory.lab.time.ranges import RANGES, draw

MINUTE_S = 60
DAY_S = 86_400
_WANDER_S = 3 * 3600.0
"""Time after which the market has forgotten half of where it was (assumed)."""

Floats = NDArray[np.float64]


def draw_spells(regime: FeeRegime | None, seed: int, from_s: float, to_s: float) -> tuple[FeeSpell, ...]:
    """Draw spells without a gap: all of one regime, or each of another than the one before."""
    rng = stream(seed, "fee spells")
    spells: list[FeeSpell] = []
    at = from_s
    while at < to_s:
        known = [one for one in FeeRegime if not spells or one is not spells[-1].regime]
        drawn = regime or rng.choice(known)
        ends = at + RANGES["regime.spell"].draw(rng) * DAY_S
        spells.append(
            FeeSpell(
                regime=drawn,
                from_s=at,
                to_s=min(ends, to_s),
                level=RANGES[f"{drawn}.level"].draw(rng),
                demand=RANGES[f"{drawn}.demand"].draw(rng),
            )
        )
        at = ends
    return tuple(spells)


def market(spells: tuple[FeeSpell, ...], seed: int, minutes: Floats) -> tuple[Floats, Floats]:
    """Return the median fee rate offered and the demand (of capacity), at each of evenly spaced minutes."""
    place = np.searchsorted([spell.from_s for spell in spells], minutes, side="right") - 1
    place = np.clip(place, 0, len(spells) - 1)
    level = np.array([spell.level for spell in spells])[place]
    demand = np.array([spell.demand for spell in spells])[place]
    swing = draw("flow.daily_swing", seed)
    day = 1 + swing * np.sin(2 * np.pi * minutes / DAY_S)
    return level * np.exp(_wandering(seed, len(minutes))) * day, demand * (1 + day) / 2


def _wandering(seed: int, count: int) -> Floats:
    """A first-order autoregression of the drawn spread, one value a minute."""
    keep = math.exp(-MINUTE_S * math.log(2) / _WANDER_S)
    rng = np.random.default_rng(stream(seed, "market").getrandbits(64))
    pushes = rng.normal(0.0, draw("regime.wander", seed) * math.sqrt(1 - keep * keep), count).tolist()
    found = np.empty(count)
    at = 0.0
    for number, push in enumerate(pushes):
        at = keep * at + push
        found[number] = at
    return found
