"""Fulcrum's ``blockchain.transaction.*`` and ``blockchain.utxo.get_info``.

``src/Servers.cpp`` (``rpc_blockchain_transaction_*``). What bitcoind refuses is worded as ElectrumX would, on purpose.
Nothing is ever accepted: a lab's node finds a reason against every transaction.
"""

import re
from typing import TYPE_CHECKING

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.lab.bitcoind import (
    NO_SUCH_TRANSACTION,
    package_refusal,
    refusal,
    txid_of,
    unspent_output,
    verbose_transaction,
)
from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.fulcrum_numbers import rounded
from electrum_observatory.lab.personalities.fulcrum_releases import Release
from electrum_observatory.lab.personalities.fulcrum_rpc import Method
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.fulcrum import FulcrumProcess

_TXID = re.compile(r"^[0-9a-fA-F]{64}")
_BAD_REQUEST, _DAEMON_ERROR, _METHOD_NOT_FOUND = 1, 2, -32601
_MOST = 1_000_000_000
_PACKAGES_SINCE = 280_000
_ONLY_LATE_CORES = "is only available on Bitcoin Core and/or Bitcoin Knots v28.0.0 or above"


class TransactionMethods:
    """The transaction methods of one connection."""

    def __init__(self, process: "FulcrumProcess") -> None:
        self._process = process
        self._subscribed: set[str] = set()

    def table(self, release: Release) -> dict[str, Method]:
        """The methods of a release."""
        get = "blockchain.transaction"
        table = {
            f"{get}.broadcast": Method(call=self._broadcast, least=1, most=1, asks_bitcoind=True),
            f"{get}.get": Method(call=self._get, least=1, most=2, asks_bitcoind=True),
            f"{get}.get_merkle": Method(call=self._merkle, least=1 if release.version >= (1, 6) else 2, most=2),
            f"{get}.id_from_pos": Method(call=self._id_from_pos, least=2, most=3),
        }
        if release.version >= (1, 3):
            table["blockchain.utxo.get_info"] = Method(call=self._utxo, least=2, most=2)
        if release.version >= (1, 6):
            table[f"{get}.get_height"] = Method(call=self._height, least=1, most=1)
            table[f"{get}.subscribe"] = Method(call=self._subscribe, least=1, most=1)
            table[f"{get}.unsubscribe"] = Method(call=self._unsubscribe, least=1, most=1)
        if release.has_header_methods:
            table[f"{get}.get_confirmed_blockhash"] = Method(call=self._confirmed_blockhash, least=1, most=2)
        if release.has_mempool_info:
            table[f"{get}.broadcast_package"] = Method(
                call=self._broadcast_package, least=1, most=2, asks_bitcoind=True
            )
        return table

    def _get(self, params: list[Json], at: float) -> Json:
        txid = _txid(params[0])
        wants_all = _boolean(params, 1, "verbose")
        node = self._node(at)
        raw = node.ledger.transaction(txid)
        if raw is None:
            error = {"code": -5, "message": NO_SUCH_TRANSACTION}
            raise MethodError(_DAEMON_ERROR, f"daemon error: DaemonError({error})")
        return verbose_transaction(node, txid) if wants_all else raw.hex()

    def _merkle(self, params: list[Json], at: float) -> Json:
        txid, node = _txid(params[0]), self._node(at)
        height = _unsigned(params[1], "height") if len(params) > 1 else node.ledger.height_of(txid)
        if height is None:
            raise MethodError(_BAD_REQUEST, "No transaction matching the requested hash found")
        block = _block(node, height)
        if txid not in block:
            raise MethodError(_BAD_REQUEST, f"No transaction matching the requested hash found at height {height}")
        position = block.index(txid)
        return {"block_height": height, "merkle": transaction_branch(block, position), "pos": position}

    def _id_from_pos(self, params: list[Json], at: float) -> Json:
        height, position = _unsigned(params[0], "height"), _unsigned(params[1], "tx_pos")
        wants_proof = _boolean(params, 2, "merkle")
        block = _block(self._node(at), height)
        if position >= len(block):
            raise MethodError(_BAD_REQUEST, f"No transaction at position {position} for height {height}")
        if not wants_proof:
            return block[position]
        return {"merkle": transaction_branch(block, position), "tx_hash": block[position]}

    def _utxo(self, params: list[Json], at: float) -> Json:
        txid, position = _txid(params[0]), _unsigned(params[1], "tx_pos")
        found = unspent_output(self._node(at), txid, position)
        if found is None:
            return None
        told: dict[str, Json] = {"scripthash": found.scripthash, "value": found.value}
        return told if found.height is None else {"confirmed_height": found.height, **told}

    def _height(self, params: list[Json], at: float) -> Json:
        return self._told_height(_txid(params[0]), at)

    def _subscribe(self, params: list[Json], at: float) -> Json:
        txid = _txid(params[0])
        self._subscribed.add(txid)
        return self._told_height(txid, at)

    def _unsubscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        txid = _txid(params[0])
        known = txid in self._subscribed
        self._subscribed.discard(txid)
        return known

    def _confirmed_blockhash(self, params: list[Json], at: float) -> Json:
        txid, wants_header = _txid(params[0]), _boolean(params, 1, "include_header")
        node = self._node(at)
        height = node.ledger.height_of(txid)
        if height is None:
            return None
        header = node.header(height)
        told: dict[str, Json] = {"block_hash": parse_header(header).block_hash, "block_height": height}
        return {**told, "block_header": header.hex()} if wants_header else told

    def _broadcast(self, params: list[Json], at: float) -> Json:
        reason = refusal(self._node(at), str(params[0]))
        raise MethodError(_BAD_REQUEST, f"the transaction was rejected by network rules.\n\n{reason}\n")

    def _broadcast_package(self, params: list[Json], at: float) -> Json:
        node = self._node(at)
        if node.version < _PACKAGES_SINCE or node.network.network_id.startswith("litecoin"):
            raise MethodError(_METHOD_NOT_FOUND, f"blockchain.transaction.broadcast_package {_ONLY_LATE_CORES}")
        raws = [str(raw) for raw in params[0]] if isinstance(params[0], list) else []
        reason = package_refusal(node, raws)
        if reason is not None:
            raise MethodError(_BAD_REQUEST, f"the tx package was rejected by network rules.\n\n{reason}\n")
        return {"errors": [{"error": refusal(node, raw), "txid": txid_of(raw)} for raw in raws], "success": False}

    def _told_height(self, txid: str, at: float) -> Json:
        ledger = self._node(at).ledger
        height = ledger.height_of(txid)
        return 0 if height is None and ledger.transaction(txid) is not None else height

    def _node(self, at: float) -> NodeState:
        return self._process.state(at).node


def _block(node: NodeState, height: int) -> list[str]:
    return list(node.ledger.block(height)) if height <= node.height else []


def _txid(value: Json) -> str:
    match = _TXID.match(value) if isinstance(value, str) else None
    if match is None:
        raise MethodError(_BAD_REQUEST, "Invalid tx hash")
    return match.group().lower()


def _unsigned(value: Json, what: str) -> int:
    number = rounded(value)
    if number is None or not 0 <= number < _MOST:
        raise MethodError(_BAD_REQUEST, f"Invalid {what} argument; expected non-negative numeric value")
    return number


def _boolean(params: list[Json], position: int, what: str) -> bool:
    """``parseBoolSemiLooselyButNotTooLoosely``: truth values, 0 and 1, and their words."""
    if len(params) <= position:
        return False
    word = str(params[position]).lower()
    if word not in ("true", "false", "1", "0"):
        raise MethodError(_BAD_REQUEST, f"Invalid {what} argument; expected boolean")
    return word in ("true", "1")
