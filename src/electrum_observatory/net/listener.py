"""The server's side of a connection: what the lab listens with.

Callback-shaped, as servers are: a handler is told of lines and answers through its link whenever it likes.
"""

import asyncio
import contextlib
import os
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import UsageError, VisitError
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.lines import Framing, LineFraming
from electrum_observatory.net.tls import TlsLayer
from electrum_observatory.net.websocket import WebSocketServerFraming
from electrum_observatory.net.wire import Wire

_BACKLOG = 128
_HANDSHAKE_SECONDS = 60
_NO_LINGER = struct.pack("ii", 1, 0)

VISITOR_LIMITS = ConnectionLimits(max_line_bytes=16_000_000, max_bytes=1_000_000_000, max_lines_per_second=100_000)
"""What a listener takes of one visitor unless told otherwise: more than any server personality refuses by itself."""


class Handler(Protocol):
    """What answers one visitor. Nothing is called before ``opened``, nor after ``closed``."""

    def opened(self, link: "Link") -> None:
        """All handshakes are done; lines may travel."""

    def line_received(self, data: bytes) -> None:
        """One line came, terminator included (a WebSocket message carries none)."""

    def closed(self) -> None:
        """The connection is gone, whoever ended it."""


HandlerFactory: TypeAlias = Callable[[tuple[str, int]], Handler]
"""Makes a handler for a visitor's address and port."""


class Link:
    """One accepted connection, as its handler holds it. Once it is over, every method does nothing."""

    def __init__(self, factory: HandlerFactory, wire_of: Callable[["Link"], Wire], links: set["Link"]) -> None:
        """Take what makes the handler, what makes the wire, and the listener's set of live links."""
        self._factory = factory
        self._links = links
        self._handler: Handler | None = None
        self.wire = wire_of(self)

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port of the visitor."""
        transport = self.wire.transport
        name = transport.get_extra_info("peername") if transport is not None else None
        return (str(name[0]), int(name[1])) if name else ("", 0)

    def send(self, data: bytes) -> None:
        """Send bytes as they are; on WebSocket, one message. What is sent in one turn of the loop leaves together."""
        self.wire.send(data)

    def close(self) -> None:
        """End the connection after what was sent; with TLS, the closing alert is sent and none is waited for."""
        self.wire.close()

    def abort(self) -> None:
        """Drop the connection with a TCP reset; what was not sent yet is lost."""
        transport = self.wire.transport
        if transport is not None and not transport.is_closing():
            with contextlib.suppress(OSError):  # the socket may be gone already: then so is the connection
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.wire.abort()

    def call_later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """Call ``action`` after a delay, unless the connection is over by then."""
        loop = asyncio.get_running_loop()
        return loop.call_later(seconds, lambda: action() if self.wire.is_open else None)

    def wire_connected(self) -> None:
        """Join the listener's live links, for a minute at most unless the handshakes get done."""
        self._links.add(self)
        asyncio.get_running_loop().call_later(_HANDSHAKE_SECONDS, self._give_up_handshake)

    def wire_secured(self) -> None:
        """TLS alone does not concern the handler."""

    def wire_opened(self) -> None:
        """Hand over to the handler."""
        self._handler = self._factory(self.peer)
        self._handler.opened(self)

    def wire_line(self, line: bytes, arrived_ns: int) -> None:  # noqa: ARG002
        """Pass a line on."""
        assert self._handler is not None
        self._handler.line_received(line)

    def wire_ended(self, error: VisitError) -> None:  # noqa: ARG002 -- why a visitor left is of no use to a server
        """Tell the handler, if it ever knew of the connection."""
        self._links.discard(self)
        if self._handler is not None:
            self._handler.closed()

    def _give_up_handshake(self) -> None:
        if self._handler is None:
            self.wire.abort()


class _Silence(asyncio.Protocol):
    """Accepts and never says a word."""

    def __init__(self, held: set[asyncio.BaseTransport]) -> None:
        self._held = held
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._held.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._transport is not None:
            self._held.discard(self._transport)


class Listener:
    """A listening socket and the connections that came of it.

    Attributes:
        address: The address it is bound to.
        port: The port it is bound to.
    """

    def __init__(self, server: asyncio.Server, drop_all: Callable[[], None]) -> None:
        """Take the running server and what drops its connections."""
        name = server.sockets[0].getsockname()
        self.address = str(name[0])
        self.port = int(name[1])
        self._server = server
        self._drop_all = drop_all

    def close(self) -> None:
        """Stop listening and drop every connection; nothing is waited for."""
        self._server.close()
        self._drop_all()


async def serve(
    address: str,
    port: int,
    transport: Transport,
    ssl_context: ssl.SSLContext | None,
    factory: HandlerFactory,
    *,
    limits: ConnectionLimits = VISITOR_LIMITS,
) -> Listener:
    """Listen on one address.

    Args:
        address: Address literal to bind.
        port: Port to bind; 0 lets the system choose.
        transport: What is spoken.
        ssl_context: The server's context; needed for ssl and wss, None otherwise.
        factory: Makes a handler for each visitor.
        limits: What is taken of one visitor; one that goes beyond is disconnected.

    Raises:
        UsageError: The address cannot be bound, or context and transport do not fit.
    """
    if transport.encrypted != (ssl_context is not None):
        raise UsageError(f"{transport} {'needs' if transport.encrypted else 'takes no'} TLS context")
    links: set[Link] = set()

    def wire_of(link: Link) -> Wire:
        return Wire(
            link,
            framing=_framing(transport, limits),
            tls=TlsLayer(ssl_context, server_side=True) if ssl_context is not None else None,
            limits=limits,
            now_ns=time.monotonic_ns,
            drop_when_broken=False,
        )

    def drop_all() -> None:
        for link in tuple(links):
            link.wire.abort()

    server = await bind(lambda: Link(factory, wire_of, links).wire, address, port)
    return Listener(server, drop_all)


async def serve_silence(address: str, port: int) -> Listener:
    """Listen on one address, accept every connection and never answer: a host that hangs. Raises UsageError."""
    held: set[asyncio.BaseTransport] = set()

    def drop_all() -> None:
        for transport in tuple(held):
            transport.close()

    return Listener(await bind(lambda: _Silence(held), address, port), drop_all)


async def bind(protocol_factory: Callable[[], asyncio.Protocol], address: str, port: int) -> asyncio.Server:
    """Listen with a protocol of one's own. Raises UsageError where the address cannot be bound."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(protocol_factory, address, port, backlog=_BACKLOG, reuse_address=True)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UsageError(f"cannot listen on {address} port {port}: {reason}") from error


def _framing(transport: Transport, limits: ConnectionLimits) -> Framing:
    if transport in (Transport.WS, Transport.WSS):
        return WebSocketServerFraming(limits=limits)
    return LineFraming(limits.max_line_bytes)
