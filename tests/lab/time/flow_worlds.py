"""Small worlds in time for tests: a day or less, a handful of nodes, built once for all tests that look at them."""

from functools import lru_cache

import numpy as np

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.flow import History, happen
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread, WorldPlan


def cell(
    regime: FeeRegime | None = FeeRegime.CALM,
    overlap: Overlap = Overlap.MODERATE,
    uptimes: UptimeSpread = UptimeSpread.NARROW,
) -> Cell:
    return Cell(regime=regime, overlap=overlap, uptimes=uptimes)


@lru_cache(maxsize=8)
def small_plan(regime: FeeRegime | None = FeeRegime.CALM, seed: int = 5, days: float = 0.25) -> WorldPlan:
    return draw_plan(cell(regime), seed, days=days, servers=24, nodes=14, shared=5)


@lru_cache(maxsize=8)
def small_history(regime: FeeRegime | None = FeeRegime.CALM, seed: int = 5, days: float = 0.25) -> History:
    return happen(small_plan(regime, seed, days))


@lru_cache(maxsize=8)
def small_mempools(regime: FeeRegime | None = FeeRegime.CALM, seed: int = 5, days: float = 0.25) -> Mempools:
    return Mempools(small_plan(regime, seed, days), small_history(regime, seed, days))


class AlwaysUp:
    """Servers that were started long before the watch and never since."""

    def __init__(self, started_s: float = -30 * 86_400.0) -> None:
        self._started_s = started_s

    def starts(self, server: int) -> np.ndarray:
        return np.array([self._started_s])
