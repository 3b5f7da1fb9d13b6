"""TLS under an act: the act writes and reads plain bytes, and keeps the socket's own ways to end a connection."""

from collections.abc import Callable

from electrum_observatory.net.raw_listener import ByteLink, RawHandler
from electrum_observatory.net.tls import TlsLayer


class SecuredHandler(RawHandler):
    """Stands between a socket and an act. The act is told of the connection once TLS is established."""

    def __init__(self, inner: RawHandler, tls: TlsLayer) -> None:
        """Take the act and the server's side of a connection that has not begun."""
        self._inner = inner
        self._tls = tls

    def opened(self, link: ByteLink) -> None:
        """Wait for the visitor's hello."""
        self._link = link

    def received(self, data: bytes) -> None:
        """Take bytes through TLS; whoever cannot agree on it is hung up on after the alert that says so."""
        was_established = self._tls.established
        plain = self._tls.feed(data)
        self._link.write(self._tls.outgoing())
        if self._tls.error is not None:
            self._link.close()
            return
        if self._tls.established and not was_established:
            self._inner.opened(SecuredLink(self._link, self._tls))
        if plain:
            self._inner.received(plain)

    def drained(self) -> None:
        """Pass it on."""
        if self._tls.established:
            self._inner.drained()

    def closed(self) -> None:
        """Pass it on, if the act ever knew of the connection."""
        if self._tls.established:
            self._inner.closed()


class SecuredLink:
    """A :class:`ByteLink` that encrypts."""

    def __init__(self, link: ByteLink, tls: TlsLayer) -> None:
        """Take the socket's link and the layer above it."""
        self._link = link
        self._tls = tls

    @property
    def ready(self) -> bool:
        """Whether the socket takes more."""
        return self._link.ready

    def write(self, data: bytes) -> None:
        """Encrypt and send bytes."""
        self._tls.write(data)
        self._link.write(self._tls.outgoing())

    def half_close(self) -> None:
        """Send the closing alert and the socket's end, and go on reading."""
        self._tls.close()
        self._link.write(self._tls.outgoing())
        self._link.half_close()

    def close(self) -> None:
        """Send the closing alert and close."""
        self._tls.close()
        self._link.write(self._tls.outgoing())
        self._link.close()

    def abort(self) -> None:
        """Drop the connection with a TCP reset."""
        self._link.abort()

    def call_later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` after a delay, unless the connection is over by then."""
        self._link.call_later(seconds, action)
