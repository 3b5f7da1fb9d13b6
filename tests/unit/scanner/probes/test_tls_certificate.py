import datetime
import ipaddress
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import WitnessKind
from electrum_observatory.net.connection import TlsFacts
from electrum_observatory.scanner.probes.tls_certificate import TlsCertificateProbe, read_tls_certificate
from tests.factories import make_endpoint
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import make_facts

KEY = ec.derive_private_key(7, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(8, ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def certificate(
    *, key: Any = KEY, signer: Any = None, issuer: str = "electrum.example.org", extensions: bool = True
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("electrum.example.org"))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(0xABC)
        .not_valid_before(datetime.datetime(2026, 1, 1))
        .not_valid_after(datetime.datetime(2031, 1, 1))
    )
    if extensions:
        names = [x509.DNSName("electrum.example.org"), x509.IPAddress(ipaddress.ip_address("5.9.1.2"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    algorithm = None if isinstance(signer or key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer or key, algorithm).public_bytes(Encoding.DER)


def facts(*chain: bytes, **overrides: Any) -> TlsFacts:
    values: dict[str, Any] = {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "legacy": False}
    return TlsFacts(chain=chain, **(values | overrides))


def test_a_self_signed_certificate_is_read_whole() -> None:
    result = read_tls_certificate(facts(certificate()))

    assert (result.subject_cn, result.issuer_cn, result.self_signed) == (
        "electrum.example.org",
        "electrum.example.org",
        True,
    )
    assert (result.valid_from, result.valid_to) == ("2026-01-01T00:00:00Z", "2031-01-01T00:00:00Z")
    assert (result.san_dns, result.san_ip) == (("electrum.example.org",), ("5.9.1.2",))
    assert (result.serial_hex, result.x509_version, result.is_ca) == ("abc", 3, True)
    assert (result.key_type, result.key_bits, result.curve) == ("ec", 256, "secp256r1")
    assert result.signature_algorithm == "ecdsa_with_sha256"
    assert result.warnings == ()


def test_the_same_key_in_another_certificate_has_the_same_key_digest() -> None:
    first = read_tls_certificate(facts(certificate()))
    second = read_tls_certificate(facts(certificate(extensions=False)))

    assert first.sha256 != second.sha256
    assert first.spki_sha256 == second.spki_sha256
    assert (second.san_dns, second.san_ip, second.is_ca) == ((), (), None)


def test_a_name_that_issued_itself_with_another_key_is_not_self_signed() -> None:
    assert read_tls_certificate(facts(certificate(signer=OTHER_KEY))).self_signed is False
    assert read_tls_certificate(facts(certificate(signer=OTHER_KEY, issuer="Some CA"))).self_signed is False


def test_keys_of_fixed_size_have_no_size() -> None:
    result = read_tls_certificate(facts(certificate(key=EDWARDS)))

    assert (result.key_type, result.key_bits, result.signature_algorithm) == ("ed25519", None, "ed25519")


def test_zero_and_negative_serials_are_read_with_the_librarys_warning() -> None:
    der = certificate()
    place = der.index(b"\x02\x02\x0a\xbc")

    zero = read_tls_certificate(facts(der.replace(b"\x02\x02\x0a\xbc", b"\x02\x02\x00\x00", 1)))
    negative = read_tls_certificate(facts(der[:place] + b"\x02\x02\xf5\x44" + der[place + 4 :]))

    assert negative.serial_hex == "-abc"
    assert any("serial" in warning for warning in negative.warnings)
    assert zero.sha256
    assert zero.warnings


def test_a_kind_of_name_that_nobody_reads_is_a_warning_and_spoils_nothing_else() -> None:
    whole = certificate()
    for tag in (b"\xa3", b"\xa5"):  # an X.400 address, an EDI party
        result = read_tls_certificate(facts(whole.replace(b"\x82\x14electrum", tag + b"\x14electrum")))

        assert (result.san_dns, result.san_ip, result.is_ca) == (None, None, None)
        assert result.subject_cn == "electrum.example.org"
        assert [warning.partition(":")[0] for warning in result.warnings] == [
            "subject alternative name",
            "basic constraints",
        ]


def test_extensions_that_occur_twice_are_a_warning_wherever_they_are_asked_for() -> None:
    names, constraints = b"\x06\x03\x55\x1d\x11", b"\x06\x03\x55\x1d\x13"

    result = read_tls_certificate(facts(certificate().replace(constraints, names)))

    assert (result.san_dns, result.is_ca, result.self_signed) == (None, None, False)
    assert [warning.partition(":")[0] for warning in result.warnings] == [
        "subject alternative name",
        "basic constraints",
    ]


def test_years_before_the_first_thousand_are_written_as_iso_8601_wants_them() -> None:
    late = datetime.datetime(2051, 1, 1)
    builder = x509.CertificateBuilder(name("a"), name("a"), KEY.public_key(), 7, datetime.datetime(2026, 1, 1), late)
    der = builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)

    assert read_tls_certificate(facts(der)).valid_to == "2051-01-01T00:00:00Z"
    assert read_tls_certificate(facts(der.replace(b"20510101", b"09990101"))).valid_to == "0999-01-01T00:00:00Z"


def test_garbage_is_a_result_with_a_warning_and_its_digest() -> None:
    result = read_tls_certificate(facts(b"garbage", certificate(), legacy=True, chain_truncated=True))

    assert result.subject is None
    assert result.self_signed is None
    assert "not a certificate" in result.warnings[0]
    assert len(result.chain_sha256) == 2
    assert (result.legacy, result.chain_truncated) == (True, True)


def test_a_certificate_broken_at_any_byte_never_raises() -> None:
    whole = certificate()

    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        assert len(read_tls_certificate(facts(bytes(broken))).sha256) == 64


def test_the_whole_chain_is_kept_as_witnesses() -> None:
    chain = (certificate(), certificate(extensions=False))
    put = Put(TlsCertificateProbe(), facts=make_facts(tls=facts(*chain)))

    assert [(one.kind, one.label, one.data) for one in put.witnesses] == [
        (WitnessKind.CERTIFICATE, "0", chain[0]),
        (WitnessKind.CERTIFICATE, "1", chain[1]),
    ]
    assert put.sent == []


def test_there_is_no_certificate_without_tls() -> None:
    assert TlsCertificateProbe().not_applicable(make_endpoint(transport=Transport.TCP)) == "no TLS on this transport"
    assert TlsCertificateProbe().not_applicable(make_endpoint(transport=Transport.WSS)) is None
