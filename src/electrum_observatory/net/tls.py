"""TLS without I/O: the two contexts we offer, and a layer between socket bytes and plain bytes.

The layer drives OpenSSL over memory instead of leaving it to the event loop, for four reasons: the first bytes of
whoever does not speak TLS can be told apart (HTTP, plain Electrum, garbage); the handshake is timed by itself; a
connection ends without waiting for the peer's closing alert, which some servers never send; and no quarter megabyte
of buffer is held per connection. Certificates are read, never verified: judging them is the analysis's business.
"""

import ssl
import warnings
from typing import Any

from electrum_observatory.model.address import is_address
from electrum_observatory.net.connection import TlsFacts

_OP_LEGACY_SERVER_CONNECT = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)  # named from Python 3.12
_DER = 2  # _ssl.ENCODING_DER, a private constant before Python 3.13
_READ_SIZE = 16 * 1024  # OpenSSL hands out one record at a time, and none is longer


def modern_context() -> ssl.SSLContext:
    """Return the context that is tried first: TLS 1.2 and up, OpenSSL's ordinary ciphers, nothing verified."""
    context = _unverified()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def legacy_context() -> ssl.SSLContext:
    """Return the context for old servers: from TLS 1.0, weak ciphers, keys and digests, unsafe renegotiation.

    Ciphers without a certificate (aNULL) or without encryption (eNULL) are not offered: nothing could be read there.
    To be used only after the modern one failed, so that its use is a fact about the server.
    """
    context = _unverified()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point here
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.options |= _OP_LEGACY_SERVER_CONNECT
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_name(host: str) -> str | None:
    """Return what to put in SNI: the name itself, nothing for an address literal (RFC 6066 §3)."""
    return None if is_address(host) else host


class TlsLayer:
    """One side of a TLS connection over memory.

    Attributes:
        established: Whether the handshake is done.
        peer_closed: Whether the peer has sent its closing alert.
        error: What OpenSSL could not bear; from then on nothing more is taken in.
    """

    def __init__(self, context: ssl.SSLContext, *, server_side: bool = False, host: str | None = None) -> None:
        """Take the context, the side, and on the client's side the host that is dialled."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        name = server_name(host) if host is not None else None
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side, server_hostname=name)
        self.established = False
        self.peer_closed = False
        self.error: ssl.SSLError | None = None

    def start(self) -> None:
        """Begin the handshake; on the client's side this makes the first bytes to send."""
        self._handshake()

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the socket and return the plain bytes they complete; what comes after an error is lost."""
        self._incoming.write(data)
        if not self.established:
            self._handshake()
        return self._read() if self.established else b""

    def write(self, data: bytes) -> None:
        """Encrypt plain bytes. Only once established. Raises ssl.SSLError."""
        view = memoryview(data)
        while view:
            view = view[self._object.write(view) :]

    def close(self) -> None:
        """Make the closing alert; the peer's is not waited for."""
        try:
            self._object.unwrap()
        except ssl.SSLError:
            # WantRead says that the peer has not answered yet, which we do not ask; all else is past caring.
            return

    def outgoing(self) -> bytes:
        """Return and forget the bytes that are due on the socket."""
        return self._outgoing.read()

    def facts(self, *, legacy: bool, max_certificates: int) -> TlsFacts:
        """Return what the handshake showed."""
        cipher = self._object.cipher()
        chain = _unverified_chain(self._object)
        return TlsFacts(
            version=self._object.version() or "",
            cipher=cipher[0] if cipher else "",
            legacy=legacy,
            chain=tuple(chain[:max_certificates]),
            chain_truncated=len(chain) > max_certificates,
        )

    def _handshake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            self.error = error
            return
        self.established = True

    def _read(self) -> bytes:
        parts: list[bytes] = []
        while not self.peer_closed and self.error is None:
            try:
                part = self._object.read(_READ_SIZE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                part = b""
            except ssl.SSLError as error:
                self.error = error
                break
            if not part:
                self.peer_closed = True
                break
            parts.append(part)
            if not self._incoming.pending and not self._object.pending():
                break  # asked once more, OpenSSL would raise that it wants more
        return b"".join(parts)


def _unverified_chain(ssl_object: Any) -> list[bytes]:
    """Read the chain as the server sent it. The public method exists from Python 3.13; before, a private one does."""
    if hasattr(ssl_object, "get_unverified_chain"):
        return list(ssl_object.get_unverified_chain() or ())
    certificates = ssl_object._sslobj.get_unverified_chain() or ()
    return [certificate.public_bytes(_DER) for certificate in certificates]
