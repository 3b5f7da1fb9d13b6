"""Which height others had by some moment: the median over backends, so that a few who claim much move nobody."""

import bisect
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from electrum_observatory.analysis.truth.backends import FEWEST

RECENT_S = 600.0
"""What others said longer ago tells little of the present: a block takes ten minutes."""

ALLOWANCE_S = 60.0
"""A tip may be that much younger among others than here. Poll phases explain 11 s; the rest is propagation and load."""

_STEP_S = 30.0
"""Moments are rounded down to that: the same question is asked for thousands of servers."""


class KnownHeights:
    """Heights of tips over time, by backend; all times are of one clock."""

    def __init__(self, seen: Iterable[tuple[float, str, int]]) -> None:
        """Take (when, backend, height) of every tip, in any order."""
        self._seen = sorted(seen)
        self._backends = {backend for _, backend, _ in self._seen}
        self._times = [at_s for at_s, *_ in self._seen]
        self._cache: dict[tuple[float, float], tuple[dict[str, int], list[int]]] = {}

    def others(self, backend: str) -> int:
        """Return how many other backends were heard at all."""
        return len(self._backends - {backend})

    def by(self, at_s: float, *, without: str) -> tuple[int | None, bool]:
        """Return the median height of other backends at a moment, and whether it is of the last ten minutes.

        Where fewer than three were heard in these minutes, it is that of all times before; None where even those are
        too few.
        """
        for since, recent in ((RECENT_S, True), (float("inf"), False)):
            heights, ordered = self._between(at_s, since)
            others = len(ordered) - (without in heights)
            if others >= FEWEST:
                return _median_without(ordered, heights.get(without)), recent
        return None, False

    def _between(self, at_s: float, since: float) -> tuple[dict[str, int], list[int]]:
        until = at_s // _STEP_S * _STEP_S
        if (until, since) not in self._cache:
            first, last = bisect.bisect_left(self._times, until - since), bisect.bisect_right(self._times, until)
            heights: dict[str, int] = {}
            for _, backend, height in self._seen[first:last]:
                heights[backend] = max(heights.get(backend, height), height)
            self._cache[until, since] = heights, sorted(heights.values())
        return self._cache[until, since]


KnownByClock: TypeAlias = Mapping[str, KnownHeights]
"""Clock to what was known by its time."""


def known_by_clock(seen: Iterable[tuple[str, float, str, int]]) -> KnownByClock:
    """Take (clock, when, backend, height) of every tip, in any order."""
    by_clock: dict[str, list[tuple[float, str, int]]] = {}
    for clock, at_s, backend, height in seen:
        by_clock.setdefault(clock, []).append((at_s, backend, height))
    return {clock: KnownHeights(of_clock) for clock, of_clock in by_clock.items()}


def _median_without(ordered: list[int], left_out: int | None) -> int:
    """Return the lower median of sorted values, one of them left out."""
    if left_out is None:
        return ordered[(len(ordered) - 1) // 2]
    middle = (len(ordered) - 2) // 2
    return ordered[middle + (bisect.bisect_left(ordered, left_out) <= middle)]
