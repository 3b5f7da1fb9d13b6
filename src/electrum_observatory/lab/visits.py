"""The lab's own record of who was dialled, kept apart from what any scanner believes it dialled."""

from collections import deque
from dataclasses import dataclass

from electrum_observatory.model.endpoint import Transport

MOST_ARRIVALS = 200_000
"""A worker forgets older visitors, so that a lab may run for weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One visitor whose handshakes were done.

    Attributes:
        machine: Id of the machine visited.
        transport: What was spoken.
        at_s: When, in seconds of the system's monotonic clock.
    """

    machine: str
    transport: Transport
    at_s: float


class VisitorBook:
    """Counts the visitors of a worker's machines."""

    def __init__(self) -> None:
        self.arrivals: deque[Arrival] = deque(maxlen=MOST_ARRIVALS)

    def enter(self, machine: str, transport: Transport, at_s: float) -> None:
        """Write one down."""
        self.arrivals.append(Arrival(machine=machine, transport=transport, at_s=at_s))
