"""What one connection to electrs-esplora or mempool-electrs answers, and what makes it hang up.

Errors of methods are bare strings. Blockstream's build closes the connection on anything that is no request with
``method``, ``params`` (a list) and ``id``, and on unknown methods; mempool's answers those with error objects.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from electrum_observatory.lab.merkle import branch_and_root, double_sha256
from electrum_observatory.lab.personalities.base import Action, Close, Send
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, read_strict
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.esplora import EsploraProcess

_MAX_DEPTH = 127
_MAX_HEADERS = 2016
_INVALID_REQUEST, _APPLICATION_ERROR = -32600, 1
_SCRIPTHASH = re.compile(r"^[0-9a-fA-F]{64}$")
_Call = Callable[[list[Json], float], Json]


class _HangUpError(Exception):
    """The program's handler fails as a whole, and with it the connection."""


class Session:
    """One client."""

    def __init__(self, process: "EsploraProcess") -> None:
        self._process = process
        self._gone = False
        self._tips = TipWatch(process.state)
        self._methods = self._table()

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone:
            return []
        try:
            return [Send(data=serde_json(self._reply(line, at)) + b"\n")]
        except (NotTextError, _HangUpError):
            self._gone = True
            return [Close()]

    def wake(self, at: float) -> Sequence[Action]:
        """Tell a new block to whoever subscribed to headers; answers come at once."""
        node = None if self._gone else self._tips.news(at)
        if node is None:
            return []
        notification = {"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": [_tip(node)]}
        return [Send(data=serde_json(notification) + b"\n")]

    @property
    def next_wake(self) -> float | None:
        """When the next block is told."""
        return None if self._gone else self._tips.due

    def _reply(self, line: bytes, at: float) -> Json:
        try:
            payload = read_strict(line, max_depth=_MAX_DEPTH)
        except NotTextError:
            raise
        except NotJsonError as error:
            return {**self._malformed(line.decode().rstrip("\r\n"), error), "id": None}
        if isinstance(payload, list) and self._process.is_mempool:
            return [self._reply_to_one(element, at) for element in payload]
        return self._reply_to_one(payload, at)

    def _reply_to_one(self, payload: Json, at: float) -> Json:
        request = payload if isinstance(payload, dict) else {}
        name, params = request.get("method"), request.get("params", [])
        if "id" not in request:
            return self._malformed(serde_json(payload).decode(), None)
        if not isinstance(name, str) or not isinstance(params, list):
            return {**self._malformed(serde_json(payload).decode(), None), "id": request["id"]}
        method = self._methods.get(name)
        if method is None:
            return self._unknown(name, params, request["id"])
        try:
            return {"id": request["id"], "jsonrpc": "2.0", "result": method(params, at)}
        except MethodError as error:
            return {"error": error.message, "id": request["id"], "jsonrpc": "2.0"}

    def _malformed(self, shown: str, cause: Exception | None) -> dict[str, Json]:
        """Return mempool's error object, which the caller gives an id where there is one; Blockstream's hangs up."""
        if not self._process.is_mempool:
            raise _HangUpError from cause
        member = {"code": _INVALID_REQUEST, "message": f"invalid request: {shown}"}
        return {"error": member, "jsonrpc": "2.0"}

    def _unknown(self, name: str, params: list[Json], request_id: Json) -> Json:
        if not self._process.is_mempool:
            raise _HangUpError
        text = f"{name} RPC error: unknown method {name} {_debug(params, top=True)}"
        return {"error": {"code": _APPLICATION_ERROR, "message": text}, "id": request_id, "jsonrpc": "2.0"}

    def _table(self) -> dict[str, _Call]:
        return {
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.estimatefee": self._estimate_fee,
            "blockchain.headers.subscribe": self._headers_subscribe,
            "blockchain.relayfee": lambda _params, at: self._process.relay_fee(at),
            "blockchain.scripthash.get_balance": lambda params, _at: _unused(
                params, {"confirmed": 0, "unconfirmed": 0}
            ),
            "blockchain.scripthash.get_history": lambda params, _at: _unused(params, []),
            "blockchain.scripthash.listunspent": lambda params, _at: _unused(params, []),
            "blockchain.scripthash.subscribe": lambda params, _at: _unused(params, None),
            "mempool.get_fee_histogram": lambda _params, at: self._process.histogram(at),
            "server.banner": self._banner,
            "server.donation_address": lambda _params, _at: None,
            "server.peers.subscribe": lambda _params, _at: [],
            "server.ping": lambda _params, _at: None,
            "server.version": lambda _params, _at: [self._process.software, "1.4"],
        }

    def _banner(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        banner = self._process.state(at).banner
        return f"Welcome to {self._process.software}" if banner is None else banner

    def _headers_subscribe(self, params: list[Json], at: float) -> Json:  # noqa: ARG002
        return _tip(self._tips.subscribe(at))

    def _block_header(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        height, checkpoint = _unsigned(params, 0, "height"), _unsigned(params, 1, "cp_height", default=0)
        if height > node.height:
            raise MethodError(None, "missing header")
        raw = node.header(height).hex()
        return {"header": raw, **_proof(node, checkpoint, height)} if checkpoint else raw

    def _block_headers(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        start = _unsigned(params, 0, "start_height")
        count = min(_MAX_HEADERS, _unsigned(params, 1, "count"))
        checkpoint = _unsigned(params, 2, "cp_height", default=0)
        headers = [node.header(height).hex() for height in range(start, min(start + count, node.height + 1))]
        result = {"count": len(headers), "hex": "".join(headers), "max": _MAX_HEADERS}
        return {**result, **_proof(node, checkpoint, start + count - 1)} if count and checkpoint else result

    def _estimate_fee(self, params: list[Json], at: float) -> Json:
        target = _unsigned(params, 0, "blocks_count")
        estimate = self._process.estimate(target % 2**16, at)
        if estimate is None:
            raise MethodError(None, f"cannot estimate fee for {target} blocks")
        return estimate


def _unsigned(params: list[Json], position: int, name: str, *, default: int | None = None) -> int:
    """``usize_from_value`` and ``usize_from_value_or``. Raises MethodError."""
    if position >= len(params):
        if default is None:
            raise MethodError(None, f"missing {name}")
        return default
    value = params[position]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MethodError(None, f"non-integer {name}")
    return value


def _tip(node: NodeState) -> Json:
    return {"height": node.height, "hex": node.header(node.height).hex()}


def _unused(params: list[Json], result: Json) -> Json:
    """The answer for a script that nobody used. Raises MethodError for what is no script hash."""
    if not params or not isinstance(params[0], str) or _SCRIPTHASH.match(params[0]) is None:
        raise MethodError(None, "bad script_hash")
    return result


def _debug(value: Json, *, top: bool = False) -> str:
    """Rust's ``{:?}`` of a JSON value (``top``: of a bare ``Vec`` of them)."""
    if isinstance(value, list):
        return f"{'' if top else 'Array '}[{', '.join(_debug(element) for element in value)}]"
    if isinstance(value, dict):
        members = ", ".join(f"{json.dumps(key)}: {_debug(member)}" for key, member in sorted(value.items()))
        return f"Object {{{members}}}"
    if value is None:
        return "Null"
    kind = "String" if isinstance(value, str) else "Bool" if isinstance(value, bool) else "Number"
    return f"{kind}({serde_json(value).decode()})"


def _proof(node: NodeState, checkpoint: int, height: int) -> dict[str, Json]:
    if checkpoint < height:
        raise MethodError(None, f"cp_height #{checkpoint} < height #{height}")
    if checkpoint > node.height:
        raise MethodError(None, f"cp_height #{checkpoint} above best block height #{node.height}")
    hashes = [double_sha256(node.header(below)) for below in range(checkpoint + 1)]
    branch, root = branch_and_root(hashes, height)
    return {"branch": [sibling[::-1].hex() for sibling in branch], "root": root[::-1].hex()}
