"""Who may be dialled now: one new connection per machine and spacing, few at once, and no waiting in a worker's seat.

Pure bookkeeping without a clock: the owner says when a visit has ended and when a machine has cooled down.
Before machines are known, a machine is an IPv4 address, an IPv6 /64, an onion name or a host name.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from electrum_observatory.model.address import network_around, parse_address
from electrum_observatory.model.endpoint import Endpoint

WorkT = TypeVar("WorkT")


def machine_key(endpoint: Endpoint) -> str:
    """Return what counts as one machine for budgets."""
    if endpoint.address is None:
        return endpoint.host
    address = parse_address(endpoint.address)
    return endpoint.address if address is None or address.version == 4 else network_around(address, 64)


@dataclass(slots=True)
class _Machine(Generic[WorkT]):
    waiting: deque[WorkT] = field(default_factory=deque)
    open: int = 0
    cooling: bool = False
    listed: bool = False


class MachineBudget(Generic[WorkT]):
    """Queues work per machine and hands out what may start; fair between machines, in order within one."""

    def __init__(self, *, at_once: int) -> None:
        """Take how many connections one machine may have open."""
        self._at_once = at_once
        self._machines: dict[str, _Machine[WorkT]] = {}
        self._ready: deque[str] = deque()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Pieces of work that have not started."""
        return self._waiting

    @property
    def longest_queue(self) -> int:
        """Work waiting for the busiest machine: what decides how long a spaced scan takes."""
        return max((len(machine.waiting) for machine in self._machines.values()), default=0)

    def is_waited_for(self, machine: str) -> bool:
        """Whether work waits for the machine."""
        return machine in self._machines and bool(self._machines[machine].waiting)

    def put(self, machine: str, work: WorkT, *, next_in_turn: bool = False) -> None:
        """Queue work for a machine, in front of all that waits for it or behind."""
        waiting = self._machines.setdefault(machine, _Machine()).waiting
        if next_in_turn:
            waiting.appendleft(work)
        else:
            waiting.append(work)
        self._waiting += 1
        self._list(machine)

    def take(self) -> tuple[str, WorkT] | None:
        """Start a piece of work, or return None where all must wait.

        The machine is then cooling until :meth:`cooled`, and has one more connection open until :meth:`ended`.
        """
        if not self._ready:
            return None
        name = self._ready.popleft()
        machine = self._machines[name]
        machine.listed = False
        machine.open += 1
        machine.cooling = True
        self._waiting -= 1
        return name, machine.waiting.popleft()

    def ended(self, machine: str) -> None:
        """Say that a connection to the machine has ended."""
        self._machines[machine].open -= 1
        self._list(machine)

    def cooled(self, machine: str) -> None:
        """Say that the spacing since the machine's last new connection is over."""
        self._machines[machine].cooling = False
        self._list(machine)

    def drop_waiting(self) -> list[WorkT]:
        """Forget and return everything that has not started."""
        dropped: list[WorkT] = []
        for machine in self._machines.values():
            dropped += machine.waiting
            machine.waiting.clear()
            machine.listed = False
        self._ready.clear()
        self._waiting = 0
        return dropped

    def _list(self, name: str) -> None:
        machine = self._machines[name]
        if not machine.waiting and not machine.open and not machine.cooling:
            del self._machines[name]
            return
        if machine.waiting and not machine.cooling and machine.open < self._at_once and not machine.listed:
            machine.listed = True
            self._ready.append(name)
