"""What a lab says beforehand of its own chain, so that a scanner can hold its servers' answers against something.

The same shape as for public networks, from the other side: there the facts were looked up, here they are true because
the world was made so. Told is only what no later block changes.
"""

from collections.abc import Mapping

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference, ForeignBlock, FrozenScript, FrozenTransaction
from electrum_observatory.lab.blocks import SETTLED, Branch
from electrum_observatory.lab.cast import Actor, Role
from electrum_observatory.lab.chain import REGTEST_BITS, SyntheticChain
from electrum_observatory.lab.ledger_view import touched
from electrum_observatory.lab.merkle import branch_and_root, double_sha256

_DEEP = 100
_STILL = (Role.FROZEN, Role.SPENT, Role.UNUSED)


def reference_of(chain: SyntheticChain, network: str, branches: Mapping[Branch, SyntheticChain]) -> ChainReference:
    """Return the reference of a world's chain, with what tells other chains of the same genesis from it.

    The checkpoint lies 100 blocks below the height at the start, or on a low chain a tenth of it.
    """
    start = chain.height(0.0)
    checkpoint = start - min(_DEEP, start // 10)
    block_hash = parse_header(chain.header(checkpoint)).block_hash
    settled = checkpoint >= SETTLED
    return ChainReference(
        network_id=network,
        checkpoint_height=checkpoint,
        checkpoint_hash=block_hash,
        checkpoints={0: NETWORKS[network].genesis_hash, checkpoint: block_hash},
        easiest_bits=REGTEST_BITS,
        known_bits={checkpoint: parse_header(chain.header(checkpoint)).bits},
        header_roots={checkpoint: _header_root(chain, checkpoint)},
        foreign_blocks=tuple(
            ForeignBlock(chain=branch.name, height=height, block_hash=parse_header(other.header(height)).block_hash)
            for branch, other in branches.items()
            for height in sorted({branch.forks_at, max(branch.forks_at, checkpoint)})
            if height <= start
        ),
        frozen_transactions=_transactions(chain, checkpoint),
        frozen_scripts=tuple(
            _script(chain, actor, checkpoint)
            for actor in chain.blocks.cast.values()
            if actor.role in _STILL and settled
        ),
    )


def _header_root(chain: SyntheticChain, height: int) -> str:
    hashes = [double_sha256(chain.header(below)) for below in range(height + 1)]
    return branch_and_root(hashes, 0)[1][::-1].hex()


def _transactions(chain: SyntheticChain, checkpoint: int) -> tuple[FrozenTransaction, ...]:
    """Return the checkpoint's coinbase, all that touches a still script, and two of the block that holds most."""
    still = {actor.scripthash for actor in chain.blocks.cast.values() if actor.role in _STILL}
    found = {(checkpoint, 0)}
    for height in range(1, min(SETTLED, checkpoint) + 1):
        for position, transaction in enumerate(chain.blocks.block(height)):
            if not still.isdisjoint(touched(transaction)):
                found.add((height, position))
    fullest = max(range(checkpoint + 1), key=lambda height: len(chain.blocks.block(height)))
    found |= {(fullest, len(chain.blocks.block(fullest)) - 1), (fullest, len(chain.blocks.block(fullest)) // 2)}
    return tuple(
        FrozenTransaction(txid=chain.blocks.block(height)[position].display, height=height, position=position)
        for height, position in sorted(found)
        if height
    )


def _script(chain: SyntheticChain, actor: Actor, checkpoint: int) -> FrozenScript:
    return FrozenScript(
        name=actor.name,
        scripthash=actor.scripthash,
        kind=actor.kind,
        final=True,
        history=tuple((one.txid, one.height) for one in chain.ledger.history(actor.scripthash, checkpoint)),
    )
