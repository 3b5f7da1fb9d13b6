"""The certificate that came with the connection: read, never verified.

Self-signed is the norm among Electrum servers: wallets pin a certificate on first use.
"""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Stage
from electrum_observatory.model.observation import Witness, WitnessKind
from electrum_observatory.net.connection import TlsFacts
from electrum_observatory.protocol.certificate import read_members
from electrum_observatory.scanner.probes.base import Phase, ProbeCost, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCertificateResult:
    """The server's own certificate, and the handshake that brought it. What could not be read is null, with a warning.

    Attributes:
        sha256: Digest of the certificate's DER bytes, hex.
        spki_sha256: Digest of its public key (SubjectPublicKeyInfo): survives renewal with the same key.
        subject: Name of the holder, RFC 4514 text.
        subject_cn: First common name of the holder.
        issuer: Name of the issuer, RFC 4514 text.
        issuer_cn: First common name of the issuer.
        valid_from: Start of validity, ISO 8601 with Z.
        valid_to: End of validity.
        san_dns: DNS names it is for, in its order.
        san_ip: Addresses it is for.
        serial_hex: Serial number in hex, with a sign where negative.
        signature_algorithm: Such as "rsa_with_sha256"; a dotted number where unknown.
        key_type: rsa, ec, ed25519, ed448, dsa or the library's name of another.
        key_bits: Size of the key; null for curves of fixed size.
        curve: Name of the elliptic curve.
        x509_version: 1 or 3.
        self_signed: Whether it names itself as issuer and its own key made the signature.
        is_ca: The basic constraint; null where it has none.
        chain_sha256: Digests of all certificates in the order sent, its own first.
        chain_truncated: Whether more certificates were sent than we keep.
        tls_version: As OpenSSL names it.
        cipher: Name of the cipher suite.
        legacy: Whether only the permissive second try got through.
        warnings: What is odd about the bytes (zero serial, unreadable extension, …).
    """

    sha256: str
    spki_sha256: str | None
    subject: str | None
    subject_cn: str | None
    issuer: str | None
    issuer_cn: str | None
    valid_from: str | None
    valid_to: str | None
    san_dns: tuple[str, ...] | None
    san_ip: tuple[str, ...] | None
    serial_hex: str | None
    signature_algorithm: str | None
    key_type: str | None
    key_bits: int | None
    curve: str | None
    x509_version: int | None
    self_signed: bool | None
    is_ca: bool | None
    chain_sha256: tuple[str, ...]
    chain_truncated: bool
    tls_version: str
    cipher: str
    legacy: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCertificateProbe:
    """Reads what the TLS handshake showed; sends nothing."""

    id: ClassVar[str] = "tls_certificate"
    version: ClassVar[int] = 1
    phase: ClassVar[Phase] = Phase.OUTSIDE
    stage: ClassVar[Stage | None] = Stage.TLS
    cost: ClassVar[ProbeCost] = ProbeCost(requests=0)
    first_id: ClassVar[int] = 0
    result_type: ClassVar[type[TlsCertificateResult]] = TlsCertificateResult

    def not_applicable(self, endpoint: Endpoint) -> str | None:
        """Needs TLS."""
        return None if endpoint.transport.encrypted else "no TLS on this transport"

    async def run(self, visit: Visit) -> TlsCertificateResult:
        """Keep the chain and read its first certificate."""
        tls = visit.facts.tls
        if tls is None or not tls.chain:
            raise ValueError("a connection over TLS came without its certificate")
        for place, der in enumerate(tls.chain):
            visit.keep(Witness(kind=WitnessKind.CERTIFICATE, data=der, label=str(place)))
        return read_tls_certificate(tls)


def read_tls_certificate(tls: TlsFacts) -> TlsCertificateResult:
    """Read the first certificate of the chain; a broken one is a result with warnings."""
    members = read_members(tls.chain[0])
    return TlsCertificateResult(
        **members,
        chain_sha256=(members["sha256"], *(hashlib.sha256(der).hexdigest() for der in tls.chain[1:])),
        chain_truncated=tls.chain_truncated,
        tls_version=tls.version,
        cipher=tls.cipher,
        legacy=tls.legacy,
    )
