"""A self-signed certificate, as most operators make one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FROM = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
VALID_TO = VALID_FROM + timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfSigned:
    """A certificate and its key.

    Attributes:
        common_name: Of subject and issuer, and the only DNS name.
        der: The certificate's bytes, as they go over the wire.
        pem: The same, as a server reads them.
        key_pem: The private key, unencrypted.
    """

    common_name: str
    der: bytes
    pem: bytes
    key_pem: bytes


def self_signed(common_name: str) -> SelfSigned:
    """Make a new P-256 key and a certificate for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(common_name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return SelfSigned(
        common_name=common_name,
        der=certificate.public_bytes(serialization.Encoding.DER),
        pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
