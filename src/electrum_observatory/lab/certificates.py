"""Making a world's certificates from their plans, the same bytes every time."""

import datetime
import functools
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from electrum_observatory.lab.keys import PrivateKey, authority_keys, ec_key, rsa_key
from electrum_observatory.lab.machines import CertificatePlan
from electrum_observatory.lab.world_options import Recipe

_AUTHORITY_FROM = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_AUTHORITY_TO = datetime.datetime(2045, 1, 1, tzinfo=datetime.UTC)
_AUTHORITY = "Electrum Observatory lab"
_ON_P256 = frozenset({Recipe.EC, Recipe.CA, Recipe.MISMATCHED})
_FROM_AUTHORITY = frozenset({Recipe.CA, Recipe.MISMATCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A certificate with its key.

    Attributes:
        chain: DER, the server's own first.
        key_pem: The private key, unencrypted.
    """

    chain: tuple[bytes, ...]
    key_pem: bytes

    @property
    def chain_pem(self) -> bytes:
        """The chain as servers load it."""
        loaded = (x509.load_der_x509_certificate(der) for der in self.chain)
        return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in loaded)


@functools.lru_cache(maxsize=4096)
def mint(plan: CertificatePlan, seed: int) -> Minted:
    """Make the certificate of a plan. Signatures are deterministic (RFC 6979 on curves)."""
    key: PrivateKey = ec_key(seed, plan.key) if plan.recipe in _ON_P256 else rsa_key(plan.key)
    subject = _subject(plan)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(plan.serial)
        .not_valid_before(plan.valid_from)
        .not_valid_after(plan.valid_to)
    )
    for extension, critical in _extensions(plan, key):
        builder = builder.add_extension(extension, critical=critical)
    if plan.recipe in _FROM_AUTHORITY:
        intermediate, signer = _intermediate()
        leaf = _sign(builder.issuer_name(intermediate.subject), signer)
        chain: tuple[bytes, ...] = (leaf, intermediate.public_bytes(serialization.Encoding.DER))
    else:
        chain = (_sign(builder.issuer_name(subject), key),)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Minted(chain=chain, key_pem=pem)


def _sign(builder: x509.CertificateBuilder, key: PrivateKey) -> bytes:
    deterministic = True if isinstance(key, ec.EllipticCurvePrivateKey) else None
    signed = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=deterministic)
    return signed.public_bytes(serialization.Encoding.DER)


def _subject(plan: CertificatePlan) -> x509.Name:
    """``openssl req`` with every question left at its default, or only a common name."""
    attributes: list[x509.NameAttribute[str]] = []
    if plan.recipe is Recipe.BLANK:
        attributes = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AU"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Some-State"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Internet Widgits Pty Ltd"),
        ]
    if plan.common_name:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, plan.common_name))
    return x509.Name(attributes)


def _extensions(plan: CertificatePlan, key: PrivateKey) -> list[tuple[x509.ExtensionType, bool]]:
    if plan.recipe in (Recipe.ELECTRUMX, Recipe.EXPIRED):
        return []
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    found: list[tuple[x509.ExtensionType, bool]] = [(identifier, False)]
    if plan.recipe not in _FROM_AUTHORITY:
        found.append((x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False))
        found.append((x509.BasicConstraints(ca=True, path_length=None), True))
    else:
        _, signer = _intermediate()
        found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False))
        found.append((x509.BasicConstraints(ca=False, path_length=None), True))
        found.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    if plan.recipe not in (Recipe.BLANK, Recipe.IMAGE):
        found.append((x509.SubjectAlternativeName([_general_name(name) for name in plan.names]), False))
    return found


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@functools.cache
def _intermediate() -> tuple[x509.Certificate, PrivateKey]:
    """The lab's authority, shaped like the ones that people use for nothing: root, then one intermediate."""
    root_key, key = authority_keys()
    root = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _AUTHORITY),
            x509.NameAttribute(NameOID.COMMON_NAME, "Lab Root X1"),
        ]
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _AUTHORITY),
            x509.NameAttribute(NameOID.COMMON_NAME, "Lab E1"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(root)
        .public_key(key.public_key())
        .serial_number(0x2A)
        .not_valid_before(_AUTHORITY_FROM)
        .not_valid_after(_AUTHORITY_TO)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return x509.load_der_x509_certificate(_sign(builder, root_key)), key
