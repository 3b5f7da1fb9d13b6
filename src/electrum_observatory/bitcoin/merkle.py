"""Merkle trees as Bitcoin builds them: of a block's transactions, and in the Electrum protocol of all block ids.

Hashes are in display order (hex, reversed), as servers send them. A level of odd length repeats its last hash. Sources:
Bitcoin Core ``consensus/merkle.cpp``; Electrum protocol, ``blockchain.transaction.get_merkle`` and ``cp_height``.
"""

import hashlib
from collections.abc import Sequence


def merkle_root(hashes: Sequence[str]) -> str:
    """Return the root over all hashes, in their order.

    Raises:
        ValueError: There are none, or one is no hex of 32 bytes.
    """
    level = [_internal(text) for text in hashes]
    if not level:
        raise ValueError("a tree of nothing has no root")
    while len(level) > 1:
        level = _above(level)
    return _display(level[0])


def root_of_branch(leaf: str, branch: Sequence[str], position: int) -> str:
    """Return the root that a leaf at a position and its branch lead to.

    Raises:
        ValueError: A tree of that depth has no such position, or a hash is no hex of 32 bytes.
    """
    if position < 0 or position >> len(branch):
        raise ValueError(f"a branch of {len(branch)} hashes does not lead from position {position}")
    node = _internal(leaf)
    for text in branch:
        sibling = _internal(text)
        node = _hash(sibling + node) if position & 1 else _hash(node + sibling)
        position >>= 1
    return _display(node)


def _above(level: list[bytes]) -> list[bytes]:
    return [_hash(level[index] + level[min(index + 1, len(level) - 1)]) for index in range(0, len(level), 2)]


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _internal(text: str) -> bytes:
    data = bytes.fromhex(text)
    if len(data) != 32 or len(text) != 64:
        raise ValueError("a hash is 64 hexadecimal digits")
    return data[::-1]


def _display(digest: bytes) -> str:
    return digest[::-1].hex()
