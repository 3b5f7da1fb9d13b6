"""Bytes to lines: newline framing with a cap, for either side of a connection."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage


class LineSplitter:
    """Collects bytes and hands out whole lines, terminator included.

    Memory is bounded: a line that grows past ``max_line_bytes`` raises before it is complete.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._pending = bytearray()

    @property
    def pending_bytes(self) -> int:
        """Bytes received of a line that has not ended yet."""
        return len(self._pending)

    def feed(self, data: bytes) -> list[bytes]:
        """Add received bytes; return the lines they complete.

        Raises:
            VisitError: line_too_long, when a line is longer than the cap (whether or not it has ended).
        """
        *ended, rest = data.split(b"\n")
        complete: list[bytes] = []
        for line in ended:
            self._check(len(self._pending) + len(line) + 1)
            complete.append(b"".join((self._pending, line, b"\n")))
            self._pending.clear()
        self._check(len(self._pending) + len(rest))
        self._pending += rest
        return complete

    def _check(self, size: int) -> None:
        if size > self._max:
            raise VisitError(Stage.REQUEST, FailureKind.LINE_TOO_LONG, f"a line of more than {self._max} bytes")
