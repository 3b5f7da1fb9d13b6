"""The lab's own record of who was dialled and asked, kept apart from what any scanner believes it did."""

from collections import deque
from dataclasses import dataclass

import msgspec

from electrum_observatory.model.endpoint import Transport

MOST_ARRIVALS = 200_000
"""A worker forgets older visitors, so that a lab may run for weeks."""


@dataclass(slots=True, kw_only=True)
class Arrival:
    """One visitor whose handshakes were done. It is filled in while the visitor is there.

    Attributes:
        machine: Id of the machine visited.
        transport: What was spoken.
        at_s: When, in seconds of the system's monotonic clock.
        left_s: When the connection was over; None while it is open, and where the machine runs no real program.
        requests: Lines that the visitor sent to a real program.
        errors: Error replies that it got from one.
    """

    machine: str
    transport: Transport
    at_s: float
    left_s: float | None = None
    requests: int = 0
    errors: int = 0

    def replied(self, data: bytes) -> None:
        """Count the error replies in what the program said."""
        if b'"error"' in data:  # spares reading the longest replies
            self.errors += sum(map(_is_error, data.splitlines()))


class VisitorBook:
    """Holds the visitors of a worker's machines."""

    def __init__(self) -> None:
        self.arrivals: deque[Arrival] = deque(maxlen=MOST_ARRIVALS)

    def enter(self, machine: str, transport: Transport, at_s: float) -> Arrival:
        """Write one down, and return the entry."""
        arrival = Arrival(machine=machine, transport=transport, at_s=at_s)
        self.arrivals.append(arrival)
        return arrival


_NULL = msgspec.Raw(b"null")


class _Reply(msgspec.Struct):
    error: msgspec.Raw = _NULL  # raw, since some programs err in bytes that are no text


_REPLY = msgspec.json.Decoder(_Reply)


def _is_error(line: bytes) -> bool:
    try:
        return _REPLY.decode(line).error != _NULL
    except msgspec.DecodeError:
        return False
