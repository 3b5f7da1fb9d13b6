"""Merkle branches and roots: of blocks' transactions, and of headers as ``block.header`` proves them."""

import hashlib
from collections.abc import Sequence


def branch_and_root(hashes: Sequence[bytes], index: int) -> tuple[list[bytes], bytes]:
    """Return the siblings from leaf to root, and the root, of Bitcoin's Merkle tree over ``hashes``.

    An odd last node is paired with itself. Raises IndexError where ``index`` is not a leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    level, branch = list(hashes), []
    while len(level) > 1:
        if len(level) % 2:
            level.append(level[-1])
        branch.append(level[index ^ 1])
        index //= 2
        level = [double_sha256(left + right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return branch, level[0]


def double_sha256(data: bytes) -> bytes:
    """Bitcoin's hash for headers and tree nodes (of every network here, also where the work is scrypt)."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def transaction_branch(txids: Sequence[str], position: int) -> list[str]:
    """Return the merkle branch of a block's transaction, from leaf to root, all in display order."""
    branch, _ = branch_and_root([bytes.fromhex(txid)[::-1] for txid in txids], position)
    return [sibling[::-1].hex() for sibling in branch]
