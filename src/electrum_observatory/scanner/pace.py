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

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _come(self) -> None:
        """Let the next one happen, whatever the clock says: timers and clocks are rounded differently."""
        self._timer = None
        self._next_at = 0.0
        self._wake()


class Alarm:
    """Wakes somebody at a time; setting it anew forgets the time before."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Take what to call."""
        self._wake = wake
        self._timer: asyncio.TimerHandle | None = None

    def set(self, at: float | None) -> None:
        """Wake at a time on the loop's clock; None for never."""
        if self._timer is not None:
            if at == self._timer.when():
                return
            self._timer.cancel()
        self._timer = None if at is None else asyncio.get_running_loop().call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._wake()
