"""What a dial showed. The engine makes it for every dial; it asks the server nothing."""

from dataclasses import dataclass

from electrum_observatory.net.connection import ConnectionFacts

PROBE_ID = "connection"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionResult:
    """How the connection came about. Its failure is the endpoint's failure.

    Attributes:
        connect_ms: Milliseconds of the TCP handshake (and the proxy's, where one carried it).
        tls_ms: Milliseconds of the TLS handshake; null without TLS.
        websocket_ms: Milliseconds of the WebSocket handshake; null without one.
        tls_version: As OpenSSL names it ("TLSv1.3"); null without TLS.
        tls_cipher: Name of the cipher suite; null without TLS.
        tls_legacy: True where only the permissive second try got through (TLS < 1.2, weak keys); null without TLS.
        via_proxy: Whether a SOCKS proxy carried it: times then say little of the server.
    """

    connect_ms: float
    tls_ms: float | None
    websocket_ms: float | None
    tls_version: str | None
    tls_cipher: str | None
    tls_legacy: bool | None
    via_proxy: bool


def read_connection(facts: ConnectionFacts) -> ConnectionResult:
    """Return the facts of a connection as a result."""
    tls = facts.tls
    return ConnectionResult(
        connect_ms=facts.connect_ms,
        tls_ms=facts.tls_ms,
        websocket_ms=facts.websocket_ms,
        tls_version=None if tls is None else tls.version,
        tls_cipher=None if tls is None else tls.cipher,
        tls_legacy=None if tls is None else tls.legacy,
        via_proxy=facts.via_proxy,
    )
