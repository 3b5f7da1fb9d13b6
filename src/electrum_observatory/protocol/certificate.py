"""Reading one X.509 certificate, however broken: what cannot be read becomes a warning, never an exception.

It stands below scanner and store because both read certificates: one from the wire, the other from imported scans.
"""

import functools
import hashlib
import warnings as python_warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

ReadT = TypeVar("ReadT")
ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)
_UNREADABLE = (
    ValueError,  # every malformed field, x509.InvalidVersion excepted
    TypeError,  # a key type the library cannot use
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_MAX_NAMES = 200
_KEY_TYPES: tuple[tuple[str, type[object]], ...] = (
    ("rsa", rsa.RSAPublicKey),
    ("ec", ec.EllipticCurvePublicKey),
    ("ed25519", ed25519.Ed25519PublicKey),
    ("ed448", ed448.Ed448PublicKey),
    ("dsa", dsa.DSAPublicKey),
)
_SIGNATURE_NAMES = {
    value.dotted_string: name.lower()
    for name, value in vars(SignatureAlgorithmOID).items()
    if isinstance(value, x509.ObjectIdentifier)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFields:
    """What one certificate says. What could not be read is None, with a warning.

    Attributes:
        sha256: Digest of the DER bytes, hex.
        spki_sha256: Digest of the SubjectPublicKeyInfo.
        subject: RFC 4514 text.
        subject_cn: First common name.
        issuer: RFC 4514 text.
        issuer_cn: First common name.
        valid_from: ISO 8601 with Z.
        valid_to: ISO 8601 with Z.
        san_dns: DNS names, at most 200.
        san_ip: Addresses, at most 200.
        serial_hex: Lower-case hex, "-" in front where negative.
        signature_algorithm: The library's name in lower case, or a dotted number.
        key_type: rsa, ec, ed25519, ed448, dsa or the library's class name.
        key_bits: None for curves of fixed size.
        curve: None for other keys than ec.
        x509_version: 1 or 3.
        self_signed: Whether it names itself as issuer and its own key made the signature.
        is_ca: None where it has no basic constraint.
        warnings: What is odd, in a few words each.
    """

    sha256: str
    spki_sha256: str | None = None
    subject: str | None = None
    subject_cn: str | None = None
    issuer: str | None = None
    issuer_cn: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    san_dns: tuple[str, ...] | None = None
    san_ip: tuple[str, ...] | None = None
    serial_hex: str | None = None
    signature_algorithm: str | None = None
    key_type: str | None = None
    key_bits: int | None = None
    curve: str | None = None
    x509_version: int | None = None
    self_signed: bool | None = None
    is_ca: bool | None = None
    warnings: tuple[str, ...] = ()


_NOTHING = asdict(CertificateFields(sha256=""))


def read_certificate(der: bytes) -> CertificateFields:
    """Read DER bytes."""
    return CertificateFields(**read_members(der))


def read_members(der: bytes) -> dict[str, Any]:
    """Read DER bytes; return the members of :class:`CertificateFields`, for whoever makes something larger of them.

    The library warns of zero and negative serial numbers; its words are kept as warnings.
    """
    digest = hashlib.sha256(der).hexdigest()
    oddities: list[str] = []
    with python_warnings.catch_warnings(record=True) as caught:
        python_warnings.simplefilter("always")
        try:
            certificate = x509.load_der_x509_certificate(der)
        except _UNREADABLE as error:
            return {**_NOTHING, "sha256": digest, "warnings": (f"not a certificate: {_one_line(error)}",)}
        members = _read(certificate, digest, oddities)
    oddities += [_one_line(one.message) for one in caught]
    members["warnings"] = tuple(dict.fromkeys(oddities))
    return members


def _read(certificate: x509.Certificate, digest: str, oddities: list[str]) -> dict[str, Any]:
    def part(name: str, read: Callable[..., ReadT], *of: object) -> ReadT | None:
        try:
            return read(*of)
        except _UNREADABLE as error:
            oddities.append(f"{name}: {_one_line(error)}")
            return None

    # Each of these is decoded anew whenever it is asked for.
    subject = part("subject", lambda: certificate.subject)
    issuer = part("issuer", lambda: certificate.issuer)
    names = part("subject alternative name", _alternative_names, certificate)
    key = part("public key", certificate.public_key)
    return {
        "sha256": digest,
        "spki_sha256": None if key is None else part("public key", _spki_sha256, key),
        "subject": None if subject is None else part("subject", subject.rfc4514_string),
        "subject_cn": None if subject is None else part("subject", _common_name, subject),
        "issuer": None if issuer is None else part("issuer", issuer.rfc4514_string),
        "issuer_cn": None if issuer is None else part("issuer", _common_name, issuer),
        "valid_from": part("validity", lambda: _iso(certificate.not_valid_before_utc)),
        "valid_to": part("validity", lambda: _iso(certificate.not_valid_after_utc)),
        "san_dns": None if names is None else names[0],
        "san_ip": None if names is None else names[1],
        "serial_hex": part("serial", lambda: f"{certificate.serial_number:x}"),
        "signature_algorithm": part("signature algorithm", _signature_name, certificate),
        "key_type": None if key is None else _key_type(type(key)),
        "key_bits": getattr(key, "key_size", None),
        "curve": None if (curve := getattr(key, "curve", None)) is None else curve.name,
        "x509_version": part("version", lambda: certificate.version.value + 1),
        "self_signed": part("signature", _self_signed, certificate) if subject == issuer else False,
        "is_ca": part("basic constraints", _is_ca, certificate),
    }


def _alternative_names(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = _extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return (), ()
    dns = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    return tuple(dns[:_MAX_NAMES]), tuple(str(address) for address in addresses[:_MAX_NAMES])


def _spki_sha256(key: CertificatePublicKeyTypes) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _common_name(name: x509.Name) -> str | None:
    attributes = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not attributes:
        return None
    value = attributes[0].value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _iso(moment: datetime) -> str:
    return f"{moment.isoformat()[:19]}Z"


def _signature_name(certificate: x509.Certificate) -> str:
    dotted = certificate.signature_algorithm_oid.dotted_string
    return _SIGNATURE_NAMES.get(dotted, dotted)


@functools.cache  # there are as many classes as kinds of keys, and abstract ones are slow to ask
def _key_type(key: type[object]) -> str:
    return next((name for name, kind in _KEY_TYPES if issubclass(key, kind)), key.__name__)


def _self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    return True


def _is_ca(certificate: x509.Certificate) -> bool | None:
    constraints = _extension(certificate, x509.BasicConstraints)
    return None if constraints is None else constraints.ca


def _extension(certificate: x509.Certificate, kind: type[ExtensionT]) -> ExtensionT | None:
    """Find an extension. The library's own search asks an abstract class of each, which takes longer."""
    return next((one.value for one in certificate.extensions if type(one.value) is kind), None)


def _one_line(words: object) -> str:
    return " ".join(str(words).split())[:200]
