"""Work that waits until its machine has been left in peace for long enough: what is due, and when the next will be.

Pure bookkeeping; the owner brings the time. A machine's rest begins when the last visit to it has ended, whichever of
its endpoints that was, and one piece of work at a time is handed out for it.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

WorkT = TypeVar("WorkT")


@dataclass(slots=True)
class _Machine(Generic[WorkT]):
    waiting: deque[WorkT] = field(default_factory=deque)
    visitors: int = 0
    rested_at_s: float = 0.0
    held: bool = False


class Resting(Generic[WorkT]):
    """Queues work per machine until the machine has rested."""

    def __init__(self, rest_s: float) -> None:
        """Take how long a machine rests after a visit."""
        self._rest_s = rest_s
        self._machines: dict[str, _Machine[WorkT]] = {}
        self._waited_for: dict[str, _Machine[WorkT]] = {}  # a scan asks at every turn, and mostly there are none

    @property
    def waiting(self) -> int:
        """Pieces of work that wait."""
        return sum(len(machine.waiting) for machine in self._waited_for.values())

    def begun(self, machine: str) -> None:
        """Say that a visit has begun, or is about to."""
        self._of(machine).visitors += 1

    def ended(self, machine: str, now_s: float) -> None:
        """Say that a visit has ended: the rest begins."""
        one = self._of(machine)
        one.visitors -= 1
        one.rested_at_s = max(one.rested_at_s, now_s + self._rest_s)

    def rest_until(self, machine: str, at_s: float, *, held: bool) -> None:
        """Say that a machine must not be visited before a time; ``held`` where it was handed out before."""
        one = self._of(machine)
        one.held |= held
        one.rested_at_s = max(one.rested_at_s, at_s)

    def holds(self, machine: str) -> bool:
        """Whether the machine's visits must all be spaced by rests: one of them was handed out from here."""
        return machine in self._machines and self._machines[machine].held

    def put(self, machine: str, work: WorkT, *, first: bool = False) -> None:
        """Queue work, in front of all that waits for the machine or behind."""
        one = self._waited_for[machine] = self._of(machine)
        if first:
            one.waiting.appendleft(work)
        else:
            one.waiting.append(work)

    def take_due(self, now_s: float, *, busy: Callable[[str], bool]) -> list[tuple[str, WorkT]]:
        """Hand out what may go now; of each machine one, and a visit of it has then begun.

        ``busy`` says of a machine whether other work is about to begin there.
        """
        due = []
        for name, machine in list(self._waited_for.items()):
            if machine.rested_at_s <= now_s and self._may_go(name, machine, busy):
                machine.visitors += 1
                machine.held = True
                due.append((name, machine.waiting.popleft()))
                if not machine.waiting:
                    del self._waited_for[name]
        return due

    def next_due_s(self, *, busy: Callable[[str], bool]) -> float | None:
        """Return when the next piece may go; None where nothing waits, or only behind visits that still go on."""
        times = (one.rested_at_s for name, one in self._waited_for.items() if self._may_go(name, one, busy))
        return min(times, default=None)

    def last_due_s(self, visits: Callable[[WorkT], int], now_s: float) -> float | None:
        """Return when the last visit may begin at the earliest; each piece of work stands for so many ``visits``."""
        return max(
            (
                max(one.rested_at_s, now_s) + (sum(map(visits, one.waiting)) - 1) * self._rest_s
                for one in self._waited_for.values()
            ),
            default=None,
        )

    def visits(self, visits: Callable[[WorkT], int]) -> int:
        """Return how many visits wait; each piece of work stands for so many ``visits``."""
        return sum(visits(work) for machine in self._waited_for.values() for work in machine.waiting)

    @staticmethod
    def _may_go(name: str, machine: _Machine[WorkT], busy: Callable[[str], bool]) -> bool:
        return not machine.visitors and not busy(name)

    def drop_waiting(self) -> list[WorkT]:
        """Forget and return everything that waits."""
        dropped: list[WorkT] = []
        for machine in self._waited_for.values():
            dropped += machine.waiting
            machine.waiting.clear()
        self._waited_for.clear()
        return dropped

    def _of(self, machine: str) -> _Machine[WorkT]:
        return self._machines.setdefault(machine, _Machine())
