"""WebSocket framing without I/O: one message is one line without its newline.

``websockets`` does the protocol; no extension is offered, so that nothing compressed (a bomb) can come in.
"""

from websockets.client import ClientProtocol
from websockets.exceptions import ProtocolError, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import WebSocketURI


class _Messages:
    """What both sides share: frames to whole messages, and messages to frames."""

    def __init__(self, protocol: ClientProtocol | ServerProtocol) -> None:
        self._protocol = protocol
        self._parts: list[bytes] = []

    @property
    def is_open(self) -> bool:
        """Whether the handshake is done and the peer has not said goodbye."""
        return self._protocol.state is State.OPEN

    @property
    def peer_closed(self) -> bool:
        """Whether a close frame has been seen."""
        return self._protocol.state in (State.CLOSING, State.CLOSED)

    @property
    def pending_bytes(self) -> int:
        """Bytes of the fragments of a message that has not ended yet."""
        return sum(map(len, self._parts))

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

    def feed_eof(self) -> None:
        """Take the end of the stream; it completes an HTTP answer that has no length."""
        self._protocol.receive_eof()
        _raise(self._protocol.handshake_exc)

    def outgoing(self) -> bytes:
        """Return and forget what the protocol itself wants sent (handshake, pongs, close frames)."""
        return b"".join(self._protocol.data_to_send())

    def close(self) -> bytes:
        """Return a close frame; the peer's is not waited for."""
        if self.is_open:
            self._protocol.send_close(1000)
        return self.outgoing()

    def _take(self, frame: Frame) -> bytes | None:
        """Collect one frame; return the message that it ends."""
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return None
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        message = b"".join(self._parts)
        self._parts.clear()
        return message


class WebSocketClientFraming(_Messages):
    """The client's side."""

    def __init__(self, *, host: str, port: int, secure: bool, max_message_bytes: int) -> None:
        """Take who is asked (for the Host header) and the longest message allowed."""
        uri = WebSocketURI(secure=secure, host=host, port=port, path="/", query="")
        self._client = ClientProtocol(uri, max_size=max_message_bytes)
        super().__init__(self._client)

    def start(self) -> None:
        """Ask for the upgrade."""
        self._client.send_request(self._client.connect())

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the messages they complete.

        Raises:
            WebSocketException: The upgrade was refused, or the peer broke the protocol.
        """
        self._client.receive_data(data)
        messages: list[bytes] = []
        for event in self._client.events_received():
            if isinstance(event, Frame):
                message = self._take(event)
                if message is not None:
                    messages.append(message)
        _raise(self._client.handshake_exc)
        _raise(self._client.parser_exc)
        return messages


class WebSocketServerFraming(_Messages):
    """The server's side: accepts whatever asks properly, whichever path it names."""

    def __init__(self, *, max_message_bytes: int) -> None:
        """Take the longest message allowed."""
        self._server = ServerProtocol(max_size=max_message_bytes)
        super().__init__(self._server)

    def start(self) -> None:
        """The client begins."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take received bytes; return the messages they complete.

        Raises:
            WebSocketException: The request was no upgrade, or the peer broke the protocol.
        """
        self._server.receive_data(data)
        messages: list[bytes] = []
        for event in self._server.events_received():
            if isinstance(event, Request):
                self._server.send_response(self._server.accept(event))
            elif isinstance(event, Frame):
                message = self._take(event)
                if message is not None:
                    messages.append(message)
        _raise(self._server.handshake_exc)
        _raise(self._server.parser_exc)
        return messages


def _raise(error: Exception | None) -> None:
    """Raise what the parser caught, as one family: it keeps bad close reasons as UnicodeDecodeError, for one."""
    if error is None:
        return
    if isinstance(error, WebSocketException):
        raise error
    raise ProtocolError(str(error)) from error
