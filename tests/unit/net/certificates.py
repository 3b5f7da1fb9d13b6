"""Keys and certificates made on the spot; elliptic curves, because they are quick to make."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_FROM = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_TO = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)  # long over: an Electrum server's is never verified
_FOR_LONG = datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """Where a server finds its key and chain, and the chain as DER, the server's own first."""

    key_file: Path
    chain_file: Path
    chain: tuple[bytes, ...]


def make_self_signed(folder: Path) -> CertificateFiles:
    """One certificate that vouches for itself."""
    return make_chain(folder, length=1)


def make_valid(folder: Path, host: str) -> CertificateFiles:
    """One that a verifier takes for a host, once it trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    certificate = (
        _unsigned(host, key, host)
        .not_valid_after(_FOR_LONG)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _written(folder, key, [certificate])


def make_chain(folder: Path, *, length: int) -> CertificateFiles:
    """A server's certificate below ``length - 1`` authorities."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(length)]
    certificates = [
        _sign(f"level {level}", keys[level], f"level {min(level + 1, length - 1)}", keys[min(level + 1, length - 1)])
        for level in range(length)
    ]
    return _written(folder, keys[0], certificates)


def _written(
    folder: Path, key: ec.EllipticCurvePrivateKey, certificates: Sequence[x509.Certificate]
) -> CertificateFiles:
    key_file, chain_file = folder / "key.pem", folder / "chain.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    chain_file.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates))
    return CertificateFiles(
        key_file=key_file,
        chain_file=chain_file,
        chain=tuple(one.public_bytes(serialization.Encoding.DER) for one in certificates),
    )


def _sign(subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey):
    return _unsigned(subject, key, issuer).not_valid_after(_TO).sign(by, hashes.SHA256())


def _unsigned(subject: str, key: ec.EllipticCurvePrivateKey, issuer: str) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
