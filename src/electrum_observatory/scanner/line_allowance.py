"""What a held connection may bring within a minute: it lives for months, so a cap on the whole of it says little."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import ReceivedLine

_MINUTE_NS = 60_000_000_000


class LineAllowance:
    """Counts lines and bytes of one connection, minute by minute."""

    __slots__ = ("_bytes", "_bytes_per_minute", "_lines", "_lines_per_minute", "_start_ns")

    def __init__(self, *, lines_per_minute: int, bytes_per_minute: int) -> None:
        """Take how much is allowed."""
        self._lines_per_minute = lines_per_minute
        self._bytes_per_minute = bytes_per_minute
        self._start_ns = self._lines = self._bytes = 0

    def take(self, line: ReceivedLine, stage: Stage) -> None:
        """Count a line. Raises VisitError too_many_messages or too_many_bytes at this stage."""
        if line.received_monotonic_ns - self._start_ns >= _MINUTE_NS:
            self._start_ns = line.received_monotonic_ns
            self._lines = self._bytes = 0
        self._lines += 1
        self._bytes += len(line.data)
        if self._lines > self._lines_per_minute:
            words = f"more than {self._lines_per_minute} lines within a minute"
            raise VisitError(stage, FailureKind.TOO_MANY_MESSAGES, words)
        if self._bytes > self._bytes_per_minute:
            words = f"more than {self._bytes_per_minute} bytes within a minute"
            raise VisitError(stage, FailureKind.TOO_MANY_BYTES, words)
