"""Block headers: 80 bytes, their fields and their hashes."""

import hashlib
import struct
from dataclasses import dataclass

HEADER_BYTES = 80
_LAYOUT = struct.Struct("<i32s32sIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeader:
    """The fields of one header; hashes in display order (hex, reversed).

    Attributes:
        version: As signed 32-bit.
        previous_hash: Block id of the parent.
        merkle_root: Root of the transaction tree.
        timestamp: Seconds since the epoch, as the miner claims.
        bits: Compact target.
        nonce: As mined.
        block_hash: Block id: double SHA-256 of the 80 bytes.
    """

    version: int
    previous_hash: str
    merkle_root: str
    timestamp: int
    bits: int
    nonce: int
    block_hash: str


def parse_header(raw: bytes) -> BlockHeader:
    """Read 80 bytes. Raises ValueError for another length."""
    if len(raw) != HEADER_BYTES:
        raise ValueError(f"a header has {HEADER_BYTES} bytes, not {len(raw)}")
    version, previous, merkle, timestamp, bits, nonce = _LAYOUT.unpack(raw)
    return BlockHeader(
        version=version,
        previous_hash=previous[::-1].hex(),
        merkle_root=merkle[::-1].hex(),
        timestamp=timestamp,
        bits=bits,
        nonce=nonce,
        block_hash=hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex(),
    )


def serialise_header(
    *, version: int, previous_hash: str, merkle_root: str, timestamp: int, bits: int, nonce: int
) -> bytes:
    """Return the 80 bytes of a header from its fields (hashes in display order)."""
    previous, merkle = bytes.fromhex(previous_hash)[::-1], bytes.fromhex(merkle_root)[::-1]
    return _LAYOUT.pack(version, previous, merkle, timestamp, bits, nonce)
