"""The recipe says how a certificate was made, whoever it was made for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from electrum_observatory.protocol.certificate_recipe import CertificateRecipe, recipe_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def certificate(name: str, *, days: float, serial: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CH"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def test_one_maker_has_one_recipe_for_all_its_names() -> None:
    first, second = (recipe_of(certificate(name, days=397, serial=2**63 + 7)) for name in ("a.example", "b.example"))

    assert first == second
    assert first == CertificateRecipe(
        key="ec secp256r1",
        signature="ecdsa_with_sha256",
        lifetime_days=397.0,
        serial_bytes=8,
        extensions=("basicConstraints!", "subjectAltName"),
        subject_parts=("C", "CN"),
        x509_version=3,
        self_signed=True,
    )


def test_lifetime_and_serial_are_part_of_it() -> None:
    usual = recipe_of(certificate("a.example", days=397, serial=2**63))

    assert recipe_of(certificate("a.example", days=90, serial=1)) == replace(usual, lifetime_days=90.0, serial_bytes=1)


def test_bytes_that_are_no_certificate_have_no_recipe() -> None:
    assert recipe_of(b"no certificate").key is None
