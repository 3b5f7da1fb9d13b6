"""Something that happens again and again, but no more often than every so many seconds."""

import asyncio
from collections.abc import Callable


class Pace:
    """Says whether the next time has come. Whoever asks too early is woken then."""

    def __init__(self, seconds: float, wake: Callable[[], None]) -> None:
        """Take the time between two, and what to call once it is over, where somebody asked before."""
        self._seconds = seconds
        self._wake = wake
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def take(self) -> bool:
        """Say whether it may happen now; if so, it does."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_at:
            self._next_at = loop.time() + self._seconds
            return True
        if self._timer is None:
            self._timer = loop.call_at(self._next_at, self._come)
        return False

    def _come(self) -> None:
        """Let the next one happen, whatever the clock says: timers and clocks are rounded differently."""
        self._timer = None
        self._next_at = 0.0
        self._wake()
