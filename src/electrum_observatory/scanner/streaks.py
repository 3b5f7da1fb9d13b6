"""Failures in a row, of a socket whatever it is called, and of the names of one domain at a socket.

Where no connection came about, none comes about under another name, and anybody can make up one more. Once it stood,
what goes wrong may depend on the name, for which TLS and the web ask: there only the names of one registered domain
count together, so that nobody's inventions speak for somebody else's server.
"""

from dataclasses import dataclass

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Side, Stage
from electrum_observatory.scanner.networks import registered_domain

_Socket = tuple[str, int, Transport]


@dataclass(slots=True, kw_only=True)
class Streak:
    """Failures without a success between them.

    Attributes:
        failures: How many.
        last_at_us: When the last was; UTC microseconds.
    """

    failures: int = 0
    last_at_us: int = 0


class Streaks:
    """Takes what came of visits, in the order in which they were made."""

    def __init__(self) -> None:
        self._sockets: dict[_Socket, Streak] = {}
        self._domains: dict[_Socket, dict[str, Streak]] = {}

    def connected(self, endpoint: Endpoint) -> None:
        """Somebody is at home, and has said nothing yet."""
        self._sockets.pop(_socket(endpoint), None)

    def note(self, endpoint: Endpoint, failure: Failure | None, *, at_us: int = 0) -> None:
        """Take what came of one, None for a handshake that was answered.

        Trouble of ours, a missing route among it, says nothing about the host.
        """
        if failure is not None and (failure.kind.side is Side.OURS or failure.kind is FailureKind.NETWORK_UNREACHABLE):
            return
        if failure is None:
            self._forgive(endpoint)
            return
        if _is_nobody_at_home(failure):
            streak = self._sockets.setdefault(_socket(endpoint), Streak())
        else:
            self.connected(endpoint)
            streak = self._domains.setdefault(_socket(endpoint), {}).setdefault(_domain(endpoint), Streak())
        streak.failures += 1
        streak.last_at_us = max(streak.last_at_us, at_us)

    def at(self, endpoint: Endpoint) -> tuple[Streak, ...]:
        """Return the streaks that an endpoint would go on with."""
        socket = _socket(endpoint)
        domains = self._domains.get(socket)
        found = (self._sockets.get(socket), domains.get(_domain(endpoint)) if domains else None)
        return tuple(one for one in found if one is not None)

    def _forgive(self, endpoint: Endpoint) -> None:
        self.connected(endpoint)
        domains = self._domains.get(_socket(endpoint))
        if domains:
            domains.pop(_domain(endpoint), None)


def _is_nobody_at_home(failure: Failure) -> bool:
    """Whether no connection came about; one that is reset stood, whichever step the system tells it in."""
    return failure.stage in (Stage.CONNECT, Stage.PROXY) and failure.kind is not FailureKind.CONNECTION_RESET


def _socket(endpoint: Endpoint) -> _Socket:
    """Return what is really dialled; where no address is known, the name stands for it."""
    return endpoint.known_address or endpoint.host, endpoint.port, endpoint.transport


def _domain(endpoint: Endpoint) -> str:
    return registered_domain(endpoint.host) or endpoint.host
