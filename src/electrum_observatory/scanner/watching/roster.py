"""Who is watched: every endpoint with all that is known of it now."""

from collections.abc import Iterator
from dataclasses import dataclass

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Availability
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.watching.held import HeldServer
from electrum_observatory.scanner.watching.observer import ServerView, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The latest that a dial, or the end of a connection, told of a server.

    Attributes:
        began_ns: When the dial began, or when the connection ended; monotonic.
        ended_ns: When it was known.
        failure: What broke; None where the server proved itself.
    """

    began_ns: int
    ended_ns: int
    failure: Failure | None


@dataclass(slots=True, eq=False)
class Server:
    """One watched endpoint.

    Attributes:
        endpoint: Who.
        machine: What its budget is counted by.
        standing: Where we stand with it.
        held: What speaks over its connection, handshake included; None without one.
        dialled_ns: When its latest dial began.
        look: The latest look at it; None before the first.
        failures: Dials and connections that failed since it last answered in a round.
        plain: Whether one protocol version alone is offered the next time.
        legacy_tls: Whether old versions of TLS are allowed the next time.
        availability: Of the latest round that says something of it.
        failure: What broke last; None since it answered.
        software: What it calls itself.
        protocol: What was negotiated last.
        height: Of the latest tip it told of.
        reply_us: From asking to the first reply, in the latest round.
        missing_since_ns: Since when no list has named it; None while the latest does.
        last_up_ns: When a round last found it up, or when it was added.
    """

    endpoint: Endpoint
    machine: str
    last_up_ns: int
    standing: Standing = Standing.WAITING
    held: HeldServer | None = None
    dialled_ns: int = 0
    look: Look | None = None
    failures: int = 0
    plain: bool = False
    legacy_tls: bool = False
    availability: Availability | None = None
    failure: Failure | None = None
    software: str | None = None
    protocol: str | None = None
    height: int | None = None
    reply_us: int | None = None
    missing_since_ns: int | None = None

    def view(self) -> ServerView:
        """Return it as a row of a live table."""
        return ServerView(
            endpoint=self.endpoint,
            standing=self.standing,
            availability=self.availability,
            failure=self.failure,
            software=self.software,
            protocol=self.protocol,
            height=self.height,
            reply_us=self.reply_us,
            missing=self.missing_since_ns is not None,
        )


class Roster:
    """The servers by canonical endpoint, in the order in which they came."""

    def __init__(self, per_machine: int) -> None:
        """Take how many endpoints of one machine may be watched."""
        self._per_machine = per_machine
        self._servers: dict[str, Server] = {}
        self._of_machine: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._servers)

    def __iter__(self) -> Iterator[Server]:
        """Yield them in the order in which they came; the roster may change meanwhile."""
        return iter(tuple(self._servers.values()))

    def get(self, endpoint: Endpoint) -> Server | None:
        """Return a server; None where it is not watched."""
        return self._servers.get(endpoint.canonical)

    def has_room_for(self, endpoint: Endpoint) -> bool:
        """Whether one more endpoint of its machine may be watched."""
        return self._of_machine.get(machine_key(endpoint), 0) < self._per_machine

    def add(self, endpoint: Endpoint, now_ns: int) -> Server:
        """Add an endpoint that is not there yet."""
        machine = machine_key(endpoint)
        self._of_machine[machine] = self._of_machine.get(machine, 0) + 1
        server = Server(endpoint=endpoint, machine=machine, last_up_ns=now_ns)
        self._servers[endpoint.canonical] = server
        return server

    def remove(self, server: Server) -> None:
        """Watch a server no longer."""
        del self._servers[server.endpoint.canonical]
        self._of_machine[server.machine] -= 1
        if not self._of_machine[server.machine]:
            del self._of_machine[server.machine]
