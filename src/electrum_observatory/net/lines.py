"""What travels inside a connection: bare lines here, WebSocket messages in ``websocket.py``, behind one small face."""

from typing import Protocol

from electrum_observatory.model.errors import VisitError
from electrum_observatory.net.strangers import http_reply, is_http
from electrum_observatory.protocol.framing import LineSplitter


class Framing(Protocol):
    """Turns bytes into lines and lines into bytes, without I/O."""

    @property
    def slice_bytes(self) -> int:
        """How many bytes may be fed at once, before what came of them is counted."""

    @property
    def is_open(self) -> bool:
        """Whether lines may travel: at once for bare lines, after a handshake for WebSocket."""

    @property
    def error(self) -> VisitError | None:
        """What the peer did that ends the conversation, once it has; nothing more is taken in after that."""

    def start(self) -> None:
        """Begin the handshake, where there is one."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the lines they complete, up to an error."""

    def feed_eof(self) -> None:
        """Take the end of the stream; it may complete a refusal, which then is the error."""

    def encode(self, line: bytes) -> bytes:
        """Return the bytes that carry a line. Raises WebSocketException where none may be sent any more."""

    def other_frames(self) -> int:
        """Return and forget how many frames came that ended no line: control frames and fragments."""

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

    slice_bytes = 32 * 1024
    is_open = True
    peer_closed = False

    def __init__(self, max_line_bytes: int, *, recognise_http: bool = False) -> None:
        """Take the longest line allowed, and whether a first line of HTTP is an error."""
        self.error: VisitError | None = None
        self._splitter = LineSplitter(max_line_bytes)
        self._max = max_line_bytes
        self._recognise_http = recognise_http

    def start(self) -> None:
        """There is no handshake."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the lines they complete, up to an error."""
        lines: list[bytes] = []
        # Piece by piece where a line may be too long, so that the lines before it are not lost with it.
        fits = self.pending_bytes + len(data) <= self._max
        for piece in (data,) if fits else data.splitlines(keepends=True):
            try:
                lines.extend(self._splitter.feed(piece))
            except VisitError as error:
                self.error = error
                break
        return self._without_http(lines)

    def feed_eof(self) -> None:
        """The end completes nothing."""

    def encode(self, line: bytes) -> bytes:
        """A line is its own bytes."""
        return line

    def other_frames(self) -> int:
        """There are no frames."""
        return 0

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

    def _without_http(self, lines: list[bytes]) -> list[bytes]:
        if not lines or not self._recognise_http:
            return lines
        self._recognise_http = False
        if not is_http(lines[0]):
            return lines
        self.error = http_reply(lines[0])
        return []
