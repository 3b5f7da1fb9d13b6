"""Keys for a world's certificates, the same on every machine, from a small committed pool of public test keys.

A world needs hundreds of keys, and two unrelated servers must never share one by accident: that would be evidence of
something. RSA keys are therefore made by pairing the pool's primes anew (44 primes, 946 pairs, several exponents),
and EC keys by hashing the seed to a scalar; both cost well under a millisecond.
"""

import functools
import hashlib
import itertools
import re
from importlib import resources

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_PEM = re.compile(rb"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", re.DOTALL)
_EXPONENTS = (65537, 65539, 65543, 65551, 65557, 65563, 65579)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Return the ``number``-th RSA key of 2048 bits; after all pairs are used, the next exponent begins."""
    pairs = _pairs()
    turn, index = divmod(number, len(pairs))
    p, q = pairs[index]
    exponent = _EXPONENTS[turn % len(_EXPONENTS)]
    private = rsa.rsa_recover_private_exponent(exponent, p, q)
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=private,
        dmp1=rsa.rsa_crt_dmp1(private, p),
        dmq1=rsa.rsa_crt_dmq1(private, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(exponent, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def ec_key(seed: int, number: int) -> ec.EllipticCurvePrivateKey:
    """Return the ``number``-th P-256 key of this seed."""
    digest = hashlib.sha512(f"electrum-observatory lab key {seed}/{number}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest) % (_P256_ORDER - 1) + 1, ec.SECP256R1())


@functools.cache
def authority_keys() -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
    """Return the keys of the lab's certificate authority: root, intermediate."""
    root, intermediate = (key for key in _pool() if isinstance(key, ec.EllipticCurvePrivateKey))
    return root, intermediate


@functools.cache
def _pool() -> tuple[PrivateKey, ...]:
    text = resources.files(__package__).joinpath("data/keys.pem").read_bytes()
    loaded = (load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True) for pem in _PEM.findall(text))
    return tuple(key for key in loaded if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey))


@functools.cache
def _pairs() -> tuple[tuple[int, int], ...]:
    """Pair the primes so that neighbours in number have little in common."""
    numbers = [key.private_numbers() for key in _pool() if isinstance(key, rsa.RSAPrivateKey)]
    primes = [prime for one in numbers for prime in (one.p, one.q)]
    return tuple(itertools.combinations(primes, 2))
