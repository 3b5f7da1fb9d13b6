"""WebSocket frames after the handshake: whatever a server sends, memory stays bounded and failures are ours to name."""

from collections.abc import Iterator

from electrum_observatory.model.errors import VisitError
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.websocket import WebSocketClientFraming, WebSocketServerFraming

LIMITS = ConnectionLimits(max_line_bytes=1024, max_fragments=20)


def check_frames(data: bytes) -> None:
    """Raise AssertionError where the framing hands out more than came in, or depends on how the bytes were cut."""
    whole, refused = _read(data, step=len(data) or 1)
    pieces, refused_in_pieces = _read(data, step=1 + len(data) % 7)
    assert whole == pieces, "messages depend on how the bytes were cut"
    assert refused == refused_in_pieces
    assert sum(map(len, whole)) <= len(data), "something was unpacked"
    assert all(len(message) <= LIMITS.max_line_bytes for message in whole)


def _read(data: bytes, *, step: int) -> tuple[list[bytes], bool]:
    framing = _opened()
    messages: list[bytes] = []
    for piece in _pieces(data, step):
        messages += framing.feed(piece)
        assert framing.pending_bytes <= LIMITS.max_line_bytes + len(piece)
        if framing.error is not None:
            assert isinstance(framing.error, VisitError)
            break
        framing.other_frames()
        framing.outgoing()
    framing.feed_eof()
    return messages, framing.error is not None


def _pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[start : start + step] for start in range(0, len(data), step))


def _opened() -> WebSocketClientFraming:
    """A client whose handshake a real server has answered."""
    client = WebSocketClientFraming(host="hostile.example", port=50003, secure=False, limits=LIMITS)
    server = WebSocketServerFraming(limits=LIMITS)
    client.start()
    server.feed(client.outgoing())
    client.feed(server.outgoing())
    assert client.is_open
    return client
