"""A word to the service manager: ready, alive, what we are doing, ending (``sd_notify(3)``), without its library.

The protocol is a datagram to the unix socket that ``NOTIFY_SOCKET`` names. Where nobody supervises us nothing is sent,
and a supervisor that went away is no trouble of ours.
"""

import os
import socket
from collections.abc import Mapping
from typing import Self

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


class Supervisor:
    """Whoever started us and wants to be told; nobody, mostly."""

    def __init__(self, address: str | None, watchdog_s: float | None) -> None:
        """Use :meth:`of`.

        Args:
            address: Path of its socket, or ``@name`` in the abstract namespace; None where there is no supervisor.
            watchdog_s: Seconds within which it wants a sign of life, again and again; None where it wants none.
        """
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self.watchdog_s = watchdog_s

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> Self:
        """Read what a service manager puts into the environment of the process with this id."""
        address = environment.get("NOTIFY_SOCKET") or None
        wanted = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        return cls(address, int(wanted) / 1e6 if address and meant and wanted.isdigit() and int(wanted) else None)

    def tell(self, *words: str) -> None:
        """Send assignments such as ``READY`` or ``STATUS=…`` in one datagram; never waits."""
        if self._address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as speaker:
            try:
                speaker.sendto("\n".join(words).encode(), self._address)
            except OSError:
                return  # it went away, or is too busy to listen; the next word may reach it


def supervisor() -> Supervisor:
    """Return the supervisor of this process."""
    return Supervisor.of(os.environ, os.getpid())
