"""Acts of lines: too long, too slow, too many, or none at all."""

import itertools
from collections import deque
from collections.abc import Iterable

from electrum_observatory.lab.hostile.base import HostileAct, Scene
from electrum_observatory.lab.hostile.pump import MEGABYTE, Pump
from electrum_observatory.lab.hostile.twisted import Twist, Twisted
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import ByteLink, RawHandler

_GIGABYTE_IN_MEGABYTES = 1_000
_UNDER_THE_CAP_IN_MEGABYTES = 15
_DRIP_S = 1.0
_JUST_IN_TIME_S = 1.2
_CHATTER_S = 0.1
_CHATTER = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[]}\n'
_NEWLINES = b"\n" * 50_000
_LINES = (Transport.TCP, Transport.SSL)


class Silent(RawHandler):
    """Accepts, listens and never says a word."""


class AnswersWith(RawHandler):
    """Sends chunks as soon as the first request came, whatever it asks."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Take what to send."""
        self._chunks: Iterable[bytes] | None = chunks

    def opened(self, link: ByteLink) -> None:
        """Wait to be asked."""
        self._pump = Pump(link)

    def received(self, data: bytes) -> None:  # noqa: ARG002
        """Begin."""
        if self._chunks is not None:
            chunks, self._chunks = self._chunks, None
            self._pump.add(chunks)

    def drained(self) -> None:
        """Send more."""
        self._pump.go_on()


class Drip(RawHandler):
    """Sends one byte of a valid reply after the other, a second apart, each in time for any wait between two bytes."""

    def opened(self, link: ByteLink) -> None:
        """Begin at once."""
        self._link = link
        self._bytes = itertools.chain(b'{"jsonrpc":"2.0","id":0,"result":["', itertools.repeat(ord("x")))
        self._drip()

    def _drip(self) -> None:
        self._link.write(bytes((next(self._bytes),)))
        self._link.call_later(_DRIP_S, self._drip)


def one_line(megabytes: int) -> Iterable[bytes]:
    """Yield a reply to the first request in one line of about this size."""
    yield b'{"jsonrpc":"2.0","id":0,"result":["'
    yield from itertools.repeat(MEGABYTE, megabytes)
    yield b'","1.4"]}\n'


def many_lines(megabytes: int) -> Iterable[bytes]:
    """Yield notifications of a megabyte each, none of them too long by itself."""
    line = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":["%s"]}\n' % MEGABYTE
    return itertools.repeat(line, megabytes)


class JustInTime(Twisted):
    """Answers honestly, one request after the other, each a little before a hurried visitor's patience ends."""

    def __init__(self, scene: Scene) -> None:
        """Take the honest server behind it."""
        super().__init__(scene, Twist())
        self._due: deque[bytes] = deque()

    def received(self, data: bytes) -> None:
        """Take requests down; visitors send whole lines."""
        idle = not self._due
        self._due.extend(data.splitlines(keepends=True))
        if idle:
            self._link.call_later(_JUST_IN_TIME_S, self._answer_one)

    def _answer_one(self) -> None:
        super().received(self._due.popleft())
        if self._due:
            self._link.call_later(_JUST_IN_TIME_S, self._answer_one)


class Chatterer(RawHandler):
    """Answers the handshake and nothing else, and never falls silent: a notification again and again, in small change.

    None of its lines is worth a complaint, and there are too few of them for any cap.
    """

    def opened(self, link: ByteLink) -> None:
        """Wait for the handshake."""
        self._link = link
        self._chats = False

    def received(self, data: bytes) -> None:  # noqa: ARG002
        """Shake hands once."""
        if not self._chats:
            self._chats = True
            self._link.write(b'{"jsonrpc":"2.0","id":0,"result":["chatter","1.4"]}\n')
            self._chat()

    def _chat(self) -> None:
        self._link.write(_CHATTER)
        self._link.call_later(_CHATTER_S, self._chat)


def endless_line() -> Iterable[bytes]:
    """Yield the beginning of a reply, and bytes without a newline for as long as anyone takes them."""
    yield b'{"jsonrpc":"2.0","id":0,"result":["'
    yield from itertools.repeat(MEGABYTE)


LINE_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="accept_and_silent",
        summary="Accepts connections and requests, and never says a word.",
        seen="Hung and overloaded servers of the public network; tarpits.",
        transports=_LINES,
        play=lambda _: Silent(),
    ),
    HostileAct(
        id="never_ending_line",
        summary="Answers the first request with a line that never ends.",
        seen="Known of every line protocol (CWE-400).",
        transports=_LINES,
        play=lambda _: AnswersWith(endless_line()),
    ),
    HostileAct(
        id="byte_drip",
        summary="Sends its reply a byte a second.",
        seen="Slowloris.",
        transports=_LINES,
        play=lambda _: Drip(),
    ),
    HostileAct(
        id="just_in_time",
        summary="Answers one request at a time, each 1.2 s after the last: in time for each wait, and never done.",
        seen="Tarpits that know their visitors' patience.",
        transports=_LINES,
        play=JustInTime,
    ),
    HostileAct(
        id="chatter_faster_than_aside",
        summary="Answers the handshake and then only chats: ten notifications a second, and no reply. A crowd does it.",
        seen="Tarpits that know who counts as silent.",
        transports=_LINES,
        play=lambda _: Chatterer(),
    ),
    HostileAct(
        id="gigabyte_line",
        summary="Answers the first request with one line of a gigabyte.",
        seen="Known of every line protocol (CWE-400).",
        transports=_LINES,
        play=lambda _: AnswersWith(one_line(_GIGABYTE_IN_MEGABYTES)),
    ),
    HostileAct(
        id="gigabyte_of_lines",
        summary="Answers the first request with a gigabyte in lines of a megabyte, none of them too long by itself.",
        seen="Floods that know the cap on lines.",
        transports=_LINES,
        play=lambda _: AnswersWith(many_lines(_GIGABYTE_IN_MEGABYTES)),
    ),
    HostileAct(
        id="greedy_crowd",
        summary="Sends 15 MB in lines of a megabyte, each just within the caps, and waits: a crowd does it at once.",
        seen="Floods that know every cap; 1,500 names on a few machines (2019).",
        transports=_LINES,
        play=lambda _: AnswersWith(many_lines(_UNDER_THE_CAP_IN_MEGABYTES)),
    ),
    HostileAct(
        id="newline_flood",
        summary="Sends nothing but newlines, fifty thousand at a time.",
        seen="Floods that cost the sender a byte a message.",
        transports=_LINES,
        play=lambda _: AnswersWith(itertools.repeat(_NEWLINES)),
    ),
)
