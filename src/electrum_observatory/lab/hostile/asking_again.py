"""A TLS server that asks for another handshake all the time, which OpenSSL would not do by itself.

The first handshake is OpenSSL's. From then on the records are made by hand, TLS 1.2 with AES-128-GCM (RFC 5246 §6.3,
RFC 5288), with the secret from OpenSSL's key log: so a HelloRequest can stand between any two of them.
"""

import hashlib
import hmac
import ssl
import tempfile
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from electrum_observatory.lab.hostile.pump import Pump
from electrum_observatory.net.raw_listener import ByteLink, RawHandler
from electrum_observatory.net.tls import TlsLayer

_CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
_HELLO_REQUEST = bytes(4)
_REQUESTS_IN_A_RECORD = 4_096
_HANDSHAKE, _APPLICATION_DATA = 22, 23
_TLS_1_2 = b"\x03\x03"
_RANDOM = slice(11, 43)  # of a hello: after the headers of record and message, and the version
_NONCE = 8
_TAG = 16
_LONGEST = 16_384


class AsksAgain(TlsLayer):
    """The server's side of a connection that begins as any other; then a request goes out before all that is said."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Take a context of TLS 1.2 that is this visitor's own."""
        context.set_ciphers(_CIPHERS)
        self._key_log = tempfile.TemporaryFile()  # noqa: SIM115  it is read at the end of the handshake
        context.keylog_filename = f"/proc/self/fd/{self._key_log.fileno()}"
        super().__init__(context, server_side=True)
        self._hello = self._flight = self._due = b""
        self._keys: RecordKeys | None = None

    def feed(self, data: bytes) -> bytes:
        """Take bytes through the handshake, or open the records that they are."""
        if self._keys is not None:
            return self._keys.opened(data)
        self._hello = self._hello or data
        return super().feed(data)

    def write(self, data: bytes) -> None:
        """Seal plain bytes, a request before each record of them."""
        for start in range(0, len(data), _LONGEST):
            self._seal(_HANDSHAKE, _HELLO_REQUEST)
            self._seal(_APPLICATION_DATA, data[start : start + _LONGEST])

    def close(self) -> None:
        """Say nothing: no act that stands on this says goodbye."""

    def outgoing(self) -> bytes:
        """Return and forget what is due; the first request follows the end of the handshake at once."""
        said = super().outgoing()
        self._flight = self._flight or said
        if self.established and self._keys is None:
            self._keys = self._agreed()
            self._seal(_HANDSHAKE, _HELLO_REQUEST)
        due, self._due = self._due, b""
        return said + due

    def requests(self) -> Iterator[bytes]:
        """Yield records that are full of requests, without end."""
        assert self._keys is not None, "nothing is said before the handshake is done"
        while True:
            yield self._keys.sealed(_HANDSHAKE, _HELLO_REQUEST * _REQUESTS_IN_A_RECORD)

    def _seal(self, kind: int, data: bytes) -> None:
        assert self._keys is not None, "nothing is said before the handshake is done"
        self._due += self._keys.sealed(kind, data)

    def _agreed(self) -> "RecordKeys":
        with self._key_log:
            self._key_log.seek(0)
            master_secret = bytes.fromhex(self._key_log.read().split()[-1].decode())
        return RecordKeys(master_secret, self._flight[_RANDOM] + self._hello[_RANDOM])


class AsksWithoutEnd(RawHandler):
    """Finishes the handshake and sends nothing but requests for another."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Take a context of TLS 1.2 that is this visitor's own."""
        self._tls = AsksAgain(context)

    def opened(self, link: ByteLink) -> None:
        """Wait for the hello."""
        self._link = link
        self._pump = Pump(link)

    def received(self, data: bytes) -> None:
        """Take part in the handshake; what comes after it is let pass."""
        if self._tls.established:
            return
        self._tls.feed(data)
        self._link.write(self._tls.outgoing())
        if self._tls.established:
            self._pump.add(self._tls.requests())

    def drained(self) -> None:
        """Send more."""
        self._pump.go_on()


class RecordKeys:
    """Seals what a server says and opens what its visitor says, from the first record after the handshake."""

    def __init__(self, master_secret: bytes, randoms: bytes) -> None:
        """Take what both sides agreed on; of the randoms, the server's first."""
        block = _expanded(master_secret, b"key expansion" + randoms, 40)
        self._visitor, self._own = AESGCM(block[:16]), AESGCM(block[16:32])
        self._visitor_salt, self._own_salt = block[32:36], block[36:40]
        self._sent = self._received = 1  # the record that ended the handshake was number 0
        self._pending = b""

    def sealed(self, kind: int, data: bytes) -> bytes:
        """Return one record."""
        number = self._sent.to_bytes(_NONCE)
        self._sent += 1
        header = bytes((kind,)) + _TLS_1_2
        body = self._own.encrypt(self._own_salt + number, data, number + header + len(data).to_bytes(2))
        return header + (_NONCE + len(body)).to_bytes(2) + number + body

    def opened(self, data: bytes) -> bytes:
        """Return the plain bytes of the records that are whole by now; alerts and handshakes are passed over."""
        self._pending += data
        plain = b""
        while len(self._pending) >= 5 and len(self._pending) >= (end := 5 + int.from_bytes(self._pending[3:5])):
            record, self._pending = self._pending[:end], self._pending[end:]
            said = self._opened_record(record)
            plain += said if record[0] == _APPLICATION_DATA else b""
        return plain

    def _opened_record(self, record: bytes) -> bytes:
        number, nonce, body = self._received.to_bytes(_NONCE), record[5 : 5 + _NONCE], record[5 + _NONCE :]
        self._received += 1
        length = (len(body) - _TAG).to_bytes(2)
        return self._visitor.decrypt(self._visitor_salt + nonce, body, number + record[:3] + length)


def _expanded(secret: bytes, seed: bytes, length: int) -> bytes:
    """P_SHA256 of RFC 5246 §5."""
    made, link = b"", seed
    while len(made) < length:
        link = hmac.digest(secret, link, hashlib.sha256)
        made += hmac.digest(secret, link + seed, hashlib.sha256)
    return made[:length]
