"""Acts of endings: connections that are cut, half closed or never closed, in each phase of a visit."""

from collections.abc import Callable

from electrum_observatory.lab.hostile.base import HostileAct, Scene, no_tls
from electrum_observatory.lab.hostile.twisted import Twist, Twisted, twisted
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import ByteLink, RawHandler

_LINES = (Transport.TCP, Transport.SSL)
_UNTIL_IT_ARRIVED_S = 0.1
_HALF_AN_UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs"
_HALF_A_REPLY = b'{"jsonrpc":"2.0","id":0,"result":["Fulc'

Ending = Callable[[ByteLink], None]


def reset(link: ByteLink) -> None:
    """Cut the connection off."""
    link.abort()


def half_close(link: ByteLink) -> None:
    """Say that nothing more comes, and stay."""
    link.half_close()


class OnConnect(RawHandler):
    """Resets whoever is let in: at once, or once TLS stands."""

    def opened(self, link: ByteLink) -> None:
        """Reset."""
        link.abort()


class OnFirstBytes(RawHandler):
    """Says something, perhaps, and resets when the first bytes come: a TLS hello, a request, one for an upgrade."""

    def __init__(self, last_words: bytes = b"") -> None:
        """Take what is said first; a little later than that comes the reset, which else would overtake it."""
        self._last_words = last_words

    def opened(self, link: ByteLink) -> None:
        """Wait."""
        self._link = link

    def received(self, data: bytes) -> None:  # noqa: ARG002
        """Reset."""
        if not self._last_words:
            self._link.abort()
            return
        self._link.write(self._last_words)
        self._link.call_later(_UNTIL_IT_ARRIVED_S, self._link.abort)


class AfterOneAnswer(Twisted):
    """Answers the first request honestly and then ends the conversation in its own way."""

    def __init__(self, scene: Scene, end: Ending) -> None:
        """Take how it ends."""
        super().__init__(scene, Twist())
        self._end = end
        self._answered = False

    def received(self, data: bytes) -> None:
        """Answer once."""
        if self._answered:
            return
        self._answered = True
        super().received(data)
        self._link.call_later(_UNTIL_IT_ARRIVED_S, lambda: self._end(self._link))


ENDING_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="reset_on_connect",
        summary="Resets a connection as soon as it stands.",
        seen="Firewalls and front proxies that drop crawlers.",
        transports=_LINES,
        play=lambda _: OnConnect(),
        context=no_tls,
    ),
    HostileAct(
        id="reset_in_tls_hello",
        summary="Resets when the TLS hello comes.",
        seen="Middleboxes that filter by TLS fingerprint.",
        transports=(Transport.SSL,),
        play=lambda _: OnFirstBytes(),
        context=no_tls,
    ),
    HostileAct(
        id="reset_after_tls",
        summary="Finishes the TLS handshake and resets.",
        seen="Front proxies whose server behind is gone.",
        transports=(Transport.SSL,),
        play=lambda _: OnConnect(),
    ),
    HostileAct(
        id="reset_in_upgrade",
        summary="Resets in the middle of its answer to the request for a WebSocket.",
        seen="Front proxies whose server behind dies.",
        transports=(Transport.WS,),
        play=lambda _: OnFirstBytes(_HALF_AN_UPGRADE),
    ),
    HostileAct(
        id="reset_after_request",
        summary="Resets when the first request comes.",
        seen="Servers that ban by client name.",
        transports=_LINES,
        play=lambda _: OnFirstBytes(),
    ),
    HostileAct(
        id="reset_mid_reply",
        summary="Resets in the middle of the first reply.",
        seen="Overloaded servers, killed for memory.",
        transports=_LINES,
        play=lambda _: OnFirstBytes(_HALF_A_REPLY),
    ),
    HostileAct(
        id="reset_after_version",
        summary="Answers the handshake and resets before anything else is answered.",
        seen="Servers that ban by the cost of what is asked.",
        transports=_LINES,
        play=lambda scene: AfterOneAnswer(scene, reset),
    ),
    HostileAct(
        id="half_close",
        summary="Answers the handshake, closes its own half and never the rest.",
        seen="Protocol stacks that forget a socket in CLOSE_WAIT.",
        transports=_LINES,
        play=lambda scene: AfterOneAnswer(scene, half_close),
    ),
    HostileAct(
        id="never_closing_tls",
        summary="Answers everything, and neither answers the closing of TLS nor ever closes the connection.",
        seen="Fulcrum: whoever waits for its closing alert waits 30 s.",
        transports=(Transport.SSL,),
        play=twisted(lambda _: Twist()),
    ),
)
