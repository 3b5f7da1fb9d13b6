"""Floresta 0.8: a node of its own that knows the scripts it was told to watch, and answers all else with constants.

``crates/floresta-electrum/src/electrum_protocol.rs`` (``handle_client_request``, ``handle_message``), ``request.rs``.
Each request needs ``id``, ``method`` and ``jsonrpc``; each error is the same one, with ``"data":null``; news of a block
goes to everybody.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from electrum_observatory.lab.personalities.answering import MAX_HEADERS, Answering, HangUpError, headers_from, tip
from electrum_observatory.lab.personalities.base import Action
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, read_strict
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.personalities.personal_servers import PersonalProcess
from electrum_observatory.model.observation import Json

_MAX_DEPTH = 127
_HASH = re.compile(r"^[0-9a-fA-F]{64}$")
_FIELDS = ("id", "method", "jsonrpc", "params")
_PARSE_ERROR = MethodError(-32700, "Parse error. Invalid JSON was received by the server.")
_FAILED = MethodError(-32000, "Internal JSON-RPC error.")
_Call = Callable[[list[Any], float], Json]


class Session(Answering):
    """One client."""

    def __init__(self, process: PersonalProcess) -> None:
        super().__init__(process.state)
        self._process = process
        self._listens = False
        self._methods = self._table()

    def write(self, message: Json) -> bytes:
        """Write as serde_json does."""
        return serde_json(message)

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line; whoever has said anything hears of blocks, subscribed or not."""
        if not self._listens:
            self._listens = True
            self.tips.subscribe(at)
        return super().receive(line, at)

    def answer(self, line: bytes, at: float) -> Json | None:
        """Answer a request or a list of them."""
        try:
            payload: Any = read_strict(line, max_depth=_MAX_DEPTH)
        except NotTextError as error:
            raise HangUpError from error
        except NotJsonError:
            return _error(None, _PARSE_ERROR)
        single = None if _says_twice(line) else _request(payload)
        if single is not None:
            return self._call(single, at)
        requests = [_request(element) for element in payload] if isinstance(payload, list) else [None]
        known = [request for request in requests if request is not None]
        if len(known) < len(requests):
            return _error(None, _PARSE_ERROR)
        return [self._call(request, at) for request in known]

    def _call(self, request: dict[str, Any], at: float) -> Json:
        call = self._methods.get(request["method"])
        try:
            if call is None:
                raise _FAILED
            return {"id": request["id"], "jsonrpc": "2.0", "result": call(request["params"], at)}
        except MethodError as error:
            return _error(request["id"], error)

    def _table(self) -> dict[str, _Call]:
        constants: dict[str, Json] = {
            "blockchain.estimatefee": 0.0001,
            "blockchain.relayfee": 0.00001,
            "blockchain.scripthash.get_mempool": [],
            "mempool.get_fee_histogram": [],
            "server.add_peer": True,
            "server.banner": "Welcome to Floresta's Electrum Server.",
            "server.donation_address": "",
            "server.peers.subscribe": [],
            "server.ping": None,
            "server.version": [f"Floresta {self._process.version}", "1.4"],
        }
        unwatched: dict[str, Json] = {
            "get_balance": {"confirmed": 0, "unconfirmed": 0},
            "get_history": [],
            "listunspent": [],
            "subscribe": None,
            "unsubscribe": True,
        }
        return {
            **{name: _constant(value) for name, value in constants.items()},
            **{f"blockchain.scripthash.{name}": _unwatched(value) for name, value in unwatched.items()},
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.headers.subscribe": lambda _params, at: tip(self.tips.subscribe(at)),
            "server.features": self._features,
        }

    def _features(self, params: list[Any], at: float) -> Json:  # noqa: ARG002
        return {
            "genesis_hash": self._process.node(at).network.genesis_hash,
            "hash_function": "sha256",
            "hosts": {"127.0.0.1": {"tcp_port": 50001}},
            "protocol_max": "1.5",
            "protocol_min": "1.4",
            "pruning": None,
            "server_version": f"Floresta {self._process.version}",
        }

    def _block_header(self, params: list[Any], at: float) -> Json:
        height, node = _unsigned(params, 0), self._process.node(at)
        if height > node.height:
            raise _FAILED
        return node.header(height).hex()

    def _block_headers(self, params: list[Any], at: float) -> Json:
        start, count = _unsigned(params, 0), min(_unsigned(params, 1), MAX_HEADERS)
        headers = headers_from(self._process.node(at), start, count)
        if len(headers) < count:
            raise _FAILED
        return {"count": count, "hex": "".join(headers), "max": MAX_HEADERS}


def _says_twice(line: bytes) -> bool:
    """Whether a field of a request stands in it twice, which a struct of serde refuses."""

    def counted(pairs: list[tuple[str, Any]]) -> int:
        names = [name for name, _ in pairs if name in _FIELDS]
        return len(names) - len(set(names))

    return isinstance(found := json.loads(line, object_pairs_hook=counted), int) and found > 0


def _request(value: Any) -> dict[str, Any] | None:
    """Read ``struct Request``; serde reads it from a list of its fields as well."""
    if isinstance(value, list):
        value = dict(zip(_FIELDS, value, strict=False)) if 3 <= len(value) <= 4 else None
    if not isinstance(value, dict) or not {"id", "method", "jsonrpc"} <= set(value):
        return None
    params = value.get("params", [])
    if not isinstance(value["method"], str) or not isinstance(value["jsonrpc"], str) or not isinstance(params, list):
        return None
    return {"id": value["id"], "method": value["method"], "params": params}


def _error(request_id: Json, error: MethodError) -> Json:
    member = {"code": error.code, "data": None, "message": error.message}
    return {"error": member, "id": request_id, "jsonrpc": "2.0"}


def _constant(value: Json) -> _Call:
    return lambda _params, _at: value


def _unwatched(value: Json) -> _Call:
    def call(params: list[Any], at: float) -> Json:  # noqa: ARG001 - nothing is ever watched here
        if not params or not isinstance(params[0], str) or _HASH.match(params[0]) is None:
            raise _FAILED
        return value

    return call


def _unsigned(params: list[Any], position: int) -> int:
    value = params[position] if position < len(params) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _FAILED
    return value
