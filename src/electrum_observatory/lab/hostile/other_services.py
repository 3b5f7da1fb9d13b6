"""Acts of other services: what answers where an Electrum server was listed."""

from electrum_observatory.lab.hostile.base import HostileAct, no_tls
from electrum_observatory.lab.misbehaviour import BAD_REQUEST, PLAIN_GREETING
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import ByteLink, RawHandler

_LINES = (Transport.TCP, Transport.SSL)
_SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"
_TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal, handshake_failure
_MALFORMED_HELLO = b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\x00\x00"  # a ServerHello that ends in its random
_NO_PROTOCOL = bytes(range(255, 127, -1)) * 64


class Greets(RawHandler):
    """Speaks first, in a tongue of its own, and waits."""

    def __init__(self, words: bytes) -> None:
        """Take what it says."""
        self._words = words

    def opened(self, link: ByteLink) -> None:
        """Say it."""
        link.write(self._words)


class AnswersAndCloses(RawHandler):
    """Answers the first bytes with words of its own and hangs up."""

    def __init__(self, words: bytes) -> None:
        """Take what it says."""
        self._words = words

    def opened(self, link: ByteLink) -> None:
        """Wait for the first bytes."""
        self._link = link

    def received(self, data: bytes) -> None:  # noqa: ARG002
        """Answer."""
        self._link.write(self._words)
        self._link.close()


OTHER_SERVICE_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="plain_text_on_tls",
        summary="Speaks Electrum in plain text on a port listed as TLS.",
        seen="Operators who give the wrong port; common in peer lists.",
        transports=(Transport.SSL,),
        play=lambda _: Greets(PLAIN_GREETING),
        context=no_tls,
    ),
    HostileAct(
        id="http_server",
        summary="A web server: answers requests and TLS hellos alike with 400 Bad Request in plain HTTP.",
        seen="Front proxies without a server behind them.",
        transports=_LINES,
        play=lambda _: AnswersAndCloses(BAD_REQUEST),
        context=no_tls,
    ),
    HostileAct(
        id="https_server",
        summary="A web server behind TLS: answers the first request with 400 Bad Request.",
        seen="Ports 443 in peer lists.",
        transports=(Transport.SSL,),
        play=lambda _: AnswersAndCloses(BAD_REQUEST),
    ),
    HostileAct(
        id="ssh_server",
        summary="An SSH server, which speaks first.",
        seen="What port scans by way of a crawler aim at.",
        transports=_LINES,
        play=lambda _: Greets(_SSH),
        context=no_tls,
    ),
    HostileAct(
        id="tls_on_tcp",
        summary="Answers a plain request with a TLS alert and hangs up.",
        seen="TLS ports listed as plain ones.",
        transports=(Transport.TCP,),
        play=lambda _: AnswersAndCloses(_TLS_ALERT),
    ),
    HostileAct(
        id="malformed_tls",
        summary="Answers the TLS hello with one that breaks off in its middle, framed as if it were whole.",
        seen="TLS fuzzers.",
        transports=(Transport.SSL,),
        play=lambda _: AnswersAndCloses(_MALFORMED_HELLO),
        context=no_tls,
    ),
    HostileAct(
        id="binary_noise",
        summary="Sends bytes of no protocol, none of them text, and then waits.",
        seen="Nodes of other networks on Electrum's ports.",
        transports=_LINES,
        play=lambda _: Greets(_NO_PROTOCOL + b"\n"),
        context=no_tls,
    ),
)
