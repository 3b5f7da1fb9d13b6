"""What a bitcoind says by itself of transactions: the texts of its refusals, and transactions spelled out.

Server programs pass these on, each in its own wrapping. Texts and key order are Bitcoin Core's
(``rpc/rawtransaction.cpp``, ``core_write.cpp``, ``validation.cpp``); Litecoin's follow the Core release they were
forked from.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from embit import compact
from embit.descriptor.checksum import add_checksum
from embit.transaction import Transaction

from electrum_observatory.bitcoin.address import encode_address
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.lab.merkle import double_sha256
from electrum_observatory.lab.script_text import WITH_ADDRESS, script_type, spelled_out
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

NO_SUCH_TRANSACTION = "No such mempool or blockchain transaction. Use gettransaction for wallet transactions."
"""``getrawtransaction`` of a node with a transaction index, code -5."""
DECODE_FAILED = "TX decode failed. Make sure the tx has at least one input."
"""``sendrawtransaction``, code -22."""
METHOD_NOT_FOUND = "Method not found"
MISSING_INPUTS = "bad-txns-inputs-missingorspent"
BAD_SIGNATURE = "mandatory-script-verify-flag-failed (Signature must be zero for failed CHECK(MULTI)SIG operation)"

_PACKAGES_SINCE = 260_000
_DESCRIPTORS_SINCE = 220_000
_SATOSHIS = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UnspentOutput:
    """An output that can be spent.

    Attributes:
        scripthash: Electrum's name of its script.
        value: Satoshi.
        height: Of its block; None where it waits.
    """

    scripthash: str
    value: int
    height: int | None


def refusal(node: NodeState, raw_hex: str) -> str:
    """Return why a node takes a transaction into its mempool never: in a lab, no transaction is valid."""
    transaction = _decoded(raw_hex)
    if transaction is None:
        return DECODE_FAILED
    known = [node.ledger.transaction(txin.txid.hex()) is not None for txin in transaction.vin]
    if not all(known):
        return MISSING_INPUTS
    return BAD_SIGNATURE


def package_refusal(node: NodeState, raw_hexes: list[str]) -> str | None:
    """Return the error of ``submitpackage`` as a whole; None where each transaction has a refusal of its own."""
    if node.version < _PACKAGES_SINCE:
        return METHOD_NOT_FOUND
    broken = next((raw for raw in raw_hexes if _decoded(raw) is None), None)
    return None if broken is None else f"TX decode failed: {broken} Make sure the tx has at least one input."


def unspent_output(node: NodeState, txid: str, position: int) -> UnspentOutput | None:
    """Return an output that nothing in the node's blocks or mempool spends; None where there is none."""
    raw = node.ledger.transaction(txid)
    outputs = [] if raw is None else Transaction.read_from(BytesIO(raw)).vout
    if position >= len(outputs):
        return None
    owner = scripthash(bytes(outputs[position].script_pubkey.data))
    unspent = {(one.txid, one.position) for one in node.ledger.unspent(owner)}
    if (txid, position) not in unspent:
        return None
    return UnspentOutput(scripthash=owner, value=outputs[position].value, height=node.ledger.height_of(txid))


def txid_of(raw_hex: str) -> str | None:
    """Return the id of a transaction in hex; None where it is none."""
    transaction = _decoded(raw_hex)
    return None if transaction is None else str(transaction.txid().hex())


def verbose_transaction(node: NodeState, txid: str) -> dict[str, Json] | None:
    """Return ``getrawtransaction`` with ``verbose``, keys in the order of this Core version; None for an unknown id."""
    raw = node.ledger.transaction(txid)
    if raw is None:
        return None
    transaction = Transaction.read_from(BytesIO(raw))
    stripped = _stripped(transaction)
    weight = 3 * len(stripped) + len(raw)
    described: dict[str, Json] = {
        "txid": txid,
        "hash": double_sha256(raw)[::-1].hex(),
        "version": transaction.version,
        "size": len(raw),
        "vsize": -(-weight // 4),
        "weight": weight,
        "locktime": transaction.locktime,
        "vin": [_input(node, txin, coinbase=_is_coinbase(transaction)) for txin in transaction.vin],
        "vout": [_output(node, number, txout) for number, txout in enumerate(transaction.vout)],
        "hex": raw.hex(),
    }
    height = node.ledger.height_of(txid)
    if height is not None:
        header = parse_header(node.header(height))
        described["blockhash"] = header.block_hash
        described["confirmations"] = node.height - height + 1
        described["time"] = described["blocktime"] = header.timestamp
    return described


def _decoded(raw_hex: str) -> Any:
    """Decode as bitcoind does: the whole text, at least one input."""
    try:
        stream = BytesIO(bytes.fromhex(raw_hex))
        transaction = Transaction.read_from(stream)
    except Exception:  # noqa: BLE001 - embit raises bare exceptions of several kinds for what is no transaction
        return None
    return transaction if transaction.vin and not stream.read(1) else None


def _stripped(transaction: Any) -> bytes:
    """Serialise without witnesses: what the txid is the hash of."""
    parts = [transaction.version.to_bytes(4, "little"), compact.to_bytes(len(transaction.vin))]
    parts += [txin.serialize() for txin in transaction.vin]
    parts += [compact.to_bytes(len(transaction.vout)), *(txout.serialize() for txout in transaction.vout)]
    return b"".join([*parts, transaction.locktime.to_bytes(4, "little")])


def _is_coinbase(transaction: Any) -> bool:
    return len(transaction.vin) == 1 and not any(transaction.vin[0].txid)


def _input(node: NodeState, txin: Any, *, coinbase: bool) -> dict[str, Json]:
    script = bytes(txin.script_sig.data)
    told: dict[str, Json] = {"coinbase": script.hex()}
    if not coinbase:
        told = {
            "txid": txin.txid.hex(),
            "vout": txin.vout,
            "scriptSig": {"asm": spelled_out(script, signatures=True), "hex": script.hex()},
        }
    if txin.witness.items:
        told["txinwitness"] = [item.hex() for item in txin.witness.items]
    return {**_of_litecoin(node), **told, "sequence": txin.sequence}


def _output(node: NodeState, number: int, txout: Any) -> dict[str, Json]:
    script = bytes(txout.script_pubkey.data)
    asm, kind = spelled_out(script), script_type(script)
    address = encode_address(script, node.network) if kind in WITH_ADDRESS else None
    told: dict[str, Json] = {"asm": asm}
    if node.version >= _DESCRIPTORS_SINCE:
        told["desc"] = add_checksum(_descriptor(script, kind, address))
        told["hex"] = script.hex()
        if address is not None:
            told["address"] = address
        told["type"] = kind
    else:
        told |= {"hex": script.hex()}
        if address is not None:
            told |= {"reqSigs": 1, "type": kind, "addresses": [address]}
        else:
            told["type"] = kind
    return {**_of_litecoin(node), "value": txout.value / _SATOSHIS, "n": number, "scriptPubKey": told}


def _of_litecoin(node: NodeState) -> dict[str, Json]:
    """Litecoin 0.21.2 says of every input and output whether it belongs to its extension blocks; here none does."""
    return {"ismweb": False} if node.network.network_id.startswith("litecoin") else {}


def _descriptor(script: bytes, kind: str, address: str | None) -> str:
    if kind == "witness_v1_taproot":
        return f"rawtr({script[2:].hex()})"
    return f"raw({script.hex()})" if address is None else f"addr({address})"
