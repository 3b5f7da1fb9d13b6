"""Who was dialled when, by a watch and by the campaigns beside it: together they are one guest.

A campaign's visit comes ten minutes after the watch last dialled the machine, or not at all; between any two new
connections to one machine lies the spacing, whoever makes them; and a server that a campaign has found joins the watch
once it has rested (decision 0016).
"""

import asyncio
from collections.abc import Mapping

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import Connection
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.ports import Dialing


class DialBook:
    """The last dial of each machine, for as long as it decides anything.

    Attributes:
        rest_s: Real seconds between two visits.
    """

    def __init__(self, clock: Clock, *, rest_s: float, spacing_s: float) -> None:
        """Take the pauses, in real seconds: between visits, and between new connections."""
        self.rest_s = rest_s
        self._clock = clock
        self._rest_ns = round(rest_s * 1e9)
        self._spacing_ns = round(spacing_s * 1e9)
        self._longest_ns = max(self._rest_ns, self._spacing_ns)
        self._dials: dict[str, int] = {}

    def note(self, machine: str, *, ago_s: float = 0.0) -> None:
        """Note a dial that was made now, or some seconds ago, to a machine (``scanner.budget.machine_key``)."""
        at_ns = self._clock.monotonic_ns() - round(max(0.0, ago_s) * 1e9)
        self._dials[machine] = max(at_ns, self._dials.get(machine, at_ns))

    def rests_for_s(self, endpoint: Endpoint) -> float:
        """Return for how many seconds its machine is left in peace by whoever would visit it anew; 0 for not at all."""
        return self._left_s(endpoint, self._rest_ns)

    def cools_for_s(self, endpoint: Endpoint) -> float:
        """Return for how many seconds nobody may open a new connection to its machine."""
        return self._left_s(endpoint, self._spacing_ns)

    def visits(self) -> Mapping[str, int]:
        """Return the dials that still forbid a visit: machine to UTC microseconds, by the clock as it is set now."""
        now_ns, now_us = self._clock.monotonic_ns(), self._clock.now_us()
        self._dials = {machine: at_ns for machine, at_ns in self._dials.items() if now_ns - at_ns <= self._longest_ns}
        return {machine: now_us - (now_ns - at_ns) // 1_000 for machine, at_ns in self._dials.items()}

    def _left_s(self, endpoint: Endpoint, pause_ns: int) -> float:
        at_ns = self._dials.get(machine_key(endpoint))
        return 0.0 if at_ns is None else max(0, at_ns + pause_ns - self._clock.monotonic_ns()) / 1e9


class BookedDialer:
    """Implements ``scanner.ports.Dialing``: waits out the spacing, notes the dial, and dials."""

    def __init__(self, dialer: Dialing, book: DialBook) -> None:
        """Take who dials, and the book that is shared with everybody else who does."""
        self._dialer = dialer
        self._book = book

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        """Open one connection; see :class:`~electrum_observatory.scanner.ports.Dialing`."""
        left_s = self._book.cools_for_s(endpoint)
        if left_s > 0:
            await asyncio.sleep(left_s)
            return await self.connect(endpoint, legacy_tls=legacy_tls)  # somebody else may have come first
        self._book.note(machine_key(endpoint))
        return await self._dialer.connect(endpoint, legacy_tls=legacy_tls)
