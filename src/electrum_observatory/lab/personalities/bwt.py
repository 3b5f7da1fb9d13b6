"""bwt 0.2, a personal index of one wallet that speaks Electrum's protocol.

``src/electrum/server.rs`` (``handle_command``), ``src/query.rs``. serde_json throughout; a method's error is a bare
string, and whatever is no request with a method that it knows ends the connection. Scripts outside of its wallet have
no history.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.lab.personalities.answering import MAX_HEADERS, Answering, HangUpError, headers_from, tip
from electrum_observatory.lab.personalities.errors import ESTIMATION_DISABLED, MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, read_strict
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.personalities.personal_servers import PersonalProcess
from electrum_observatory.model.observation import Json

DONATION_ADDRESS = "bc1qmuagsjvq0lh3admnafk0qnlql0vvxv08au9l2d"
_BANNER = "Welcome to bwt 🚀🌑"
_MAX_DEPTH = 127
_SAT_PER_VB = 100_000.0
_TARGETS = range(1, 1009)
_HASH = re.compile(r"^[0-9a-fA-F]{64}$")
_Call = Callable[[Any, float], Json]


class Session(Answering):
    """One client."""

    def __init__(self, process: PersonalProcess) -> None:
        super().__init__(process.state)
        self._process = process
        self._methods = self._table()

    def write(self, message: Json) -> bytes:
        """Write as serde_json does."""
        return serde_json(message)

    def answer(self, line: bytes, at: float) -> Json | None:
        """Answer a command; a missing id counts as null."""
        try:
            command: Any = read_strict(line, max_depth=_MAX_DEPTH)
        except NotJsonError as error:
            raise HangUpError from error
        name = command.get("method") if isinstance(command, dict) else None
        call = self._methods.get(name) if isinstance(name, str) else None
        if call is None:
            raise HangUpError
        answered = {"id": command.get("id"), "jsonrpc": "2.0"}
        try:
            return {**answered, "result": call(command.get("params"), at)}
        except MethodError as error:
            return {**answered, "error": error.message}

    def _table(self) -> dict[str, _Call]:
        return {
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.estimatefee": self._estimate_fee,
            "blockchain.headers.subscribe": lambda _params, at: tip(self.tips.subscribe(at)),
            "blockchain.relayfee": lambda _params, at: _through_sat_per_vb(self._process.node(at).relay_fee),
            "blockchain.scripthash.get_balance": lambda params, _at: _unused(
                params, {"confirmed": 0, "unconfirmed": 0}
            ),
            "blockchain.scripthash.get_history": lambda params, _at: _unused(params, []),
            "blockchain.scripthash.listunspent": lambda params, _at: _unused(params, []),
            "blockchain.scripthash.subscribe": lambda params, _at: _unused(params, None),
            "blockchain.transaction.get": self._unknown_transaction,
            "blockchain.transaction.get_merkle": self._merkle,
            "blockchain.transaction.id_from_pos": self._id_from_pos,
            "mempool.get_fee_histogram": lambda _params, at: self._process.histogram(at),
            "server.banner": lambda _params, _at: _BANNER,
            "server.donation_address": lambda _params, _at: DONATION_ADDRESS,
            "server.peers.subscribe": lambda _params, _at: [],
            "server.ping": lambda _params, _at: None,
            "server.version": lambda _params, _at: [f"bwt v{self._process.version}", "1.4"],
        }

    def _block_header(self, params: Any, at: float) -> Json:
        height, _ = _tuple(params, 2, padded=True)
        node = self._process.node(at)
        if _u32(height) > node.height:
            raise _from_bitcoind(-8, "Block height out of range")
        return node.header(height).hex()

    def _block_headers(self, params: Any, at: float) -> Json:
        start, count, _ = _tuple(params, 3, padded=True)
        node = self._process.node(at)
        last = min(_u32(start) + min(_u32(count), MAX_HEADERS), node.height)
        headers = headers_from(node, start, last - start + 1)  # one more than asked for, where there is one
        return {"count": len(headers), "hex": "".join(headers), "max": MAX_HEADERS}

    def _estimate_fee(self, params: Any, at: float) -> Json:
        (target,) = _tuple(params, 1)
        if _u32(target, "u16") not in _TARGETS:
            raise _from_bitcoind(-8, "Invalid conf_target, must be between 1 and 1008")
        node = self._process.node(at)
        if not node.estimates_fees:
            raise _from_bitcoind(-32603, ESTIMATION_DISABLED)
        estimate = node.estimate(target)
        return -1.0 if estimate is None else _through_sat_per_vb(estimate)

    def _unknown_transaction(self, params: Any, at: float) -> Json:  # noqa: ARG002
        txid, _ = _tuple(params, 2, padded=True)
        _hash(txid)
        raise _from_bitcoind(-5, "Invalid or non-wallet transaction id")

    def _merkle(self, params: Any, at: float) -> Json:
        txid, height = _tuple(params, 2)
        wanted, block = _hash(txid), self._block(_u32(height), at)
        if wanted not in block:
            raise MethodError(None, "missing tx")
        position = block.index(wanted)
        return {"block_height": height, "merkle": transaction_branch(block, position), "pos": position}

    def _id_from_pos(self, params: Any, at: float) -> Json:
        height, position, wants_proof = _tuple(params, 3, padded=True)
        block = self._block(_u32(height), at)
        if _u32(position, "u64") >= len(block):
            raise MethodError(None, "missing tx")
        txid = block[position]
        return {"merkle": transaction_branch(block, position), "tx_hash": txid} if wants_proof else txid

    def _block(self, height: int, at: float) -> list[str]:
        node = self._process.node(at)
        if height > node.height:
            raise _from_bitcoind(-8, "Block height out of range")
        return list(node.ledger.block(height))


def _through_sat_per_vb(btc_per_kvb: float) -> float:
    return btc_per_kvb * _SAT_PER_VB / _SAT_PER_VB


def _from_bitcoind(code: int, message: str) -> MethodError:
    """The chain of errors from its client of bitcoind, as Rust writes it."""
    quoted = json.dumps(message)
    text = f"JSON-RPC error: RPC error response: RpcError {{ code: {code}, message: {quoted}, data: None }}"
    return MethodError(None, text)


def _tuple(params: Any, length: int, *, padded: bool = False) -> list[Any]:
    """Read parameters as a tuple; some methods fill them up with nulls first."""
    if not isinstance(params, list):
        raise MethodError(None, f"invalid type: {_kind(params)}, expected a tuple of size {length}")
    given = params + [None] * (length - len(params)) if padded else params
    if len(given) != length:
        raise MethodError(None, f"invalid length {len(given)}, expected a tuple of size {length}")
    return given


def _u32(value: Any, kind: str = "u32") -> int:
    limit = 2 ** int(kind[1:])
    if not isinstance(value, int) or isinstance(value, bool):
        raise MethodError(None, f"invalid type: {_kind(value)}, expected {kind}")
    if not 0 <= value < limit:
        raise MethodError(None, f"invalid value: integer `{value}`, expected {kind}")
    return value


def _kind(value: Any) -> str:
    """How serde calls a value that it did not expect."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, str):
        return f"string {json.dumps(value, ensure_ascii=False)}"
    if isinstance(value, float):
        return f"floating point `{value}`"
    return "sequence" if isinstance(value, list) else "map" if isinstance(value, dict) else f"integer `{value}`"


def _hash(value: Any) -> str:
    if not isinstance(value, str):
        raise MethodError(None, f"invalid type: {_kind(value)}, expected an ASCII hex string")
    if _HASH.match(value) is None:
        raise MethodError(None, f"bad hex string length {len(value)} (expected 64)")
    return value.lower()


def _unused(params: Any, result: Json) -> Json:
    _hash(*_tuple(params, 1))
    return result
