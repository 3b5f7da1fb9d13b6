"""``blockchain.transaction.get_tsc_merkle``, which only the other coin's ElectrumX has (1.18 and later).

Its proof follows the "merkle proof standardised format" of that coin: an index, a branch whose own copies are written
``*``, and what the branch leads to. Its members were read off the documentation and never seen on a wire.
"""

from typing import TYPE_CHECKING

from electrum_observatory.lab.merkle import double_sha256, transaction_branch
from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.electrumx_arguments import non_negative, transaction_hash
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_BAD_REQUEST = 1


def tsc_methods(process: "ElectrumXProcess") -> dict[str, Method]:
    """Return the method, where the release has it."""
    if not process.release.tsc_merkle:
        return {}

    def prove(
        tx_hash: Json, height: Json, txid_or_tx: Json = "txid", target_type: Json = "block_hash", *, at: float
    ) -> Json:
        txid, wanted = transaction_hash(tx_hash), non_negative(height)
        node = process.look_up(at)
        block = list(node.ledger.block(wanted)) if wanted <= node.height else []
        if txid not in block:
            raise MethodError(_BAD_REQUEST, f"tx {txid} not in block at height {wanted:,d}")
        raw = node.ledger.transaction(txid) or b""
        return {
            "index": block.index(txid),
            "txOrId": raw.hex() if txid_or_tx == "tx" else txid,
            "target": _target(node, wanted, target_type),
            "nodes": _nodes(block, block.index(txid)),
            "targetType": target_type,
            "proofType": "branch",
            "composite": False,
        }

    optional = ("txid_or_tx", "target_type")
    method = Method(call=prove, required=("tx_hash", "height"), optional=optional)
    return {"blockchain.transaction.get_tsc_merkle": method}


def _target(node: NodeState, height: int, kind: Json) -> str:
    header = node.header(height)
    targets = {
        "block_header": header.hex(),
        "block_hash": double_sha256(header)[::-1].hex(),
        "merkle_root": header[36:68][::-1].hex(),
    }
    if not isinstance(kind, str) or kind not in targets:
        raise MethodError(_BAD_REQUEST, f"{kind} is not a valid target type")
    return targets[kind]


def _nodes(block: list[str], position: int) -> list[str]:
    """The branch; where a node stands alone in its row, its own copy is written ``*``."""
    nodes: list[str] = []
    width, index = len(block), position
    for sibling in transaction_branch(block, position):
        nodes.append("*" if index == width - 1 and width % 2 else sibling)
        width, index = (width + 1) // 2, index // 2
    return nodes
