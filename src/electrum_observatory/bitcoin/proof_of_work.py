"""How much work a header proves: compact targets, the hash that must not exceed them, and how fast targets may change.

Sources: Bitcoin Core ``arith_uint256.cpp`` (SetCompact, GetCompact), ``pow.cpp`` (CheckProofOfWork,
PermittedDifficultyTransition), ``chain.cpp`` (GetBlockProof); Litecoin ``crypto/scrypt.cpp`` (N=1024, r=1, p=1).
"""

import hashlib
from functools import lru_cache

from electrum_observatory.bitcoin.header import HEADER_BYTES, parse_header
from electrum_observatory.bitcoin.networks import ProofOfWork

_SIGN = 0x00800000
_MANTISSA = 0x007FFFFF
_STEP = 4
"""A change of the target is at most a factor of four, up or down."""

_MOST_STEPS = 128
"""So many changes lead from any target to any other; a claimed height may lie much further off."""


def target_of(bits: int) -> int:
    """Return the number that a header's hash may not exceed.

    Raises:
        ValueError: The compact form has not 32 bits, or the target is negative, nought, or larger than 256 bits.
    """
    if not 0 <= bits < 1 << 32:  # before anything is shifted by it
        raise ValueError(f"{bits:#x} has not 32 bits")
    size, mantissa = bits >> 24, bits & _MANTISSA
    target = mantissa >> 8 * (3 - size) if size <= 3 else mantissa << 8 * (size - 3)
    if bits & _SIGN or not target or target.bit_length() > 256:
        raise ValueError(f"no target is written {bits:#010x}")
    return target


def bits_of(target: int) -> int:
    """Return the compact form of a target; it keeps the upper three bytes, and loses the rest."""
    size = (target.bit_length() + 7) // 8
    mantissa = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if mantissa & _SIGN:
        mantissa, size = mantissa >> 8, size + 1
    return size << 24 | mantissa


def proof_hash(raw: bytes, kind: ProofOfWork) -> int:
    """Return the hash that is held against the target, as the number it stands for.

    On scrypt chains it is another than the block id.

    Raises:
        ValueError: These are not 80 bytes.
    """
    if len(raw) != HEADER_BYTES:
        raise ValueError(f"a header has {HEADER_BYTES} bytes, not {len(raw)}")
    if kind is ProofOfWork.SCRYPT:
        digest = hashlib.scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32)
    else:
        digest = hashlib.sha256(hashlib.sha256(raw).digest()).digest()
    return int.from_bytes(digest, "little")


def proves_work(raw: bytes, kind: ProofOfWork, easiest_bits: int) -> bool:
    """Whether a header states a permitted target and its hash does not exceed it.

    Raises:
        ValueError: These are not 80 bytes.
    """
    try:
        target = target_of(parse_header(raw).bits)
    except ValueError:
        if len(raw) != HEADER_BYTES:
            raise
        return False
    return target <= target_of(easiest_bits) and proof_hash(raw, kind) <= target


def may_follow(
    earlier: tuple[int, int], later: tuple[int, int], *, easiest_bits: int, retarget_blocks: int | None
) -> bool:
    """Whether two targets of one chain, each given as (height, compact target), can lie that far apart.

    Within one period they are equal; with each border between them they may differ by another factor of four.
    Without a period (test networks that allow the easiest target at any time) everything may follow.

    Raises:
        ValueError: The heights are in the wrong order, or a target as in :func:`target_of`.
    """
    (height, bits), (later_height, later_bits) = earlier, later
    if later_height < height:
        raise ValueError("the later block has the smaller height")
    if retarget_blocks is None:
        return True
    borders = later_height // retarget_blocks - height // retarget_blocks
    if not borders:
        return bits == later_bits
    hardest, easiest = _reach(bits, min(borders, _MOST_STEPS), easiest_bits)
    return hardest <= target_of(later_bits) <= easiest


@lru_cache(maxsize=10_000)
def _reach(bits: int, borders: int, easiest_bits: int) -> tuple[int, int]:
    """Return the smallest and the largest target that so many changes lead to, each rounded to its compact form."""
    hardest, easiest, limit = target_of(bits), target_of(bits), target_of(easiest_bits)
    for _ in range(borders):
        hardest = target_of(bits_of(max(1, hardest // _STEP)))
        easiest = target_of(bits_of(min(limit, easiest * _STEP)))
    return hardest, easiest
