"""WebSocket frames after the handshake: whatever a server sends, memory stays bounded and failures are ours to name."""

import re

from websockets.utils import accept_key

from electrum_observatory.model.errors import VisitError
from electrum_observatory.net.limits import ConnectionLimits
from electrum_observatory.net.websocket import WebSocketClientFraming
from fuzz.frame_oracle import messages_of
from fuzz.pieces import pieces

LIMITS = ConnectionLimits(max_line_bytes=1024, max_fragments=20)

_KEY = re.compile(rb"Sec-WebSocket-Key: (\S+)")
_WELCOME = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)


def check_frames(data: bytes) -> None:
    """Raise AssertionError where the framing reads anything else in these bytes than the standard and our caps say."""
    assert _read(data) == messages_of(data, LIMITS)


def _read(data: bytes) -> tuple[list[bytes], bool]:
    """The messages, and whether the stream was refused."""
    framing = _opened()
    messages: list[bytes] = []
    for piece in pieces(data):
        messages += framing.feed(piece)
        assert framing.pending_bytes <= LIMITS.max_line_bytes + len(piece)
        if framing.error is not None:
            assert isinstance(framing.error, VisitError)
            break
        framing.other_frames()
        framing.outgoing()
    framing.feed_eof()
    return messages, framing.error is not None


def _opened() -> WebSocketClientFraming:
    """A client whose handshake has been answered as a server must."""
    client = WebSocketClientFraming(host="hostile.example", port=50003, secure=False, limits=LIMITS)
    client.start()
    asked = _KEY.search(client.outgoing())
    assert asked is not None
    client.feed((_WELCOME % accept_key(asked[1].decode())).encode())
    assert client.is_open
    return client
