"""The fee histogram that a process shows: the one of its last refresh, not of this moment."""

import random

from electrum_observatory.lab.histograms import Bins, Histogram
from electrum_observatory.lab.personalities.base import StateSource
from electrum_observatory.lab.personalities.caching import Period


class RefreshedHistogram:
    """Recomputed at the start, then every ``seconds`` with a phase of its own; by some programs at each block too."""

    def __init__(
        self,
        *,
        cut: Histogram,
        state: StateSource,
        started_at: float,
        seconds: float,
        rng: random.Random,
        at_blocks: bool,
    ) -> None:
        self._cut = cut
        self._state = state
        self._period = Period(started_at=started_at, seconds=seconds, phase=rng.random())
        self._at_blocks = at_blocks
        self._shown: tuple[tuple[float, int], Bins] | None = None

    def get(self, at: float) -> Bins:
        """Return what the process shows at a moment."""
        refreshed_at = self._period.last_run(at)
        height = self._state(at).node.height if self._at_blocks else 0
        if self._shown is None or self._shown[0] != (refreshed_at, height):
            self._shown = ((refreshed_at, height), self._cut(self._state(self._seen(refreshed_at, at)).node.mempool))
        return self._shown[1]

    def _seen(self, refreshed_at: float, at: float) -> float:
        """After a block within a period, the mempool counts as it was when first asked for."""
        if not self._at_blocks:
            return refreshed_at
        return refreshed_at if self._state(refreshed_at).node.height == self._state(at).node.height else at
