"""What a held connection may bring within a minute: it lives for months, so a cap on the whole of it says little."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import ReceivedLine

_MINUTE_S = 60.0


class LineAllowance:
    """Counts lines and bytes of one connection, minute by minute."""

    __slots__ = ("_bytes", "_bytes_per_minute", "_lines", "_lines_per_minute", "_minute_ns", "_start_ns", "_words")

    def __init__(self, *, lines_per_minute: int, bytes_per_minute: int, minute_s: float = _MINUTE_S) -> None:
        """Take how much is allowed, and how long a minute is for those who ask more often than that."""
        self._minute_ns = round(minute_s * 1_000_000_000)
        self._words = "within a minute" if minute_s == _MINUTE_S else f"within {minute_s:g} s"
        self._lines_per_minute = lines_per_minute
        self._bytes_per_minute = bytes_per_minute
        self._start_ns = self._lines = self._bytes = 0

    def take(self, line: ReceivedLine, stage: Stage) -> None:
        """Count a line. Raises VisitError too_many_messages or too_many_bytes at this stage."""
        if line.received_monotonic_ns - self._start_ns >= self._minute_ns:
            self._start_ns = line.received_monotonic_ns
            self._lines = self._bytes = 0
        self._lines += 1
        self._bytes += len(line.data)
        if self._lines > self._lines_per_minute:
            words = f"more than {self._lines_per_minute} lines {self._words}"
            raise VisitError(stage, FailureKind.TOO_MANY_MESSAGES, words)
        if self._bytes > self._bytes_per_minute:
            words = f"more than {self._bytes_per_minute} bytes {self._words}"
            raise VisitError(stage, FailureKind.TOO_MANY_BYTES, words)
