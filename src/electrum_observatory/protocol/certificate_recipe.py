"""How a certificate was made, apart from for whom: what two certificates of one maker share though no byte is equal."""

import math
from dataclasses import dataclass

from cryptography import x509

from electrum_observatory.protocol.certificate import read_certificate

_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecipe:
    """The recipe of one certificate. What could not be read is None.

    Attributes:
        key: Kind and size: "rsa 2048", "ec secp256r1", "ed25519".
        signature: The algorithm.
        lifetime_days: From the beginning to the end of validity, to two decimals.
        serial_bytes: Length of the serial number: programs draw 8, 16 or 20 bytes, people type 1.
        extensions: Their names in the order in which they stand, "!" behind critical ones.
        subject_parts: Which parts the holder's name has, in order: "C,ST,O,CN".
        x509_version: 1 or 3.
        self_signed: Whether it signed itself.
    """

    key: str | None
    signature: str | None
    lifetime_days: float | None
    serial_bytes: int | None
    extensions: tuple[str, ...] | None
    subject_parts: tuple[str, ...] | None
    x509_version: int | None
    self_signed: bool | None


def recipe_of(der: bytes) -> CertificateRecipe:
    """Return the recipe of a certificate; never raises."""
    fields = read_certificate(der)
    size = fields.curve or fields.key_bits
    try:
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, x509.InvalidVersion):
        certificate = None
    return CertificateRecipe(
        key=None if fields.key_type is None else f"{fields.key_type} {size}" if size else fields.key_type,
        signature=fields.signature_algorithm,
        lifetime_days=None if certificate is None else _lifetime_days(certificate),
        serial_bytes=None if fields.serial_hex is None else math.ceil(len(fields.serial_hex.lstrip("-")) / 2),
        extensions=None if certificate is None else _extensions(certificate),
        subject_parts=None if certificate is None else _subject_parts(certificate),
        x509_version=fields.x509_version,
        self_signed=fields.self_signed,
    )


def _lifetime_days(certificate: x509.Certificate) -> float | None:
    try:
        lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    except ValueError:
        return None
    return round(lasts.total_seconds() / _SECONDS_PER_DAY, 2)


def _extensions(certificate: x509.Certificate) -> tuple[str, ...] | None:
    try:
        return tuple(f"{_name(one.oid)}{'!' if one.critical else ''}" for one in certificate.extensions)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _subject_parts(certificate: x509.Certificate) -> tuple[str, ...] | None:
    try:
        return tuple(part.rfc4514_attribute_name for part in certificate.subject)
    except (ValueError, TypeError):
        return None


def _name(oid: x509.ObjectIdentifier) -> str:
    known = getattr(oid, "_name", "Unknown OID")
    return oid.dotted_string if known == "Unknown OID" else str(known)
