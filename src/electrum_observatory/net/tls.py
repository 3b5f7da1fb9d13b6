"""TLS without I/O: the two contexts we offer, and a layer between socket bytes and plain bytes.

The layer drives OpenSSL over memory instead of leaving it to the event loop, for four reasons: the first bytes of
whoever does not speak TLS can be told apart (HTTP, plain Electrum, garbage); the handshake is timed by itself; a
connection ends without waiting for the peer's closing alert, which some servers never send; and no quarter megabyte
of buffer is held per connection. Certificates are read, never verified: judging them is the analysis's business.

What a peer can make us compute is bounded: one handshake per connection; no DHE, whose numbers the server alone chooses
(10,000 bits cost a second in which nobody else is served); and no floods of messages that are TLS's own (tickets,
requests for another handshake). What is left costs a tenth of a second at most, once per connection: TLS 1.3 with the
group ffdhe8192, which Python cannot leave out before 3.15.
"""

import ssl
import warnings
from typing import Any

from electrum_observatory.model.address import is_address
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import TlsFacts

_OP_LEGACY_SERVER_CONNECT = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)  # named from Python 3.12
_DHE = ("kx-dhe", "kx-dhe-psk")  # as get_ciphers names the key exchange
_WEAK_CIPHERS = "ALL:!aNULL:!eNULL:!kDHE:!kDHEPSK:@SECLEVEL=0"
_ONE_HANDSHAKE = ssl.OP_NO_RENEGOTIATION
_DER = 2  # _ssl.ENCODING_DER, a private constant before Python 3.13
_READ_SIZE = 16 * 1024  # OpenSSL hands out one record at a time, and none is longer
_SLICE = 16 * 1024  # bytes given to OpenSSL in one piece: 900 session tickets, or 4,000 requests for a handshake
_MOST_OF_ITS_OWN = 40_000
"""Bytes in a row that bring next to nothing to read: one record may be under way, and a few tickets are ordinary."""
_AROUND_IT = 64  # bytes around what is read: a held connection may bring nothing but WebSocket's pings for months


def modern_context() -> ssl.SSLContext:
    """Return the context that is tried first: TLS 1.2 and up, Python's ordinary ciphers but DHE, nothing verified."""
    context = _unverified()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(one["name"] for one in context.get_ciphers() if one["kea"] not in _DHE))
    return context


def legacy_context() -> ssl.SSLContext:
    """Return the context for old servers: from TLS 1.0, weak ciphers, keys and digests, no RFC 5746.

    Ciphers without a certificate (aNULL) or without encryption (eNULL) are not offered: nothing could be read there.
    Nor is DHE: servers too old for ECDHE take RSA's key exchange, unless somebody forbade it there.
    To be used only after the modern one failed, so that its use is a fact about the server.
    """
    context = _unverified()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point here
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(_WEAK_CIPHERS)
    context.options |= _OP_LEGACY_SERVER_CONNECT
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= _ONE_HANDSHAKE
    return context


def server_name(host: str) -> str | None:
    """Return what to put in SNI: the name itself, nothing for an address literal (RFC 6066 §3)."""
    return None if is_address(host) else host


class TlsLayer:
    """One side of a TLS connection over memory.

    Attributes:
        established: Whether the handshake is done.
        peer_closed: Whether the peer has sent its closing alert.
        error: What OpenSSL could not bear, or we would not; from then on nothing more is taken in.
    """

    def __init__(self, context: ssl.SSLContext, *, server_side: bool = False, host: str | None = None) -> None:
        """Take the context, the side, and on the client's side the host that is dialled."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        name = server_name(host) if host is not None else None
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side, server_hostname=name)
        self._version = self._cipher = ""
        self._unwritten = b""
        self._of_its_own = 0
        self.established = False
        self.peer_closed = False
        self.error: ssl.SSLError | VisitError | None = None

    def start(self) -> None:
        """Begin the handshake; on the client's side this makes the first bytes to send."""
        self._handshake()

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the socket and return the plain bytes they complete; what comes after an error is lost."""
        if len(data) <= _SLICE:
            return self._feed_slice(data)
        return b"".join(self._feed_slice(data[start : start + _SLICE]) for start in range(0, len(data), _SLICE))

    def write(self, data: bytes) -> None:
        """Encrypt plain bytes. Only once established. Raises ssl.SSLError."""
        view = memoryview(self._unwritten + data)
        try:
            while view:
                view = view[self._object.write(view) :]
        except ssl.SSLWantReadError:  # half a ticket or half a HelloRequest came: nothing is written before the rest
            pass
        self._unwritten = bytes(view)

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
        chain = _unverified_chain(self._object)
        return TlsFacts(
            version=self._version,
            cipher=self._cipher,
            legacy=legacy,
            chain=tuple(chain[:max_certificates]),
            chain_truncated=len(chain) > max_certificates,
        )

    def _feed_slice(self, data: bytes) -> bytes:
        if self.error is not None:
            return b""
        self._incoming.write(data)
        was_established = self.established
        if not was_established:
            self._handshake()
        plain = self._read() if self.established else b""
        if was_established:
            self._count(len(data), len(plain))
        self._write_kept()
        return plain

    def _write_kept(self) -> None:
        if self._unwritten and self.error is None:
            self.write(b"")

    def _count(self, came: int, plain: int) -> None:
        """Count what TLS needed for itself, and end it where that is all that comes."""
        ordinary = 2 * plain + _AROUND_IT if plain else 0
        self._of_its_own = max(0, self._of_its_own + came - ordinary)
        if self._of_its_own > _MOST_OF_ITS_OWN and self.error is None:
            self.error = VisitError(Stage.REQUEST, FailureKind.TOO_MANY_MESSAGES, "messages of TLS itself")

    def _handshake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            self.error = error
            return
        self.established = True
        cipher = self._object.cipher()  # half a ticket later, OpenSSL no longer names the version
        self._version, self._cipher = self._object.version() or "", cipher[0] if cipher else ""

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
