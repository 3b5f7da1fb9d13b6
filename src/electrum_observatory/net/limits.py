"""How much of a peer we take, and how long we wait for it: every buffer has a size, every wait an end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Caps of one connection. The defaults are generous to honest servers and cheap against hostile ones.

    Attributes:
        max_line_bytes: Longest line. The biggest honest replies are 2016 headers in one piece (about 320 kB) and peer
            lists or histograms (below 100 kB).
        max_bytes: All bytes of a connection, before TLS is taken off.
        max_lines: All lines of a connection.
        max_lines_per_second: Lines that may arrive within one second; forty pipelined replies come within a
            millisecond, so this is far above any visit.
        max_queued_bytes: Lines that nobody has fetched yet; beyond this the socket is not read.
        max_certificates: Certificates of a chain that are kept. OpenSSL itself refuses chains above 100 kB.
    """

    max_line_bytes: int = 2_000_000
    max_bytes: int = 16_000_000
    max_lines: int = 100_000
    max_lines_per_second: int = 1_000
    max_queued_bytes: int = 4_000_000
    max_certificates: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Longest wait of each step of a dial, in seconds of the world (a lab's time scale divides them).

    Attributes:
        connect: The TCP handshake.
        proxy: Reaching the destination through a proxy: Tor needs its time to build a circuit.
        tls: The TLS handshake.
        websocket: The WebSocket handshake.
    """

    connect: float = 10.0
    proxy: float = 60.0
    tls: float = 15.0
    websocket: float = 15.0
