"""What a server process remembers between connections: periodic tasks with a phase, and values with a time to live."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Period:
    """A task that a process repeats: it runs at its start, then every ``seconds`` with a phase of its own."""

    def __init__(self, *, started_at: float, seconds: float, phase: float) -> None:
        """Args: ``phase`` is between 0 and 1: the fraction of a period between the start and the first repetition."""
        self._started_at = started_at
        self._seconds = seconds
        self._first = started_at + seconds * phase

    def last_run(self, at: float) -> float:
        """When the task last ran, at or before ``at``."""
        if at < self._first:
            return self._started_at
        return self._first + ((at - self._first) // self._seconds) * self._seconds


class Remembered(Generic[T]):
    """A value fetched on demand and kept for ``seconds`` (for ever where None)."""

    def __init__(self, *, seconds: float | None) -> None:
        self._seconds = seconds
        self._fetched: tuple[float, T] | None = None

    def get(self, at: float, fetch: Callable[[], T]) -> T:
        """Return the value as of ``at``."""
        if self._fetched is not None:
            fetched_at, value = self._fetched
            if self._seconds is None or at < fetched_at + self._seconds:
                return value
        value = fetch()
        self._fetched = (at, value)
        return value
