"""How late our own event loop runs: a slow reply of ours must never be read as a slow server."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable

_INTERVAL_S = 0.1
_KEPT = 1_200


class LoopLag:
    """Samples the loop's lateness beside the work.

    Attributes:
        worst_us: The worst lateness so far, microseconds.
    """

    def __init__(
        self, *, interval_s: float | None = None, kept: int = _KEPT, now: Callable[[], float] | None = None
    ) -> None:
        """Take how often to look, how many samples to remember, and the clock in seconds; the loop's own by default.

        Delays shorter than the interval may be missed.
        """
        self.worst_us = 0
        self._interval_s = interval_s
        self._kept = kept
        self._now = now
        self._at: list[float] = []
        self._late_us: list[int] = []

    async def measure(self) -> None:
        """Sample until cancelled."""
        now = self._now or asyncio.get_running_loop().time
        while True:
            interval_s = _INTERVAL_S if self._interval_s is None else self._interval_s
            due = now() + interval_s
            await asyncio.sleep(interval_s)
            at = now()
            self._note(at, max(0, int((at - due) * 1_000_000)))

    def worst_since(self, time: float) -> int:
        """Return the largest lateness in microseconds since a moment of the clock; 0 where none was sampled."""
        return max(self._late_us[bisect_left(self._at, time) :], default=0)

    def worst_between(self, start: float, end: float) -> int:
        """Return the largest lateness that reached into a span; known once the loop was looked at after it."""
        worst = 0
        for number in range(bisect_left(self._at, start), len(self._at)):
            at, late_us = self._at[number], self._late_us[number]
            if at - late_us / 1_000_000 > end:
                break
            worst = max(worst, late_us)
        return worst

    def _note(self, at: float, late_us: int) -> None:
        self._at.append(at)
        self._late_us.append(late_us)
        self.worst_us = max(self.worst_us, late_us)
        if len(self._at) >= 2 * self._kept:
            del self._at[: self._kept], self._late_us[: self._kept]
