"""One socket, either side: bytes through TLS and framing to lines, within the caps, and back.

A Protocol on a transport rather than a pair of streams, because thousands of these are held at once; and all layers
are driven here, so that TCP, TLS and WebSocket are timed apart and a connection can be dropped at any moment.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from websockets.exceptions import WebSocketException

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import ended, visit_error
from electrum_observatory.net.limits import ConnectionLimits, Meter
from electrum_observatory.net.lines import Framing
from electrum_observatory.net.strangers import FIRST_BYTES, instead_of_tls
from electrum_observatory.net.tls import TlsLayer
from electrum_observatory.net.together import Together


class WireOwner(Protocol):
    """Whom a wire tells what happened. Calls come in this order; ``wire_ended`` comes exactly once, last."""

    def wire_connected(self) -> None:
        """The transport stands."""

    def wire_secured(self) -> None:
        """TLS is established; never called without TLS."""

    def wire_opened(self) -> None:
        """Lines may travel."""

    def wire_line(self, line: bytes, arrived_ns: int) -> None:
        """One line arrived; the instant is that of the bytes that ended it."""

    def wire_ended(self, error: VisitError) -> None:
        """Nothing comes any more: ``eof`` where the peer closed or we dropped it, else what broke."""


class _Nobody:
    """Owns the wires that are over.

    Wire and owner would otherwise hold each other, with all buffers and TLS, until the collector looks for cycles:
    thousands of closed connections in a scan.
    """

    def wire_connected(self) -> None:
        """Nothing comes any more."""

    def wire_secured(self) -> None:
        """Nothing comes any more."""

    def wire_opened(self) -> None:
        """Nothing comes any more."""

    def wire_line(self, line: bytes, arrived_ns: int) -> None:
        """Nothing comes any more."""

    def wire_ended(self, error: VisitError) -> None:
        """It was told before."""


_NOBODY = _Nobody()


class Wire(asyncio.Protocol):
    """The bytes of one connection. Everything happens inside the loop's callbacks; nothing is ever awaited.

    Attributes:
        tls: The TLS layer; None without TLS.
    """

    def __init__(
        self,
        owner: WireOwner,
        *,
        framing: Framing,
        tls: TlsLayer | None,
        limits: ConnectionLimits,
        now_ns: Callable[[], int],
        together: Together | None = None,
        drop_when_broken: bool = True,
    ) -> None:
        """Take whom to tell, the layers, the caps, the monotonic clock, and where what all bring is summed up.

        ``drop_when_broken`` is for clients; a server lets its last words (an alert, an HTTP refusal) leave first.
        """
        self._owner: WireOwner = owner
        self._framing = framing
        self.tls = tls
        self._meter = Meter(limits)
        self._together = together
        self._now_ns = now_ns
        self._transport: asyncio.Transport | None = None
        self._outgoing: list[bytes] = []
        self._opened = False
        self._closing = False
        self._over = False
        self._drop_when_broken = drop_when_broken
        self._arrived_ns = 0
        self._first_bytes = b""

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport, once connected."""
        return self._transport

    @property
    def is_open(self) -> bool:
        """Whether lines may travel now."""
        return self._opened and not self._closing

    @property
    def stage(self) -> Stage:
        """The step that the connection is in: what breaks now broke there."""
        if self.tls is not None and not self.tls.established:
            return Stage.TLS
        return Stage.REQUEST if self._meter.lines else Stage.NEGOTIATE

    def send(self, line: bytes) -> None:
        """Queue a line; all that is queued in one turn of the loop leaves in one write. Ignored once over."""
        if not self.is_open:
            return
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.append(line)

    def close(self) -> None:
        """Send what is queued, announce the end and close; the peer's announcement is not waited for."""
        if self._closing or self._transport is None:
            return
        self._flush()
        try:
            self._write_plain(self._framing.close())
            if self.tls is not None and self.tls.established:
                self.tls.close()
                self._write_raw(self.tls.outgoing())
        except ssl.SSLError:
            self._transport.abort()
        self._closing = True
        self._transport.close()

    def abort(self) -> None:
        """Drop the connection now."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def drop(self, kind: FailureKind, detail: str) -> None:
        """Drop the connection for a reason that does not lie in its own bytes."""
        self._break(VisitError(self.stage, kind, detail))

    def pause(self) -> None:
        """Stop reading the socket."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read the socket again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the first handshake there is."""
        self._transport = cast("asyncio.Transport", transport)
        if self._closing:  # dropped before it began
            self._transport.abort()
            return
        self._owner.wire_connected()
        if self.tls is None:
            self._start_framing()
        else:
            self.tls.start()
            self._write_raw(self.tls.outgoing())

    def data_received(self, data: bytes) -> None:
        """Take bytes through the layers."""
        if self._closing:
            return
        self._arrived_ns = self._now_ns()
        if len(self._first_bytes) < FIRST_BYTES:
            self._first_bytes = (self._first_bytes + data)[:FIRST_BYTES]
        try:
            self._meter.count_bytes(len(data))
            if self._together is not None:
                self._together.add(self, len(data))
                if self._closing:
                    return
            plain = data if self.tls is None else self._through_tls(self.tls, data)
            self._through_framing(plain)
            self._note_end()
        except VisitError as error:
            self._break(VisitError(self.stage, error.failure.kind, error.failure.detail))
        except ssl.SSLError as error:
            self._break(visit_error(self.stage, error))

    def eof_received(self) -> bool:
        """The peer sends no more. What it sent has been handed on; nothing more is said to it."""
        self._peer_closed()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._end(ended(self.stage, exc))

    def _through_tls(self, tls: TlsLayer, data: bytes) -> bytes:
        was_established = tls.established
        plain = tls.feed(data)
        self._write_raw(tls.outgoing())  # also the alert that explains an error
        if tls.established and not was_established:
            self._owner.wire_secured()
            self._start_framing()
        return plain

    def _start_framing(self) -> None:
        self._framing.start()
        self._write_plain(self._framing.outgoing())
        self._note_opened()

    def _through_framing(self, plain: bytes) -> None:
        """Take plain bytes in slices, so that whoever sends too many frames is stopped before most are looked at."""
        size = self._framing.slice_bytes
        for start in range(0, len(plain), size):
            self._through_framing_at_once(plain[start : start + size])
            if self._closing or self._framing.error is not None:
                return

    def _through_framing_at_once(self, plain: bytes) -> None:
        lines = self._framing.feed(plain)
        self._write_plain(self._framing.outgoing())  # also the refusal that explains an error
        self._note_opened()
        for line in lines:
            if self._closing:
                return
            self._meter.count_line(self._arrived_ns)
            self._owner.wire_line(line, self._arrived_ns)
        self._meter.count_frames(self._framing.other_frames(), self._arrived_ns)

    def _note_opened(self) -> None:
        if not self._opened and not self._closing and self._framing.is_open:
            self._opened = True
            self._owner.wire_opened()

    def _note_end(self) -> None:
        """Break off where a layer saw an error, or the peer's announcement of the end."""
        if self._framing.error is not None:
            raise self._framing.error
        if self.tls is not None and self.tls.error is not None:
            stranger = instead_of_tls(self._first_bytes) if self.stage is Stage.TLS else None
            raise stranger or self.tls.error
        if self._framing.peer_closed or (self.tls is not None and self.tls.peer_closed):
            self._peer_closed()

    def _peer_closed(self) -> None:
        if self._closing:
            return
        if self.stage is Stage.TLS and (stranger := instead_of_tls(self._first_bytes)) is not None:
            self._break(stranger)
            return
        self._framing.feed_eof()
        if self._framing.error is not None:
            self._break(self._framing.error)
            return
        pending = self._framing.pending_bytes
        self._break(ended(self.stage, None, f"after {pending} bytes of an unfinished line" if pending else ""))

    def _flush(self) -> None:
        if not self._outgoing or not self.is_open:
            return
        lines, self._outgoing = self._outgoing, []
        try:
            self._write_plain(b"".join(map(self._framing.encode, lines)))
        except (ssl.SSLError, WebSocketException) as error:
            self._break(visit_error(self.stage, error))

    def _write_plain(self, data: bytes) -> None:
        if not data:
            return
        if self.tls is not None:
            self.tls.write(data)
            data = self.tls.outgoing()
        self._write_raw(data)

    def _write_raw(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _break(self, error: VisitError) -> None:
        self._closing = True
        if self._transport is not None:
            if self._drop_when_broken:
                self._transport.abort()
            else:
                self._transport.close()
        self._end(error)

    def _end(self, error: VisitError) -> None:
        if not self._over:
            self._over = self._closing = True
            if self._together is not None:
                self._together.leave(self)
            self._outgoing.clear()
            owner, self._owner = self._owner, _NOBODY
            owner.wire_ended(error)
