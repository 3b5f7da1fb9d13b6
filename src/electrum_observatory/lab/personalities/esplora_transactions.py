"""electrs-esplora's ``blockchain.transaction.*``: no verbose form, and refusals as the text of bitcoind's error object.

``src/electrum/server.rs``, ``src/util/electrum_merkle.rs``, ``src/daemon.rs``. Nothing is ever accepted: a lab's node
finds a reason against every transaction.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from electrum_observatory.lab.bitcoind import METHOD_NOT_FOUND, package_refusal, refusal, txid_of
from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.esplora_builds import INVALID_PARAMS
from electrum_observatory.lab.personalities.esplora_params import hash_of, unsigned
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.esplora import EsploraProcess

_Call = Callable[[list[Json], float], Json]
_DECODE_FAILED, _VERIFY_FAILED, _UNKNOWN = -22, -25, -32601


class TransactionMethods:
    """The transaction methods of one connection."""

    def __init__(self, process: "EsploraProcess") -> None:
        self._process = process

    def table(self) -> dict[str, _Call]:
        """The methods of this build."""
        calls: dict[str, _Call] = {
            "broadcast": self._broadcast,
            "get": self._get,
            "get_merkle": self._merkle,
            "id_from_pos": self._id_from_pos,
        }
        if self._process.build.lists_mempool:
            calls["broadcast_package"] = self._broadcast_package
        return {f"blockchain.transaction.{name}": call for name, call in calls.items()}

    def _get(self, params: list[Json], at: float) -> Json:
        txid = self._txid(params)
        if _boolean(params, 1, "verbose"):
            raise MethodError(None, "verbose transactions are currently unsupported")
        raw = self._node(at).ledger.transaction(txid)
        if raw is None:
            raise MethodError(None, "missing transaction")
        return raw.hex()

    def _merkle(self, params: list[Json], at: float) -> Json:
        txid, height = self._txid(params), unsigned(params, 1, "height")
        node = self._node(at)
        found = node.ledger.height_of(txid)
        if found is None:
            raise MethodError(None, "tx not found or is unconfirmed")
        if found != height:
            raise MethodError(None, "invalid confirmation height provided")
        block = list(node.ledger.block(height))
        position = block.index(txid)
        return {"block_height": height, "merkle": transaction_branch(block, position), "pos": position}

    def _id_from_pos(self, params: list[Json], at: float) -> Json:
        height, position = unsigned(params, 0, "height"), unsigned(params, 1, "tx_pos")
        wants_proof = _boolean(params, 2, "merkle")
        node = self._node(at)
        if height > node.height:
            raise MethodError(None, f"missing block #{height}")
        block = list(node.ledger.block(height))
        if position >= len(block):
            raise MethodError(None, f"No tx in position #{position} in block #{height}")
        if not wants_proof:
            return block[position]
        return {"merkle": transaction_branch(block, position), "tx_hash": block[position]}

    def _broadcast(self, params: list[Json], at: float) -> Json:
        raw = _text(params, "tx")
        code = _DECODE_FAILED if txid_of(raw) is None else _VERIFY_FAILED
        raise _from_bitcoind("sendrawtransaction", code, refusal(self._node(at), raw))

    def _broadcast_package(self, params: list[Json], at: float) -> Json:
        if not params or not isinstance(params[0], list):
            raise MethodError(INVALID_PARAMS, "missing txs" if not params else "non-array txs")
        raws = [str(raw) for raw in params[0]]
        node = self._node(at)
        reason = package_refusal(node, raws)
        if reason is not None:
            code = _UNKNOWN if reason == METHOD_NOT_FOUND else _DECODE_FAILED
            raise _from_bitcoind("submitpackage", code, reason)
        return {"errors": [{"error": refusal(node, raw), "txid": txid_of(raw)} for raw in raws], "success": False}

    def _txid(self, params: list[Json]) -> str:
        return hash_of(params, self._process.build, "tx_hash")

    def _node(self, at: float) -> NodeState:
        return self._process.state(at).node


def _from_bitcoind(method: str, code: int, message: str) -> MethodError:
    told = serde_json({"code": code, "message": message}).decode()
    return MethodError(None, f"{method} RPC error: {told}")


def _boolean(params: list[Json], position: int, name: str) -> bool:
    if len(params) <= position:
        return False
    if not isinstance(params[position], bool):
        raise MethodError(INVALID_PARAMS, f"not a bool {name}")
    return bool(params[position])


def _text(params: list[Json], name: str) -> str:
    if not params or not isinstance(params[0], str):
        raise MethodError(INVALID_PARAMS, f"missing {name}" if not params else f"non-string {name}")
    return params[0]
