"""Acts of TLS: odd certificates, old versions, and handshakes that never end."""

import functools
import hashlib
import ssl
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.hostile import weak_certificates
from electrum_observatory.lab.hostile.asking_again import AsksAgain, AsksWithoutEnd
from electrum_observatory.lab.hostile.base import ContextOf, HostileAct, Scene, no_tls, ordinary_tls
from electrum_observatory.lab.hostile.half_a_ticket import HalfATicket
from electrum_observatory.lab.hostile.pump import MEGABYTE, Pump
from electrum_observatory.lab.hostile.secured import SecuredHandler
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
_HUGE_DH_BITS = 10_000  # the most that OpenSSL computes with
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


def huge_dh(scene: Scene) -> ssl.SSLContext:
    """Return a context that agrees on keys by Diffie and Hellman's way alone, in numbers of 10,000 bits."""
    context = weak_context(weak_certificates.expired(scene.name), old_tls=False)
    context.set_ciphers("kDHE:!aNULL:@SECLEVEL=0")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(ssl.DER_cert_to_PEM_cert(_huge_dh_parameters()).replace("CERTIFICATE", "DH PARAMETERS"))
        file.flush()
        context.load_dh_params(file.name)
    return context


def _huge_dh_parameters() -> bytes:
    """Return any odd number of so many bits as the modulus, prime or not, and 2 as the generator, in DER."""
    size = _HUGE_DH_BITS // 8
    modulus = bytearray(hashlib.shake_256(b"huge").digest(size))
    modulus[0] |= 0x80
    modulus[-1] |= 1
    numbers = b"\x02\x82" + (size + 1).to_bytes(2) + b"\0" + modulus + b"\x02\x01\x02"
    return b"\x30\x82" + len(numbers).to_bytes(2) + numbers


def asking_again(scene: Scene) -> RawHandler:
    """Play an honest server whose TLS asks for another handshake all the time."""
    return SecuredHandler(_honest(scene), AsksAgain(weak_context(weak_certificates.expired(scene.name), old_tls=False)))


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
    HostileAct(
        id="tls_huge_dh",
        summary="Agrees on keys in numbers of its own choice, of 10,000 bits: a second's work.",
        seen="D(HE)at (CVE-2002-20001), from the other side: the server alone chooses what DHE costs.",
        transports=_SSL,
        play=_honest,
        context=huge_dh,
    ),
    HostileAct(
        id="tls_renegotiation",
        summary="Asks for another TLS handshake behind the first, and before all that it says.",
        seen="Renegotiation floods (CVE-2011-1473), from the other side.",
        transports=_SSL,
        play=asking_again,
        context=no_tls,
    ),
    HostileAct(
        id="tls_renegotiation_flood",
        summary="Asks for another TLS handshake without end, four thousand times in each record.",
        seen="As above; a request has four bytes, and its refusal thirty.",
        transports=_SSL,
        play=lambda scene: AsksWithoutEnd(weak_context(weak_certificates.expired(scene.name), old_tls=False)),
        context=no_tls,
    ),
    HostileAct(
        id="tls_half_ticket",
        summary="Sends the beginning of a session ticket behind the TLS handshake, and never the rest.",
        seen="TLS fuzzers.",
        transports=_SSL,
        play=lambda scene: HalfATicket(weak_context(weak_certificates.expired(scene.name), old_tls=False)),
        context=no_tls,
    ),
)
