"""How late our own event loop runs: a slow reply of ours must never be read as a slow server."""

import asyncio
from collections import deque

_INTERVAL_S = 0.1
_KEPT = 1_200


class LoopLag:
    """Samples the loop's lateness beside the work."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=_KEPT)
        self.worst_us = 0

    async def measure(self) -> None:
        """Sample until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _INTERVAL_S
            await asyncio.sleep(_INTERVAL_S)
            now = loop.time()
            late_us = max(0, int((now - due) * 1_000_000))
            self._samples.append((now, late_us))
            self.worst_us = max(self.worst_us, late_us)

    def worst_since(self, loop_time: float) -> int:
        """Return the largest lateness in microseconds since a moment of the loop's clock; 0 where none was sampled."""
        worst = 0
        for at, late_us in reversed(self._samples):
            if at < loop_time:
                break
            worst = max(worst, late_us)
        return worst
