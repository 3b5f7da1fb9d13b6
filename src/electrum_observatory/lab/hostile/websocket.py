"""Acts of WebSocket: handshakes that never end, and frames that are too many, too large or compressed."""

import itertools
import re
import zlib
from collections.abc import Iterable

from websockets.frames import Frame, Opcode
from websockets.utils import accept_key

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.pump import MEGABYTE, Pump
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import ByteLink, RawHandler

_WS = (Transport.WS,)
_KEY = re.compile(rb"^sec-websocket-key:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
_DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n"
_LONGEST_REQUEST = 10_000
_COMPRESSED = 0x40  # the first reserved bit of a frame
_BOMB_MEGABYTES = 1_000
_FRAMES_IN_A_CHUNK = 500
_HUGE = bytes((0x81, 127)) + (1 << 62).to_bytes(8)  # the header of a text frame of four exabytes


class AnswersUpgrade(RawHandler):
    """Answers the request for an upgrade with chunks of its own."""

    def __init__(self, chunks: Iterable[bytes], *, accept: bool, extra: bytes = b"") -> None:
        """Take what is sent, whether after a proper acceptance, and further headers of that."""
        self._chunks = chunks
        self._accept = accept
        self._extra = extra
        self._request = b""
        self._answered = False

    def opened(self, link: ByteLink) -> None:
        """Wait for the request."""
        self._link = link
        self._pump = Pump(link)

    def received(self, data: bytes) -> None:
        """Answer once the request is whole."""
        if self._answered:
            return
        self._request = (self._request + data)[:_LONGEST_REQUEST]
        if b"\r\n\r\n" not in self._request:
            return
        self._answered = True
        if self._accept:
            self._link.write(self._acceptance())
        self._pump.add(self._chunks)

    def drained(self) -> None:
        """Send more."""
        self._pump.go_on()

    def _acceptance(self) -> bytes:
        found = _KEY.search(self._request)
        key = accept_key(found[1].decode("latin-1")) if found else ""
        return _SWITCHING + self._extra + f"Sec-WebSocket-Accept: {key}\r\n\r\n".encode("latin-1")


def bomb() -> Iterable[bytes]:
    """Yield one compressed message of a gigabyte of spaces in a megabyte of frames."""
    compressor = zlib.compressobj(wbits=-15)
    block = compressor.compress(b" " * len(MEGABYTE)) + compressor.flush(zlib.Z_FULL_FLUSH)
    first = bytearray(Frame(Opcode.TEXT, block, fin=False).serialize(mask=False))
    first[0] |= _COMPRESSED
    yield bytes(first)
    more = Frame(Opcode.CONT, block, fin=False).serialize(mask=False)
    yield from itertools.repeat(more, _BOMB_MEGABYTES)


def fragments() -> Iterable[bytes]:
    """Yield a message in fragments of one byte, without end."""
    yield Frame(Opcode.TEXT, b'"', fin=False).serialize(mask=False)
    yield from itertools.repeat(Frame(Opcode.CONT, b"x", fin=False).serialize(mask=False) * _FRAMES_IN_A_CHUNK)


def pings() -> Iterable[bytes]:
    """Yield pings without end."""
    return itertools.repeat(Frame(Opcode.PING, b"are you there?").serialize(mask=False) * _FRAMES_IN_A_CHUNK)


def endless_header() -> Iterable[bytes]:
    """Yield the beginning of an acceptance whose header never ends."""
    yield _SWITCHING + b"X-Motd: "
    yield from itertools.repeat(MEGABYTE)


def many_headers() -> Iterable[bytes]:
    """Yield the beginning of an acceptance with headers without end, each short."""
    yield _SWITCHING
    yield from itertools.repeat(b"X-Motd: hello\r\n" * _FRAMES_IN_A_CHUNK)


def endless_refusal() -> Iterable[bytes]:
    """Yield a refusal whose page never ends."""
    yield _FORBIDDEN
    yield from itertools.repeat(MEGABYTE)


WEBSOCKET_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="websocket_silent_handshake",
        summary="Takes the request for an upgrade and never answers.",
        seen="Front proxies that hang.",
        transports=_WS,
        play=lambda _: AnswersUpgrade((), accept=False),
    ),
    HostileAct(
        id="websocket_endless_header",
        summary="Answers the upgrade with a header that never ends.",
        seen="Attacks on HTTP parsers.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(endless_header(), accept=False),
    ),
    HostileAct(
        id="websocket_many_headers",
        summary="Answers the upgrade with headers without end, each of them short.",
        seen="Attacks on HTTP parsers.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(many_headers(), accept=False),
    ),
    HostileAct(
        id="websocket_endless_refusal",
        summary="Refuses the upgrade with a page that never ends.",
        seen="Web servers with a streaming page at every path.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(endless_refusal(), accept=False),
    ),
    HostileAct(
        id="websocket_compression_forced",
        summary="Accepts the upgrade with a compression that was not offered, and sends a gigabyte in a megabyte.",
        seen="Compression bombs; extensions forced by careless servers.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(bomb(), accept=True, extra=_DEFLATE),
    ),
    HostileAct(
        id="websocket_compressed_bomb",
        summary="Sends frames marked as compressed though nothing was agreed on: a gigabyte in a megabyte.",
        seen="Compression bombs.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(bomb(), accept=True),
    ),
    HostileAct(
        id="websocket_endless_fragments",
        summary="Sends one message in fragments of a byte, without end.",
        seen="Autobahn's test suite, section 5.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(fragments(), accept=True),
    ),
    HostileAct(
        id="websocket_ping_storm",
        summary="Sends pings without end, each of which wants a pong.",
        seen="The ping flood of HTTP/2 (CVE-2019-9512), one protocol over.",
        transports=_WS,
        play=lambda _: AnswersUpgrade(pings(), accept=True),
    ),
    HostileAct(
        id="websocket_huge_frame",
        summary="Announces a frame of four exabytes.",
        seen="Autobahn's test suite, section 9.",
        transports=_WS,
        play=lambda _: AnswersUpgrade((_HUGE, MEGABYTE), accept=True),
    ),
)
