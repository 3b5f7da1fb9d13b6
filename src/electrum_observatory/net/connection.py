"""What the scanner needs of a connection, whatever carries it, and the facts of how it came about."""

from dataclasses import dataclass, field
from typing import Protocol

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """What a TLS handshake showed.

    Attributes:
        version: As OpenSSL names it ("TLSv1.3").
        cipher: Name of the cipher suite.
        legacy: True where the modern context failed and the permissive one got through (TLS < 1.2, weak keys or
            digests).
        chain: DER certificates in the order sent, the server's own first; never verified here.
        chain_truncated: True where the server sent more certificates than we keep.
    """

    version: str
    cipher: str
    legacy: bool
    chain: tuple[bytes, ...]
    chain_truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFacts:
    """How a connection came about.

    Attributes:
        endpoint: The identity that was asked for; its address is the one that was checked and dialled.
        connect_ms: Time of the TCP (and proxy) handshake.
        tls_ms: Time of the TLS handshake; None without TLS.
        websocket_ms: Time of the WebSocket handshake; None without one.
        tls: What TLS showed; None without TLS.
        via_proxy: Whether a SOCKS proxy carried it: times then say little of the server.
    """

    endpoint: Endpoint
    connect_ms: float
    tls_ms: float | None = None
    websocket_ms: float | None = None
    tls: TlsFacts | None = None
    via_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """One line as it arrived.

    Attributes:
        data: The bytes, terminator included (a WebSocket message carries none).
        received_monotonic_ns: When its last byte arrived.
    """

    data: bytes
    received_monotonic_ns: int = field(compare=False)


class LineReceiver(Protocol):
    """Whom a connection tells of its lines once it was handed over; called from the event loop, never awaited."""

    def line_received(self, line: ReceivedLine) -> None:
        """One line arrived."""

    def connection_ended(self, error: VisitError) -> None:
        """Nothing comes any more, also after an abort of ours; called exactly once, last."""


class Connection(Protocol):
    """A raw-preserving line connection. Every method raises VisitError and nothing else."""

    @property
    def facts(self) -> ConnectionFacts:
        """How it came about."""

    def send(self, data: bytes) -> None:
        """Queue bytes that end with a newline; what is queued in one turn of the loop goes out together."""

    def hand_over(self, receiver: LineReceiver) -> None:
        """Tell a receiver of every line and of the end (eof, connection_reset, line_too_long, too_many_bytes, …).

        So nobody has to wait. Lines that came before, and the end where there was one, are told at once.
        """

    def abort(self) -> None:
        """Drop it at once; closing handshakes are never waited for (some servers do not answer them)."""
