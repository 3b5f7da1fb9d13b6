"""Certificates that no library likes to make any more: signed with SHA-1, on 512-bit RSA, out of date, in heaps."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from electrum_observatory.lab.certificates import Minted
from electrum_observatory.lab.keys import PrivateKey, ec_key, rsa_key

_LONG_AGO = datetime.datetime(2014, 3, 1, tzinfo=datetime.UTC)
_FAR_AHEAD = datetime.datetime(2044, 3, 1, tzinfo=datetime.UTC)
_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_WITH_RSA = bytes.fromhex("06092a864886f70d010105")
_KEY_NUMBER = 900  # keys of the lab's pool that no world uses: worlds count up from 0
_CHAIN_SEED = 512

# The primes of one RSA key of 512 bits, made once with `openssl genrsa 512`: cryptography makes none below 1024.
_P = 0xF975935C556D630DCC1FD22669996669BDDAA4CC6AC8FB098111289794060217
_Q = 0xF85A21DC79ACC4B5BC67BEC5960D9B4ACBDE17B2EE53B299005466B40F592AFF


def expired(name: str) -> Minted:
    """Return a self-signed certificate that ran out long ago."""
    return _self_signed(name, rsa_key(_KEY_NUMBER), until=_LONG_AGO + datetime.timedelta(days=365))


def weak_rsa(name: str) -> Minted:
    """Return a certificate on a key of 512 bits, which anybody can factor."""
    return _self_signed(name, _rsa_512())


def signed_with_sha1(name: str) -> Minted:
    """Return a certificate signed with SHA-1: one signed with SHA-256, its algorithm renamed and signed anew."""
    key = rsa_key(_KEY_NUMBER + 1)
    modern = _self_signed(name, key)
    certificate = x509.load_der_x509_certificate(modern.chain[0])
    to_be_signed = certificate.tbs_certificate_bytes
    renamed = to_be_signed.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA)
    signature = key.sign(renamed, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  being weak is the point
    der = modern.chain[0].replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA).replace(certificate.signature, signature)
    return Minted(chain=(der,), key_pem=modern.key_pem)


def heap(name: str, number: int) -> Minted:
    """Return a chain of so many certificates, each issued by the next and the last by itself."""
    keys = [ec_key(_CHAIN_SEED, index) for index in range(number)]
    names = [name, *(f"Authority {index}" for index in range(1, number))]
    chain = tuple(
        _certificate(
            names[index], names[min(index + 1, number - 1)], keys[index], keys[min(index + 1, number - 1)], _FAR_AHEAD
        )
        for index in range(number)
    )
    return Minted(chain=chain, key_pem=_pem(keys[0]))


def _self_signed(name: str, key: PrivateKey, *, until: datetime.datetime = _FAR_AHEAD) -> Minted:
    return Minted(chain=(_certificate(name, name, key, key, until),), key_pem=_pem(key))


def _certificate(subject: str, issuer: str, key: PrivateKey, signer: PrivateKey, until: datetime.datetime) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(0x2A)
        .not_valid_before(_LONG_AGO)
        .not_valid_after(until)
    )
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@functools.cache
def _rsa_512() -> rsa.RSAPrivateKey:
    private = rsa.rsa_recover_private_exponent(65537, _P, _Q)
    numbers = rsa.RSAPrivateNumbers(
        p=_P,
        q=_Q,
        d=private,
        dmp1=rsa.rsa_crt_dmp1(private, _P),
        dmq1=rsa.rsa_crt_dmq1(private, _Q),
        iqmp=rsa.rsa_crt_iqmp(_P, _Q),
        public_numbers=rsa.RSAPublicNumbers(65537, _P * _Q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
