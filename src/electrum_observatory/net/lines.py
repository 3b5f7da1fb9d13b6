"""What travels inside a connection: bare lines here, WebSocket messages in ``websocket.py``, behind one small face."""

from typing import Protocol

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import scrubbed
from electrum_observatory.protocol.framing import LineSplitter

_HTTP = b"HTTP/"


class Framing(Protocol):
    """Turns bytes into lines and lines into bytes, without I/O. Raises VisitError and WebSocketException."""

    @property
    def is_open(self) -> bool:
        """Whether lines may travel: at once for bare lines, after a handshake for WebSocket."""

    def start(self) -> None:
        """Begin the handshake, where there is one."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the lines they complete."""

    def feed_eof(self) -> None:
        """Take the end of the stream: raises where it completes a refusal, else does nothing."""

    def encode(self, line: bytes) -> bytes:
        """Return the bytes that carry a line."""

    def outgoing(self) -> bytes:
        """Return and forget bytes that the framing itself has to send (handshakes, pongs)."""

    def close(self) -> bytes:
        """Return the bytes that announce the end."""

    @property
    def peer_closed(self) -> bool:
        """Whether the peer has announced the end inside the framing."""

    @property
    def pending_bytes(self) -> int:
        """Bytes received of a line that has not ended yet."""


class LineFraming:
    """Lines that end with a newline, as Electrum sends them over tcp and ssl."""

    is_open = True
    peer_closed = False

    def __init__(self, max_line_bytes: int, *, recognise_http: bool = False) -> None:
        """Take the longest line allowed, and whether a first line of HTTP ends the connection."""
        self._splitter = LineSplitter(max_line_bytes)
        self._recognise_http = recognise_http

    def start(self) -> None:
        """There is no handshake."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the lines they complete."""
        lines = self._splitter.feed(data)
        if lines and self._recognise_http:
            self._recognise_http = False
            if lines[0].startswith(_HTTP):
                raise http_reply(lines[0])
        return lines

    def feed_eof(self) -> None:
        """The end completes nothing."""

    def encode(self, line: bytes) -> bytes:
        """A line is its own bytes."""
        return line

    def outgoing(self) -> bytes:
        """Nothing of its own to send."""
        return b""

    def close(self) -> bytes:
        """The end of the stream says it all."""
        return b""

    @property
    def pending_bytes(self) -> int:
        """Bytes received of a line that has not ended yet."""
        return self._splitter.pending_bytes


def http_reply(first_line: bytes) -> VisitError:
    """Say that a web server answers here; the status line is the detail."""
    return VisitError(Stage.NEGOTIATE, FailureKind.HTTP_REPLY, scrubbed(first_line.decode("latin-1")))
