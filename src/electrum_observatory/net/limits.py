"""How much of a peer we take, and how long we wait for it: every buffer has a size, every wait an end."""

from dataclasses import dataclass
from typing import NoReturn

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage

_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Caps of one connection. The defaults are generous to honest servers and cheap against hostile ones.

    Attributes:
        max_line_bytes: Longest line. The biggest honest replies are 2016 headers in one piece (about 320 kB) and peer
            lists or histograms (below 100 kB).
        max_bytes: All bytes of a connection, before TLS is taken off.
        max_bytes_together: All bytes that the open connections have brought; beyond this the one that brought most is
            dropped, and the next, unless it is so little that it could be an honest server's.
        max_lines: All lines of a connection; on WebSocket, all frames, pings and fragments included.
        max_lines_per_second: Lines (or frames) that may arrive within one second; forty pipelined replies come within a
            millisecond, so this is far above any visit.
        max_fragments: Frames that one WebSocket message may come in.
        max_queued_bytes: Lines that nobody has fetched yet; beyond this the socket is not read.
        max_certificates: Certificates of a chain that are kept. OpenSSL itself refuses chains above 100 kB.
    """

    max_line_bytes: int = 2_000_000
    max_bytes: int = 16_000_000
    max_bytes_together: int = 64_000_000
    max_lines: int = 100_000
    max_lines_per_second: int = 1_000
    max_fragments: int = 1_000
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

    @property
    def all_through_proxy(self) -> float:
        """The longest that a dial through a proxy takes."""
        return self.proxy + self.tls + self.websocket


class Meter:
    """Counts what one connection brings and says when it is too much.

    Attributes:
        lines: Lines so far.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        """Take the caps."""
        self.lines = 0
        self._limits = limits
        self._bytes = self._arrivals = 0
        self._window_start_ns = self._window_arrivals = 0

    def count_bytes(self, size: int) -> None:
        """Count bytes. Raises VisitError too_many_bytes."""
        self._bytes += size
        if self._bytes > self._limits.max_bytes:
            detail = f"more than {self._limits.max_bytes} bytes"
            raise VisitError(Stage.REQUEST, FailureKind.TOO_MANY_BYTES, detail)

    def count_line(self, at_ns: int) -> None:
        """Count a line that arrived at a monotonic instant. Raises VisitError too_many_messages."""
        self.lines += 1
        self._count(1, at_ns, "lines")

    def count_frames(self, number: int, at_ns: int) -> None:
        """Count frames that brought no line by themselves. Raises VisitError too_many_messages."""
        self._count(number, at_ns, "frames")

    def _count(self, number: int, at_ns: int, what: str) -> None:
        if at_ns - self._window_start_ns >= _SECOND_NS:
            self._window_start_ns, self._window_arrivals = at_ns, 0
        self._arrivals += number
        self._window_arrivals += number
        if self._arrivals > self._limits.max_lines:
            self._too_many(f"more than {self._limits.max_lines} {what}")
        if self._window_arrivals > self._limits.max_lines_per_second:
            self._too_many(f"more than {self._limits.max_lines_per_second} {what} within a second")

    @staticmethod
    def _too_many(detail: str) -> NoReturn:
        raise VisitError(Stage.REQUEST, FailureKind.TOO_MANY_MESSAGES, detail)
