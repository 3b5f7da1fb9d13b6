"""Defences in TLS and against whoever else answers."""

import ssl
from collections.abc import Awaitable

from electrum_observatory.model.failure import Stage
from electrum_observatory.net.connection import TlsFacts
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.tls import TlsLayer
from tests.hostile.defence import Defence

_facts = TlsLayer.facts


def all_facts(self: TlsLayer, *, legacy: bool, max_certificates: int) -> TlsFacts:
    return _facts(self, legacy=legacy, max_certificates=1_000_000)


def shake_hands_regardless(self: TlsLayer) -> None:
    try:
        self._object.do_handshake()
    except ssl.SSLError:
        return
    self.established = True


async def wait_for_ever(self: Dialer, seconds: float, stage: Stage, step: Awaitable[None]) -> None:
    await step


def write_or_want(self: TlsLayer, data: bytes) -> None:
    self._object.write(data)


TLS_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="certificate_cap",
        what="Of a long chain only the first certificates are kept.",
        target="electrum_observatory.net.tls:TlsLayer.facts",
        replacement=all_facts,
    ),
    Defence(
        id="certificates_are_only_read",
        what="Certificates are facts, not conditions: none is verified.",
        target="electrum_observatory.net.tls:_unverified",
        replacement=ssl.create_default_context,
    ),
    Defence(
        id="unreadable_parts_warn",
        what="What the library cannot read of a certificate becomes a warning.",
        target="electrum_observatory.protocol.certificate:_UNREADABLE",
        replacement=(),
    ),
    Defence(
        id="second_try_with_old_tls",
        what="Where TLS itself failed, a second connection allows old versions.",
        target="electrum_observatory.scanner.visit:old_versions_may_help",
        replacement=lambda failure: False,
    ),
    Defence(
        id="step_deadline",
        what="Each step of a dial has a deadline of its own.",
        target="electrum_observatory.net.dial:Dialer._within",
        replacement=wait_for_ever,
    ),
    Defence(
        id="tls_errors_end_it",
        what="The first error of OpenSSL ends the handshake.",
        target="electrum_observatory.net.tls:TlsLayer._handshake",
        replacement=shake_hands_regardless,
    ),
    Defence(
        id="no_dhe",
        what="No key exchange is offered whose numbers the server alone chooses.",
        target="electrum_observatory.net.tls:_DHE",
        replacement=(),
    ),
    Defence(
        id="one_handshake",
        what="A connection has one handshake; requests for another are declined.",
        target="electrum_observatory.net.tls:_ONE_HANDSHAKE",
        replacement=ssl.Options(0),
    ),
    Defence(
        id="tls_flood_cap",
        what="Bytes that TLS needs for itself are counted against those that bring something to read.",
        target="electrum_observatory.net.tls:TlsLayer._count",
        replacement=lambda self, came, plain: None,
    ),
    Defence(
        id="words_wait_for_tls",
        what="While the peer owes the rest of a message of TLS, what we say is kept.",
        target="electrum_observatory.net.tls:TlsLayer.write",
        replacement=write_or_want,
    ),
    Defence(
        id="strangers_are_told_apart",
        what="The first bytes say who answers a TLS hello with something else.",
        target="electrum_observatory.net.wire:instead_of_tls",
        replacement=lambda first_bytes: None,
    ),
    Defence(
        id="http_is_recognised",
        what="A first line of HTTP is told apart from Electrum.",
        target="electrum_observatory.net.lines:LineFraming._without_http",
        replacement=lambda self, lines: lines,
    ),
)
