"""Frigate 1.0: silent payments over a bitcoind, in Java; of the rest only what a wallet needs beside.

``electrum/ElectrumServerService.java``, ``RequestHandler.java`` (sparrowwallet/frigate, autumn 2025), on the library
simple-json-rpc 1.3 with Jackson. The order of a reply's keys was read off that library and never seen on a wire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from electrum_observatory.lab.bitcoind import NO_SUCH_TRANSACTION
from electrum_observatory.lab.personalities.answering import Answering, HangUpError, tip
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, read_strict
from electrum_observatory.lab.personalities.json_text import java_json
from electrum_observatory.lab.personalities.personal_servers import PersonalProcess
from electrum_observatory.model.observation import Json

_MAX_DEPTH = 1000
_PROTOCOL = (1, 4)
_DEFAULT_FEE_RATE = 0.00001
_TARGETS = range(1, 1009)
_Call = Callable[..., Json]


class _JsonRpcError(Exception):
    """An error reply; some carry data."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.member = {"code": code, "message": message, "data": data}


_PARSE_ERROR = _JsonRpcError(-32700, "Parse error")
_INVALID_REQUEST = _JsonRpcError(-32600, "Invalid Request")
_METHOD_NOT_FOUND = _JsonRpcError(-32601, "Method not found")
_INVALID_PARAMS = _JsonRpcError(-32602, "Invalid params")
_INTERNAL_ERROR = _JsonRpcError(-32603, "Internal error")


@dataclass(frozen=True, slots=True)
class _Method:
    """A method: what answers, its parameters' names, and how many must be given (all unless said)."""

    call: _Call
    names: tuple[str, ...] = ()
    fewest: int | None = None

    @property
    def least(self) -> int:
        return len(self.names) if self.fewest is None else self.fewest


_OF_A_BACKEND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "blockchain.block.headers": ("start_height", "count"),
        "blockchain.scripthash.get_balance": ("scripthash",),
        "blockchain.scripthash.get_history": ("scripthash",),
        "blockchain.scripthash.get_mempool": ("scripthash",),
        "blockchain.scripthash.listunspent": ("scripthash",),
        "blockchain.scripthash.subscribe": ("scripthash",),
        "blockchain.scripthash.unsubscribe": ("scripthash",),
        "blockchain.transaction.get_merkle": ("tx_hash", "height"),
        "blockchain.transaction.id_from_pos": ("height", "tx_pos"),
        "mempool.get_fee_histogram": (),
        "server.add_peer": ("features",),
        "server.donation_address": (),
        "server.peers.subscribe": (),
    }
)
"""What it would hand to another Electrum server behind it; the lab's has none."""


class Session(Answering):
    """One client."""

    def __init__(self, process: PersonalProcess) -> None:
        super().__init__(process.state)
        self._process = process
        self._methods = self._table()

    def write(self, message: Json) -> bytes:
        """Write as Jackson does."""
        return java_json(message)

    def answer(self, line: bytes, at: float) -> Json | None:
        """Answer a request or a batch."""
        try:
            payload: Any = read_strict(line, max_depth=_MAX_DEPTH)
        except NotTextError as error:
            raise HangUpError from error
        except NotJsonError:
            return _error(None, _PARSE_ERROR)
        if not isinstance(payload, list):
            return self._answer_one(payload, at)
        if not payload:
            return _error(None, _INVALID_REQUEST)
        return [reply for element in payload if (reply := self._answer_one(element, at)) is not None] or None

    def _answer_one(self, request: Any, at: float) -> Json | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _error(request.get("id") if isinstance(request, dict) else None, _INVALID_REQUEST)
        if "id" not in request:
            return None
        try:
            result = self._call(request["method"], request.get("params", []), at)
        except _JsonRpcError as error:
            return _error(request["id"], error)
        return {"id": request["id"], "result": result, "jsonrpc": "2.0"}

    def _call(self, name: str, params: Any, at: float) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise _METHOD_NOT_FOUND
        if isinstance(params, dict):
            params = [params[name] for name in method.names if name in params]
        if not isinstance(params, list) or not method.least <= len(params) <= len(method.names):
            raise _INVALID_PARAMS
        return method.call(*params, at=at)

    def _table(self) -> dict[str, _Method]:
        methods = {
            "blockchain.block.header": _Method(self._block_header, ("height",)),
            "blockchain.estimatefee": _Method(self._estimate_fee, ("number",)),
            "blockchain.headers.subscribe": _Method(lambda at: tip(self.tips.subscribe(at))),
            "blockchain.relayfee": _Method(lambda at: self._process.node(at).relay_fee),
            "blockchain.silentpayments.subscribe": _Method(_no_key, ("scan_private_key", "spend_public_key"), 2),
            "blockchain.transaction.get": _Method(self._transaction, ("tx_hash", "verbose"), 1),
            "server.banner": _Method(self._banner),
            "server.ping": _Method(lambda at: None),  # noqa: ARG005
            "server.version": _Method(self._server_version, ("client_name", "protocol_version")),
        }
        return methods | {name: _Method(_not_configured, names) for name, names in _OF_A_BACKEND.items()}

    def _server_version(self, client_name: Json, protocol_version: Json, *, at: float) -> Json:  # noqa: ARG002
        asked = protocol_version[-1] if isinstance(protocol_version, list) and protocol_version else protocol_version
        if not isinstance(asked, str) or not all(part.isdecimal() for part in asked.split(".")):
            raise _INVALID_PARAMS
        if tuple(int(part) for part in asked.split(".")) < _PROTOCOL:
            raise _JsonRpcError(-32003, "Unsupported version", asked)
        return [f"Frigate {self._process.version}", "1.4"]

    def _banner(self, *, at: float) -> Json:
        return f"Frigate {self._process.version}\n{self._process.node(at).subversion}"

    def _block_header(self, height: Json, *, at: float) -> Json:
        node = self._process.node(at)
        if not 0 <= _int32(height) <= node.height:
            raise _JsonRpcError(-32002, "Block height out of range")
        return node.header(_int32(height)).hex()

    def _estimate_fee(self, number: Json, *, at: float) -> Json:
        node = self._process.node(at)
        if _int32(number) not in _TARGETS or not node.estimates_fees:
            raise _INTERNAL_ERROR
        estimate = node.estimate(_int32(number))
        return _DEFAULT_FEE_RATE if estimate is None else estimate

    def _transaction(self, tx_hash: Json, verbose: Json = None, *, at: float) -> Json:  # noqa: ARG002
        raw = self._process.node(at).ledger.transaction(tx_hash) if isinstance(tx_hash, str) else None
        if raw is None:
            raise _JsonRpcError(-32001, NO_SUCH_TRANSACTION)
        return raw.hex()


def _not_configured(*params: Json, at: float) -> Json:  # noqa: ARG001 - whatever is asked
    raise _INTERNAL_ERROR


def _no_key(*params: Json, at: float) -> Json:  # noqa: ARG001 - nobody hands a private key to a lab
    raise _INVALID_PARAMS


def _error(request_id: Json, error: _JsonRpcError) -> Json:
    return {"id": request_id, "error": error.member, "jsonrpc": "2.0"}


def _int32(value: Json) -> int:
    """Read an ``int`` as Jackson does: strings of digits pass, fractions are cut."""
    try:
        number = int(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or not -(2**31) <= number < 2**31:
        raise _INVALID_PARAMS
    return number
