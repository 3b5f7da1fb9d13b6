"""Certificates are read without an exception, however they were broken, and what is read of them can be stored."""

import functools
import ipaddress
import json
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.protocol.certificate import CertificateFields, read_certificate
from electrum_observatory.scanner.storable import storable
from tests.unit.protocol.strategies import TEXT

_START, _END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


def _certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "electrum.example.org"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bücher & Söhne"),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        ]
    )
    names = [x509.DNSName("electrum.example.org"), x509.IPAddress(ipaddress.ip_address("5.9.1.2"))]
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, _START, _END)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.DER)


@functools.cache
def real_certificates() -> tuple[bytes, ...]:
    """One of each common kind of key, with what the network's certificates hold."""
    keys = (
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
    )
    return tuple(map(_certificate, keys))


DENTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=6)
"""Where in a certificate, how many bytes are taken out there, and what is put in instead."""


def dented(der: bytes, dents: list[tuple[float, int, bytes]]) -> bytes:
    """A certificate after some accidents."""
    for where, taken, put in dents:
        at = int(where * len(der))
        der = der[:at] + put + der[at + taken :]
    return der


def is_kept_whole(fields: CertificateFields) -> bool:
    """Whether what was read survives the way into the store."""
    json.dumps(dict(storable(fields)), allow_nan=False, ensure_ascii=False).encode("utf-8")
    return len(fields.sha256) == 64


@given(der=st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(der: bytes) -> None:
    fields = read_certificate(der)

    assert is_kept_whole(fields)
    assert fields.warnings


@given(kind=st.integers(0, 2), dents=DENTS)
def test_no_broken_certificate_makes_the_reader_raise(kind: int, dents: list[tuple[float, int, bytes]]) -> None:
    assert is_kept_whole(read_certificate(dented(real_certificates()[kind], dents)))


@given(kind=st.integers(0, 2), at=st.floats(0, 1), byte=st.integers(0, 255))
def test_one_wrong_byte_never_passes_for_the_same_certificate(kind: int, at: float, byte: int) -> None:
    der = real_certificates()[kind]
    place = min(int(at * len(der)), len(der) - 1)
    other = der[:place] + bytes([byte]) + der[place + 1 :]

    fields = read_certificate(other)

    assert (fields.sha256 == read_certificate(der).sha256) == (other == der)
    assert is_kept_whole(fields)


@given(text=TEXT.filter(bool), where=st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME]))
def test_names_of_any_text_are_read(text: str, where: x509.ObjectIdentifier) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(where, text)])
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 7, _START, _END).sign(key, hashes.SHA256())

    fields = read_certificate(certificate.public_bytes(Encoding.DER))

    assert fields.subject_cn == (text if where == NameOID.COMMON_NAME else None)
    assert fields.self_signed
    assert is_kept_whole(fields)
