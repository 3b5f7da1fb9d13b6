"""What one connection to romanz electrs answers.

A request is a struct of ``id``, ``method`` and ``params``; anything else is "invalid request". Parameters are converted
to the types of the method; whatever does not convert is "invalid params".
"""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from electrum_observatory.lab.personalities.base import Action, Close, Send
from electrum_observatory.lab.personalities.errors import ESTIMATION_DISABLED, MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, read_strict
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.personalities.romanz_params import invalid_params, tuple_of, unsigned
from electrum_observatory.lab.personalities.romanz_scripthash import ScripthashMethods
from electrum_observatory.lab.personalities.romanz_transactions import TransactionMethods
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.romanz import RomanzProcess

_PROTOCOL = "1.4"
_MAX_DEPTH = 127
_MAX_HEADERS = 2016
_PARSE_ERROR = MethodError(-32700, "parse error")
_INVALID_REQUEST = MethodError(-32600, "invalid request")
_METHOD_NOT_FOUND, _BAD_REQUEST, _DAEMON_ERROR = -32601, 1, 2
_TARGETS = range(1, 1009)
_Call = Callable[[Json, float], Json]


class Session:
    """One client."""

    def __init__(self, process: "RomanzProcess") -> None:
        self._process = process
        self._gone = False
        self._tips = TipWatch(process.state)
        self._methods = self._table()

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone:
            return []
        try:
            payload = read_strict(line, max_depth=_MAX_DEPTH)
        except NotTextError:
            self._gone = True
            return [Close()]
        except NotJsonError:
            return [self._send(_error(None, _PARSE_ERROR))]
        return [self._send(self._reply(payload, at))]

    def wake(self, at: float) -> Sequence[Action]:
        """Tell a new block to whoever subscribed to headers; answers come at once."""
        node = None if self._gone else self._tips.news(at)
        if node is None:
            return []
        notification = {"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": [_tip(node)]}
        return [self._send(notification)]

    @property
    def next_wake(self) -> float | None:
        """When the next block is told."""
        return None if self._gone else self._tips.due

    def _send(self, reply: Json) -> Send:
        return Send(data=serde_json(reply, signed_exponent=self._process.signed_exponent) + b"\n")

    def _reply(self, payload: Json, at: float) -> Json:
        single = _request(payload)
        if single is not None:
            return self._call(*single, at)
        if not isinstance(payload, list):
            return _error(None, _INVALID_REQUEST)
        requests = [_request(element) for element in payload]
        calls = [request for request in requests if request is not None]
        if len(calls) < len(requests):
            return _error(None, _INVALID_REQUEST)  # one bad element spoils the batch
        return [self._call(*call, at) for call in calls]

    def _call(self, request_id: Json, name: str, params: Json, at: float) -> Json:
        method = self._methods.get(name)
        try:
            if method is None:
                return _error(request_id, MethodError(_METHOD_NOT_FOUND, "method not found"))
            return {"id": request_id, "jsonrpc": "2.0", "result": method(params, at)}
        except MethodError as error:
            return _error(request_id, error)

    def _table(self) -> dict[str, _Call]:
        return {
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.estimatefee": self._estimate_fee,
            "blockchain.headers.subscribe": self._headers_subscribe,
            "blockchain.relayfee": lambda _params, at: self._process.state(at).node.relay_fee,
            **ScripthashMethods(self._process).table(),
            **TransactionMethods(self._process).table(),
            "mempool.get_fee_histogram": lambda _params, at: self._process.histogram(at),
            "server.banner": self._banner,
            "server.donation_address": lambda _params, _at: None,
            "server.features": self._features,
            "server.peers.subscribe": lambda _params, _at: [],
            "server.ping": lambda _params, _at: None,
            "server.version": self._server_version,
        }

    def _server_version(self, params: Json, at: float) -> Json:  # noqa: ARG002
        client, asked = tuple_of(params, 2)
        if not isinstance(client, str):
            raise invalid_params()
        bounds = _version_bounds(asked)
        if self._process.takes_ranges:
            if not _numbers(bounds[0]) <= _numbers(_PROTOCOL) <= _numbers(bounds[-1]):
                raise MethodError(_BAD_REQUEST, f"unsupported request {_debug(bounds)} by {client}")
        elif bounds != (_PROTOCOL,):
            text = f"{client} requested {_debug(bounds)}, server supports {_PROTOCOL}"
            raise MethodError(_BAD_REQUEST, text)
        return [f"electrs/{self._process.version}", _PROTOCOL]

    def _features(self, params: Json, at: float) -> Json:  # noqa: ARG002
        state = self._process.state(at)
        return {
            "genesis_hash": state.node.network.genesis_hash,
            "hash_function": "sha256",
            "hosts": {"tcp_port": state.local_ports.get(Transport.TCP, state.node.network.tcp_port)},
            "protocol_max": _PROTOCOL,
            "protocol_min": _PROTOCOL,
            "pruning": None,
            "server_version": f"electrs/{self._process.version}",
        }

    def _banner(self, params: Json, at: float) -> Json:  # noqa: ARG002
        banner = self._process.state(at).banner
        return f"Welcome to electrs {self._process.version} (Electrum Rust Server)!" if banner is None else banner

    def _headers_subscribe(self, params: Json, at: float) -> Json:  # noqa: ARG002
        return _tip(self._tips.subscribe(at))

    def _block_header(self, params: Json, at: float) -> Json:
        node = self._process.state(at).node
        height = unsigned(*tuple_of(params, 1))
        if height > node.height:
            raise MethodError(_BAD_REQUEST, f"no header at {height}")
        return node.header(height).hex()

    def _block_headers(self, params: Json, at: float) -> Json:
        node = self._process.state(at).node
        start, wanted = (unsigned(value) for value in tuple_of(params, 2))
        heights = range(start, min(node.height + 1, start + min(wanted, _MAX_HEADERS)))
        headers = "".join(node.header(height).hex() for height in heights)
        return {"count": len(heights), "hex": headers, "max": _MAX_HEADERS}

    def _estimate_fee(self, params: Json, at: float) -> Json:
        target = unsigned(*tuple_of(params, 1), below=2**16)
        if target not in _TARGETS:
            raise MethodError(_DAEMON_ERROR, "Invalid conf_target, must be between 1 and 1008")
        node = self._process.state(at).node
        if not node.estimates_fees and not self._process.tolerates_no_estimator:
            raise MethodError(_DAEMON_ERROR, ESTIMATION_DISABLED)
        estimate = node.estimate(target)
        return -1 if estimate is None else estimate


def _request(value: Json) -> tuple[Json, str, Json] | None:
    """Read ``struct Request {id, method, params}``; serde reads it from a list of its fields as well."""
    if isinstance(value, list):
        if not 2 <= len(value) <= 3:
            return None
        value = dict(zip(("id", "method", "params"), value, strict=False))
    if not isinstance(value, dict) or "id" not in value or not isinstance(value.get("method"), str):
        return None
    return value["id"], value["method"], value.get("params")


def _error(request_id: Json, error: MethodError) -> Json:
    return {"error": {"code": error.code, "message": error.message}, "id": request_id, "jsonrpc": "2.0"}


def _tip(node: NodeState) -> Json:
    return {"height": node.height, "hex": node.header(node.height).hex()}


def _version_bounds(asked: Json) -> tuple[str, ...]:
    """``enum Version {Single(String), Range(String, String)}``."""
    bounds = (asked,) if isinstance(asked, str) else tuple(tuple_of(asked, 2))
    if not all(isinstance(bound, str) for bound in bounds):
        raise invalid_params()
    return bounds


def _debug(bounds: tuple[str, ...]) -> str:
    """Rust's ``{:?}`` of that enum."""
    quoted = ", ".join(json.dumps(bound, ensure_ascii=False) for bound in bounds)
    return f"{'Single' if len(bounds) == 1 else 'Range'}({quoted})"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
