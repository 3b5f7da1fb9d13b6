"""A TLS 1.3 server that begins to hand out a session ticket and never ends it.

The handshake is OpenSSL's; the one record behind it is made by hand with the secret from OpenSSL's key log (RFC 8446
§5.2 and §7.3). A client's OpenSSL that holds half a message of TLS can neither read nor write until it has the rest.
"""

import ssl
import tempfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from electrum_observatory.net.raw_listener import ByteLink, RawHandler
from electrum_observatory.net.tls import TlsLayer

_SECRET = b"SERVER_TRAFFIC_SECRET_0"  # of AES-256-GCM with SHA-384: what two OpenSSLs agree on
_BEGINNING_OF_A_TICKET = bytes.fromhex("040000c8") + bytes(10)  # of 200 bytes
_HANDSHAKE, _APPLICATION_DATA = b"\x16", b"\x17"
_TLS_1_2 = b"\x03\x03"  # what records of TLS 1.3 call themselves
_TAG = 16


class HalfATicket(RawHandler):
    """Answers the hello, begins a ticket with the same breath, and says no more."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Take a context that is this visitor's own."""
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0
        self._key_log = tempfile.TemporaryFile()  # noqa: SIM115  it is read at the end of the handshake
        context.keylog_filename = f"/proc/self/fd/{self._key_log.fileno()}"
        self._tls = TlsLayer(context, server_side=True)

    def opened(self, link: ByteLink) -> None:
        """Wait for the hello."""
        self._link = link

    def received(self, data: bytes) -> None:
        """Say all of our part of the handshake and, behind it, the beginning of a ticket."""
        if self._key_log.closed:
            return
        self._tls.feed(data)
        self._link.write(self._tls.outgoing() + _first_record(self._secret(), _BEGINNING_OF_A_TICKET))

    def _secret(self) -> bytes:
        with self._key_log:
            self._key_log.seek(0)
            words = {line.split()[0]: line.split()[-1] for line in self._key_log}
        return bytes.fromhex(words[_SECRET].decode())


def _first_record(secret: bytes, message: bytes) -> bytes:
    """Return a handshake message as the first record of a server's traffic; its nonce is the bare vector."""
    inner = message + _HANDSHAKE
    header = _APPLICATION_DATA + _TLS_1_2 + (len(inner) + _TAG).to_bytes(2)
    return header + AESGCM(_expanded(secret, b"key", 32)).encrypt(_expanded(secret, b"iv", 12), inner, header)


def _expanded(secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with no context."""
    name = b"tls13 " + label
    info = length.to_bytes(2) + bytes((len(name),)) + name + b"\0"
    return HKDFExpand(SHA384(), length, info).derive(secret)
