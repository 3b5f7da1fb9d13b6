"""WebSocket framing without I/O: one message is one line without its newline.

``websockets`` does the protocol; no extension is offered, so that nothing compressed (a bomb) can come in.
"""

from abc import ABC, abstractmethod

from websockets.client import ClientProtocol
from websockets.exceptions import ProtocolError, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import WebSocketURI

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import visit_error
from electrum_observatory.net.limits import ConnectionLimits


class _Messages(ABC):
    """What both sides share: frames to whole messages, and messages to frames.

    Attributes:
        is_open: Whether the handshake has been done.
        error: What the peer did that ends the conversation.
    """

    slice_bytes = 4 * 1024  # an empty frame has two, and takes longer than a line

    def __init__(self, protocol: ClientProtocol | ServerProtocol, max_fragments: int) -> None:
        self.is_open = False
        self.error: VisitError | None = None
        self._protocol = protocol
        self._max_fragments = max_fragments
        self._parts: list[bytes] = []
        self._other_frames = 0

    @property
    def peer_closed(self) -> bool:
        """Whether a close frame has been seen."""
        return self._protocol.state in (State.CLOSING, State.CLOSED)

    @property
    def pending_bytes(self) -> int:
        """Bytes of the fragments of a message that has not ended yet."""
        return sum(map(len, self._parts))

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the messages they complete, up to an error."""
        self._protocol.receive_data(data)
        messages: list[bytes] = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                messages.extend(self._take(event))
            else:
                self._shake_hands(event)
        self._note_error()
        return messages

    def feed_eof(self) -> None:
        """Take the end of the stream; it completes an HTTP answer that has no length."""
        if not self.is_open:
            self._protocol.receive_eof()
            self._note_error()

    def encode(self, line: bytes) -> bytes:
        """Return the frame of a line: text, or binary for what is not text."""
        message = line.removesuffix(b"\n")
        try:
            message.decode("utf-8")
        except UnicodeDecodeError:
            self._protocol.send_binary(message)
        else:
            self._protocol.send_text(message)
        return self.outgoing()

    def other_frames(self) -> int:
        """Return and forget how many frames came that ended no message: each costs us as much as one that does."""
        number, self._other_frames = self._other_frames, 0
        return number

    def outgoing(self) -> bytes:
        """Return and forget what the protocol itself wants sent (handshake, pongs, close frames)."""
        return b"".join(self._protocol.data_to_send())

    def close(self) -> bytes:
        """Return a close frame; the peer's is not waited for."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
        return self.outgoing()

    @abstractmethod
    def _shake_hands(self, event: object) -> None:
        """Take the peer's part of the handshake."""

    def _take(self, frame: Frame) -> tuple[bytes, ...]:
        """Collect one frame; return the message that it ends, if it does."""
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT) or self.error is not None:
            self._other_frames += 1
            return ()
        self._parts.append(bytes(frame.data))
        if len(self._parts) > self._max_fragments:
            detail = f"a message in more than {self._max_fragments} frames"
            self.error = VisitError(Stage.REQUEST, FailureKind.TOO_MANY_MESSAGES, detail)
        if not frame.fin or self.error is not None:
            self._other_frames += 1
            return ()
        message = b"".join(self._parts)
        self._parts.clear()
        return (message,)

    def _note_error(self) -> None:
        error = self._protocol.handshake_exc or self._protocol.parser_exc
        if error is not None and self.error is None:
            self.error = visit_error(Stage.NEGOTIATE, _of_one_family(error))


class WebSocketClientFraming(_Messages):
    """The client's side."""

    def __init__(self, *, host: str, port: int, secure: bool, limits: ConnectionLimits) -> None:
        """Take who is asked (for the Host header) and the caps of a message."""
        uri = WebSocketURI(secure=secure, host=host, port=port, path="/", query="")
        self._client = ClientProtocol(uri, max_size=limits.max_line_bytes)
        super().__init__(self._client, limits.max_fragments)

    def start(self) -> None:
        """Ask for the upgrade."""
        self._client.send_request(self._client.connect())

    def _shake_hands(self, event: object) -> None:
        self.is_open = isinstance(event, Response) and self._client.handshake_exc is None


class WebSocketServerFraming(_Messages):
    """The server's side: accepts whatever asks properly, whichever path it names."""

    def __init__(self, *, limits: ConnectionLimits) -> None:
        """Take the caps of a message."""
        self._server = ServerProtocol(max_size=limits.max_line_bytes)
        super().__init__(self._server, limits.max_fragments)

    def start(self) -> None:
        """The client begins."""

    def _shake_hands(self, event: object) -> None:
        assert isinstance(event, Request)
        self._server.send_response(self._server.accept(event))
        self.is_open = self._server.handshake_exc is None


def _of_one_family(error: Exception) -> WebSocketException:
    """The parser keeps what it caught as it came: a bad reason of a close frame as UnicodeDecodeError, for one."""
    return error if isinstance(error, WebSocketException) else ProtocolError(str(error))
