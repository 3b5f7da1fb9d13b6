"""romanz electrs' ``blockchain.transaction.*``.

``src/electrum.rs`` (``transaction_get``, ``transaction_get_merkle``, ``transaction_from_pos``,
``transaction_broadcast``). bitcoind's refusals come as code 2 with its bare text. Nothing is ever accepted: a lab's
node finds a reason against every transaction.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.bitcoind import (
    NO_SUCH_TRANSACTION,
    package_refusal,
    refusal,
    txid_of,
    verbose_transaction,
)
from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.romanz_params import (
    boolean,
    hash_of,
    invalid_params,
    text,
    tuple_of,
    unsigned,
)
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.romanz import RomanzProcess

_BAD_REQUEST, _DAEMON_ERROR = 1, 2
_Call = Callable[[Json, float], Json]


class TransactionMethods:
    """The transaction methods of one connection."""

    def __init__(self, process: "RomanzProcess") -> None:
        self._process = process

    def table(self) -> dict[str, _Call]:
        """The methods of this release."""
        calls: dict[str, _Call] = {
            "broadcast": self._broadcast,
            "get": self._get,
            "get_merkle": self._merkle,
            "id_from_pos": self._id_from_pos,
        }
        if self._process.numbers >= (0, 11):
            calls["broadcast_package"] = self._broadcast_package
        return {f"blockchain.transaction.{name}": call for name, call in calls.items()}

    def _get(self, params: Json, at: float) -> Json:
        if isinstance(params, list) and len(params) == 1:
            params = [*params, False]
        txid, verbose = tuple_of(params, 2)
        wanted, wants_all = hash_of(txid), boolean(verbose)
        node = self._node(at)
        raw = node.ledger.transaction(wanted)
        if raw is None:
            raise MethodError(_DAEMON_ERROR, NO_SUCH_TRANSACTION)
        return verbose_transaction(node, wanted) if wants_all else raw.hex()

    def _merkle(self, params: Json, at: float) -> Json:
        txid, height = tuple_of(params, 2)
        wanted, place = hash_of(txid), unsigned(height)
        node = self._node(at)
        block = _block(node, place)
        if wanted not in block:
            block_hash = parse_header(node.header(place)).block_hash
            raise MethodError(_BAD_REQUEST, f"missing txid {wanted} in block {block_hash}")
        position = block.index(wanted)
        return {"block_height": place, "merkle": transaction_branch(block, position), "pos": position}

    def _id_from_pos(self, params: Json, at: float) -> Json:
        height, place, merkle = tuple_of(params, 3)
        wanted, position, wants_proof = unsigned(height), unsigned(place), boolean(merkle)
        block = _block(self._node(at), wanted)
        if position >= len(block):
            raise MethodError(_BAD_REQUEST, f"invalid tx_pos {position} in block at height {wanted}")
        told: dict[str, Json] = {self._process.name_of_id: block[position]}
        return {**told, "merkle": transaction_branch(block, position)} if wants_proof else told

    def _broadcast(self, params: Json, at: float) -> Json:
        (value,) = tuple_of(params, 1)
        raw = _decodable(text(value))
        raise MethodError(_DAEMON_ERROR, refusal(self._node(at), raw))

    def _broadcast_package(self, params: Json, at: float) -> Json:
        (values,) = tuple_of(params, 1)
        if not isinstance(values, list):
            raise invalid_params()
        raws = [_decodable(text(value)) for value in values]
        node = self._node(at)
        reason = package_refusal(node, raws)
        if reason is not None:
            raise MethodError(_DAEMON_ERROR, reason)
        return {"errors": [{"error": refusal(node, raw), "txid": txid_of(raw)} for raw in raws], "success": False}

    def _node(self, at: float) -> NodeState:
        return self._process.state(at).node


def _block(node: NodeState, height: int) -> list[str]:
    if height > node.height:
        raise MethodError(_BAD_REQUEST, f"missing block at {height}")
    return list(node.ledger.block(height))


def _decodable(raw: str) -> str:
    """Return hex that is a transaction; electrs reads it before bitcoind does. Raises MethodError."""
    try:
        bytes.fromhex(raw)
    except ValueError:
        raise MethodError(_BAD_REQUEST, "non-hex transaction") from None
    if txid_of(raw) is None:
        raise MethodError(_BAD_REQUEST, "invalid transaction")
    return raw
