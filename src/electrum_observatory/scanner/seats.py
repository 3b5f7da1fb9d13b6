"""Seats: how much is worked on at once. Whoever only waits for a stranger steps aside, so that a ready one can begin.

A visit or lookup takes a seat and keeps it while its peer keeps answering. A moment after the last reply the seat is
free again, while the job stays open under a cap of its own. So silent hosts cost their own timeouts and nobody else's.
"""

import asyncio
from collections.abc import Callable

_OWN_LATENESS = 0.25


class Seats:
    """Counts who is worked on and who is merely open; belongs to the engine's owner."""

    def __init__(self, *, seats: int, open_at_once: int, moment_s: float, freed: Callable[[], None]) -> None:
        """Take the room.

        Args:
            seats: Jobs that are worked on at once.
            open_at_once: Jobs under way at once, those included that stepped aside.
            moment_s: How long a job may be silent and keep its seat.
            freed: Told when a job steps aside.
        """
        self._seats = seats
        self._open_at_once = open_at_once
        self._moment_s = moment_s
        self._freed = freed
        self._taken = 0
        self._open = 0

    @property
    def free(self) -> bool:
        """Whether another job may begin."""
        return self._taken < self._seats and self._open < self._open_at_once

    def take(self, heard: Callable[[], int] = lambda: 0) -> "Seat":
        """Begin a job; ``heard`` returns a number that grows whenever its peer brings it further."""
        self._taken += 1
        self._open += 1
        return Seat(self, heard, self._moment_s)

    def _step_aside(self) -> None:
        self._taken -= 1
        self._freed()

    def _leave(self, *, seated: bool) -> None:
        self._taken -= seated
        self._open -= 1


class Seat:
    """One job's place; :meth:`leave` when it is over."""

    __slots__ = ("_due", "_heard", "_heard_before", "_moment_s", "_seats", "_timer")

    def __init__(self, seats: Seats, heard: Callable[[], int], moment_s: float) -> None:
        """Use :meth:`Seats.take`."""
        self._seats = seats
        self._heard = heard
        self._heard_before = heard()
        self._moment_s = moment_s
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._wait()

    def leave(self) -> None:
        """Give the place back; to be called once."""
        seated = self._timer is not None
        if self._timer is not None:
            self._timer.cancel()
        self._seats._leave(seated=seated)

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + self._moment_s
        self._timer = loop.call_at(self._due, self._look)

    def _look(self) -> None:
        """Step aside, unless the peer has answered since, or our own loop was too late to hear it."""
        heard, late_s = self._heard(), asyncio.get_running_loop().time() - self._due
        if heard != self._heard_before or late_s > _OWN_LATENESS * self._moment_s:
            self._heard_before = heard
            self._wait()
            return
        self._timer = None
        self._seats._step_aside()
