"""A limit to a wait."""

import asyncio
from types import TracebackType


class Deadline:
    """``asyncio.timeout`` without its other features, at a quarter of its price: a visit has a dozen of them.

    As a context manager, cancels the task that entered it when the time is up, and then raises TimeoutError instead of
    the cancellation; a cancellation from outside passes.
    """

    __slots__ = ("_cancelling", "_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float | None) -> None:
        """Take the time; None for ever."""
        self._seconds = seconds
        self._expired = False
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Begin to wait."""
        task = asyncio.current_task()
        assert task is not None, "only a task can be cut short"
        self._task = task
        self._cancelling = task.cancelling()
        if self._seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop waiting. Raises TimeoutError where the time was up."""
        if self._timer is not None:
            self._timer.cancel()
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()
