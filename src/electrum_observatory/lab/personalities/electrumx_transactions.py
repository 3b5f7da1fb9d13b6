"""ElectrumX's ``blockchain.transaction.*``: what it passes on from bitcoind, and its own merkle proofs.

``server/session.py`` (``transaction_get``, ``transaction_merkle``, ``transaction_broadcast``, ``package_broadcast``).
Nothing is ever accepted: a lab's node finds a reason against every transaction, as bitcoind would.
"""

from typing import TYPE_CHECKING

from electrum_observatory.lab.bitcoind import (
    NO_SUCH_TRANSACTION,
    package_refusal,
    refusal,
    txid_of,
    verbose_transaction,
)
from electrum_observatory.lab.merkle import double_sha256, transaction_branch
from electrum_observatory.lab.personalities.aiorpcx_methods import Method
from electrum_observatory.lab.personalities.electrumx_arguments import (
    boolean,
    internal_error,
    non_negative,
    transaction_hash,
)
from electrum_observatory.lab.personalities.electrumx_from_1_7 import checked_hex
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.electrumx import ElectrumXProcess

_BAD_REQUEST, _DAEMON_ERROR = 1, 2


class TransactionMethods:
    """The transaction methods of one session."""

    def __init__(self, process: "ElectrumXProcess") -> None:
        self._process = process

    def table(self, protocol: tuple[int, ...]) -> dict[str, Method]:
        """The methods that a session of this protocol may call."""
        methods = {
            "broadcast": Method(call=self._broadcast, required=("raw_tx",)),
            "get": Method(call=self._get, required=("tx_hash",), optional=("verbose",)),
            "get_merkle": Method(call=self._merkle, required=("tx_hash", "height")),
            "id_from_pos": Method(call=self._id_from_pos, required=("height", "tx_pos"), optional=("merkle",)),
        }
        since = self._process.release.packages_since
        if since is not None and protocol >= since:
            methods["broadcast_package"] = Method(
                call=self._broadcast_package, required=("tx_package",), optional=("verbose",)
            )
        return {f"blockchain.transaction.{name}": method for name, method in methods.items()}

    def _get(self, tx_hash: Json, verbose: Json = 0, *, at: float) -> Json:
        txid, wants_all = transaction_hash(tx_hash), boolean(verbose, "verbose")
        node = self._node(at)
        raw = node.ledger.transaction(txid)
        if raw is None:
            error = {"code": -5, "message": NO_SUCH_TRANSACTION}
            raise MethodError(_DAEMON_ERROR, f"daemon error: DaemonError({error})")
        return verbose_transaction(node, txid) if wants_all else raw.hex()

    def _merkle(self, tx_hash: Json, height: Json, *, at: float) -> Json:
        txid, wanted = transaction_hash(tx_hash), non_negative(height)
        node = self._node(at)
        if self._process.release.proves_in_range and wanted > node.height:
            raise MethodError(_BAD_REQUEST, f"height {wanted:,d} out of range")
        block = _block(node, wanted)
        if txid not in block:
            raise MethodError(_BAD_REQUEST, f"tx {txid} not in block at height {wanted:,d}")
        position = block.index(txid)
        return {"block_height": wanted, "merkle": transaction_branch(block, position), "pos": position}

    def _id_from_pos(self, height: Json, tx_pos: Json, merkle: Json = 0, *, at: float) -> Json:
        position, wanted, wants_proof = non_negative(tx_pos), non_negative(height), boolean(merkle, "merkle")
        block = _block(self._node(at), wanted)
        if position >= len(block):
            raise MethodError(_BAD_REQUEST, f"no tx at position {position:,d} in block at height {wanted:,d}")
        if not wants_proof:
            return block[position]
        return {"tx_hash": block[position], "merkle": transaction_branch(block, position)}

    def _broadcast(self, raw_tx: Json, *, at: float) -> Json:
        if self._process.release.checks_hex:
            raw = checked_hex(raw_tx)
        elif raw_tx is None or isinstance(raw_tx, int | float):  # nothing that it could take the length of
            raise internal_error()
        else:
            raw = str(raw_tx)
        reason = refusal(self._node(at), raw)
        text = f"the transaction was rejected by network rules.\n\n{reason}\n[{raw}]"
        raise MethodError(_BAD_REQUEST, text)

    def _broadcast_package(self, tx_package: Json, verbose: Json = 0, *, at: float) -> Json:  # noqa: ARG002
        raws = self._package(tx_package)
        node = self._node(at)
        reason = package_refusal(node, raws)
        if reason is not None:
            # Recorded: 1.18 names the transactions, 1.20 does not.
            names = (
                "" if self._process.release.checks_hex else f" Package txids: {[_package_txid(raw) for raw in raws]}"
            )
            raise MethodError(_BAD_REQUEST, f"the tx package was rejected by network rules.\n\n{reason}.{names}")
        return {"success": False, "errors": [{"txid": txid_of(raw), "error": refusal(node, raw)} for raw in raws]}

    def _package(self, tx_package: Json) -> list[str]:
        """Read the raw transactions; before 1.19 whatever Python can go through is a package."""
        if self._process.release.checks_hex:
            if not isinstance(tx_package, list):
                raise MethodError(_BAD_REQUEST, f"{tx_package} should be a list")
            return [checked_hex(raw) for raw in tx_package]
        if not isinstance(tx_package, list | str | dict) or not all(isinstance(raw, str) for raw in tx_package):
            raise internal_error()
        try:
            return [raw for raw in tx_package if bytes.fromhex(raw) is not None]
        except ValueError as error:
            text = f"not a valid hex encoded transaction package: {tx_package}"
            raise MethodError(_BAD_REQUEST, text) from error

    def _node(self, at: float) -> NodeState:
        return self._process.look_up(at)


def _block(node: NodeState, height: int) -> list[str]:
    if height > node.height:
        error = f"block {height:,d} not on disk (>{node.height:,d})"
        raise MethodError(_BAD_REQUEST, f"db error: DBError({error!r})")
    return list(node.ledger.block(height))


def _package_txid(raw: str) -> str:
    """Recorded: 1.18 hashes whatever hex it was given, and does not turn the hash around."""
    return double_sha256(bytes.fromhex(raw)).hex()
