"""The one gate to the network: whatever is dialled passes here, is checked here, and fails here in our words."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.connection import ConnectionFacts
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.net.errors import visit_error
from electrum_observatory.net.limits import ConnectionLimits, Deadlines
from electrum_observatory.net.line_connection import LineConnection
from electrum_observatory.net.lines import Framing, LineFraming
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import FOREIGN_SERVICES, AddressPolicy
from electrum_observatory.net.proxy import SocksProxy
from electrum_observatory.net.tls import TlsLayer, legacy_context, modern_context
from electrum_observatory.net.together import Together
from electrum_observatory.net.websocket import WebSocketClientFraming

_SHORTEST_SCALED_DEADLINE = 2.0
"""Seconds. A lab divides its deadlines by the time scale, but a busy machine's own slowness does not shrink with it."""


class Dialer:
    """Opens connections, each to exactly the address that was checked."""

    def __init__(
        self,
        *,
        clock: Clock,
        policy: AddressPolicy,
        overlay: Overlay | None = None,
        proxy: SocksProxy | None = None,
        limits: ConnectionLimits | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        """Take the borders and the caps.

        Args:
            clock: Stamps and lab waits.
            policy: Which addresses may be dialled.
            overlay: A lab's address book; with one, nothing but loopback is ever connected to.
            proxy: With one, every connection goes through it and no name is resolved here.
            limits: Caps of each connection.
            deadlines: Longest waits.

        Raises:
            ValueError: Overlay and proxy together: a proxy would lead out of the lab.
        """
        if overlay is not None and proxy is not None:
            raise ValueError("a lab is not dialled through a proxy")
        self._clock = clock
        self._policy = policy
        self._overlay = overlay
        self._inside = overlay.silent.union(address for address, _ in overlay.sockets) if overlay else frozenset()
        self._proxy = proxy
        self._limits = limits or ConnectionLimits()
        self._together = Together(self._limits.max_bytes_together)
        self._deadlines = deadlines or Deadlines()
        self._modern = modern_context()
        self._legacy = legacy_context()

    def refuse(self, endpoint: Endpoint) -> None:
        """Raise unless the endpoint may be dialled. Asks nobody.

        Raises:
            VisitError: stage policy; address_refused with the reason's id, port_refused, needs_tor, not_in_overlay.
        """
        address = endpoint.known_address
        if address is None:
            self._refuse_name(endpoint)
        elif (reason := self._policy.refusal(address)) is not None:
            raise VisitError(Stage.POLICY, FailureKind.ADDRESS_REFUSED, reason)
        if endpoint.port in FOREIGN_SERVICES and not (address and self._policy.allows_explicitly(address)):
            raise VisitError(Stage.POLICY, FailureKind.PORT_REFUSED, FOREIGN_SERVICES[endpoint.port])
        if self._overlay is not None and address not in self._inside:
            raise VisitError(Stage.POLICY, FailureKind.NOT_IN_OVERLAY)

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> LineConnection:
        """Open one connection.

        Args:
            endpoint: Whom to dial.
            legacy_tls: Allow old versions and weak ciphers. To be asked for only after a connection without failed in a
                way that ``strangers.old_versions_may_help`` knows: then its use is a fact about the server.

        Raises:
            VisitError: Whatever :meth:`refuse` raises, and every way to fail up to the end of the last handshake.
        """
        self.refuse(endpoint)
        if not endpoint.transport.encrypted:
            return await self._dial(endpoint, None)
        return await self._dial(endpoint, self._legacy if legacy_tls else self._modern)

    def _refuse_name(self, endpoint: Endpoint) -> None:
        if self._proxy is not None:
            reason = self._policy.name_refusal(endpoint.host)
            if reason is not None:
                raise VisitError(Stage.POLICY, FailureKind.ADDRESS_REFUSED, reason)
            return
        if endpoint.is_onion:
            raise VisitError(Stage.POLICY, FailureKind.NEEDS_TOR)
        raise VisitError(Stage.POLICY, FailureKind.ADDRESS_REFUSED, "no address was resolved")

    async def _dial(self, endpoint: Endpoint, context: ssl.SSLContext | None) -> LineConnection:
        started_ns = self._clock.monotonic_ns()
        sock = await self._socket(endpoint)
        connect_ms = _milliseconds(started_ns, self._clock.monotonic_ns())
        connection = LineConnection(
            framing=self._framing(endpoint),
            tls=TlsLayer(context, host=endpoint.host) if context is not None else None,
            limits=self._limits,
            clock=self._clock,
            together=self._together,
        )
        try:
            await self._handshakes(endpoint, connection, sock)
        except BaseException:
            connection.abort()
            raise
        connection.establish(self._facts(endpoint, connection, connect_ms, legacy=context is self._legacy))
        return connection

    async def _socket(self, endpoint: Endpoint) -> socket.socket:
        """Return a connected socket: through the proxy, into the lab, or straight to the checked address."""
        address = endpoint.known_address
        if self._proxy is not None:
            seconds = self._deadlines.proxy
            return await self._proxy.open(address or endpoint.host, endpoint.port, seconds=seconds)
        assert address is not None, "refuse() lets no name pass without a proxy"
        target = (address, endpoint.port)
        if self._overlay is not None:
            target = await self._real_socket(self._overlay, address, endpoint.port)
        return await self._connect(target)

    async def _real_socket(self, overlay: Overlay, address: str, port: int) -> tuple[str, int]:
        if address in overlay.silent:
            await self._clock.sleep(self._deadlines.connect)
            raise VisitError(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT)
        real = overlay.sockets.get((address, port))
        if real is None:
            raise VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)
        if not ipaddress.ip_address(real[0]).is_loopback:
            raise VisitError(Stage.POLICY, FailureKind.NOT_IN_OVERLAY, "the overlay leads out of this machine")
        return real

    async def _connect(self, target: tuple[str, int]) -> socket.socket:
        family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            raise visit_error(Stage.CONNECT, error) from error
        try:
            sock.settimeout(0)  # never blocks
            await self._within(
                self._deadlines.connect, Stage.CONNECT, asyncio.get_running_loop().sock_connect(sock, target)
            )
        except BaseException:
            sock.close()
            raise
        return sock

    async def _handshakes(self, endpoint: Endpoint, connection: LineConnection, sock: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: connection.wire, sock=sock)
        except OSError as error:
            raise visit_error(Stage.CONNECT, error) from error
        finally:
            if connection.wire.transport is None:
                sock.close()
        if endpoint.transport.encrypted:
            await self._within(self._deadlines.tls, Stage.TLS, connection.secured())
        if not connection.opened_ns:  # bare lines may travel at once
            await self._within(self._deadlines.websocket, Stage.NEGOTIATE, connection.opened())

    async def _within(self, seconds: float, stage: Stage, step: Awaitable[None]) -> None:
        """Wait for a step, but not for ever; what the system raises meanwhile becomes a failure of the stage."""
        if self._overlay is not None and self._overlay.time_scale != 1:
            seconds = max(seconds / self._overlay.time_scale, _SHORTEST_SCALED_DEADLINE)
        try:
            with Deadline(seconds):
                await step
        except OSError as error:  # TimeoutError is one
            raise visit_error(stage, error) from error

    def _framing(self, endpoint: Endpoint) -> Framing:
        if endpoint.transport in (Transport.WS, Transport.WSS):
            return WebSocketClientFraming(
                host=endpoint.host,
                port=endpoint.port,
                secure=endpoint.transport.encrypted,
                limits=self._limits,
            )
        return LineFraming(self._limits.max_line_bytes, recognise_http=True)

    def _facts(
        self, endpoint: Endpoint, connection: LineConnection, connect_ms: float, *, legacy: bool
    ) -> ConnectionFacts:
        tls = connection.wire.tls
        before_websocket = connection.secured_ns or connection.connected_ns
        is_websocket = endpoint.transport in (Transport.WS, Transport.WSS)
        return ConnectionFacts(
            endpoint=endpoint,
            connect_ms=connect_ms,
            tls_ms=_milliseconds(connection.connected_ns, connection.secured_ns) if tls is not None else None,
            websocket_ms=_milliseconds(before_websocket, connection.opened_ns) if is_websocket else None,
            tls=tls.facts(legacy=legacy, max_certificates=self._limits.max_certificates) if tls is not None else None,
            via_proxy=self._proxy is not None,
        )


def _milliseconds(start_ns: int, end_ns: int) -> float:
    return (end_ns - start_ns) / 1e6
