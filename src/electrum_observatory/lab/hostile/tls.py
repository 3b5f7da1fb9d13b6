"""Acts of TLS: odd certificates, old versions, and handshakes that never end."""

import functools
import ssl
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.hostile import weak_certificates
from electrum_observatory.lab.hostile.base import ContextOf, HostileAct, Scene, no_tls, ordinary_tls
from electrum_observatory.lab.hostile.pump import MEGABYTE, Pump
from electrum_observatory.lab.hostile.twisted import Twist, twisted
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import ByteLink, RawHandler
from electrum_observatory.net.tls import TlsLayer

HEAP = 200
_SSL = (Transport.SSL,)
_RECORD_HEADER = bytes.fromhex("160303")  # handshake, TLS 1.2
_SERVER_HELLO_OF_16_MB = bytes.fromhex("02ffffff")
_RECORD = 16_000
_DRIP_S = 1.0
_honest = twisted(lambda _: Twist())


def showing(mint: Callable[[str], Minted], *, old_tls: bool = False) -> ContextOf:
    """Return what makes the context of a certificate that is made for the machine's name."""

    def context(scene: Scene) -> ssl.SSLContext:
        return weak_context(mint(scene.name), old_tls=old_tls)

    return context


def weak_context(minted: Minted, *, old_tls: bool) -> ssl.SSLContext:
    """Return a context that bears every certificate and key; with ``old_tls`` it speaks TLS 1.0 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    if old_tls:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point here
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    else:
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # TLS 1.3 has no signature that a key of 512 bits could make
    with tempfile.TemporaryDirectory() as folder:  # the standard library loads certificates from files only
        path = Path(folder) / "chain.pem"
        path.write_bytes(minted.chain_pem + minted.key_pem)
        context.load_cert_chain(path)
    return context


class Stalls(RawHandler):
    """Sends half of its first flight of a TLS handshake, and never the rest."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Take the context of an ordinary server."""
        self._tls = TlsLayer(context, server_side=True)

    def opened(self, link: ByteLink) -> None:
        """Wait for the hello."""
        self._link = link

    def received(self, data: bytes) -> None:
        """Answer half."""
        self._tls.feed(data)
        flight = self._tls.outgoing()
        self._link.write(flight[: len(flight) // 2])


class Drips(RawHandler):
    """Sends its part of a TLS handshake a byte a second."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Take the context of an ordinary server."""
        self._tls = TlsLayer(context, server_side=True)
        self._flight = b""

    def opened(self, link: ByteLink) -> None:
        """Wait for the hello."""
        self._link = link

    def received(self, data: bytes) -> None:
        """Begin."""
        if not self._flight:
            self._tls.feed(data)
            self._flight = self._tls.outgoing()
            self._drip()

    def _drip(self) -> None:
        self._link.write(self._flight[:1])
        self._flight = self._flight[1:]
        self._link.call_later(_DRIP_S, self._drip)


class EndlessHello(RawHandler):
    """Answers the TLS hello with one of 16 MB, in well-formed records."""

    def opened(self, link: ByteLink) -> None:
        """Wait for the hello."""
        self._pump = Pump(link)
        self._begun = False

    def received(self, data: bytes) -> None:  # noqa: ARG002
        """Begin."""
        if not self._begun:
            self._begun = True
            record = _RECORD_HEADER + _RECORD.to_bytes(2)
            first = record + _SERVER_HELLO_OF_16_MB + MEGABYTE[: _RECORD - len(_SERVER_HELLO_OF_16_MB)]
            more = record + MEGABYTE[:_RECORD]
            self._pump.add(first if index == 0 else more for index in range(1_100))

    def drained(self) -> None:
        """Send more."""
        self._pump.go_on()


TLS_ACTS: tuple[HostileAct, ...] = (
    HostileAct(
        id="certificate_heap",
        summary=f"Shows a chain of {HEAP} certificates.",
        seen="Attacks on certificate parsers.",
        transports=_SSL,
        play=_honest,
        context=showing(functools.partial(weak_certificates.heap, number=HEAP)),
    ),
    HostileAct(
        id="certificate_expired",
        summary="Shows a certificate that ran out a decade ago.",
        seen="A fair share of the public network; nobody's fault, and nothing a survey may stumble over.",
        transports=_SSL,
        play=_honest,
        context=showing(weak_certificates.expired),
    ),
    HostileAct(
        id="certificate_sha1",
        summary="Shows a certificate signed with SHA-1.",
        seen="Servers set up before 2016 and never since.",
        transports=_SSL,
        play=_honest,
        context=showing(weak_certificates.signed_with_sha1),
    ),
    HostileAct(
        id="certificate_rsa_512",
        summary="Shows a certificate on an RSA key of 512 bits.",
        seen="Embedded devices; FREAK (2015).",
        transports=_SSL,
        play=_honest,
        context=showing(weak_certificates.weak_rsa),
    ),
    HostileAct(
        id="tls_1_0_only",
        summary="Speaks TLS 1.0 and nothing newer.",
        seen="Old images of server programs.",
        transports=_SSL,
        play=_honest,
        context=showing(weak_certificates.expired, old_tls=True),
    ),
    HostileAct(
        id="tls_stall",
        summary="Sends half of its part of the TLS handshake and falls silent.",
        seen="Front proxies that hang.",
        transports=_SSL,
        play=lambda scene: Stalls(ordinary_tls(scene)),
        context=no_tls,
    ),
    HostileAct(
        id="tls_drip",
        summary="Sends its part of the TLS handshake a byte a second.",
        seen="Slowloris, one layer below: it outlasts every wait for the next byte.",
        transports=_SSL,
        play=lambda scene: Drips(ordinary_tls(scene)),
        context=no_tls,
    ),
    HostileAct(
        id="tls_endless_hello",
        summary="Answers the TLS hello with one that says it has 16 MB, and begins to send them.",
        seen="TLS fuzzers.",
        transports=_SSL,
        play=lambda _: EndlessHello(),
        context=no_tls,
    ),
)
