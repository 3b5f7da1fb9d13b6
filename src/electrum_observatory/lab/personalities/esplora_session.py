"""What one connection to electrs-esplora or mempool-electrs answers, and what makes it hang up.

A request has ``method``, ``params`` (a list) and ``id``. What each build says to anything else, and how it writes the
error of a method, is data (``esplora_builds``).
"""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from electrum_observatory.lab.merkle import branch_and_root, double_sha256
from electrum_observatory.lab.personalities.base import Action, Close, Send
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.esplora_builds import INTERNAL_ERROR, INVALID_PARAMS, Refusal
from electrum_observatory.lab.personalities.esplora_params import unsigned
from electrum_observatory.lab.personalities.esplora_scripthash import ScripthashMethods
from electrum_observatory.lab.personalities.esplora_transactions import TransactionMethods
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, read_strict
from electrum_observatory.lab.personalities.json_text import serde_json
from electrum_observatory.lab.personalities.tip_watch import TipWatch
from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.observation import Json

if TYPE_CHECKING:
    from electrum_observatory.lab.personalities.esplora import EsploraProcess

_MAX_DEPTH = 127
_MAX_HEADERS = 2016
_Call = Callable[[list[Json], float], Json]


class _HangUpError(Exception):
    """The program's handler fails as a whole, and with it the connection."""


class Session:
    """One client."""

    def __init__(self, process: "EsploraProcess") -> None:
        self._process = process
        self._build = process.build
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
            text = line.decode()
            return self._refused(self._build.not_json, {}, cause=error, line=text, bare_line=text.rstrip("\r\n"))
        if not isinstance(payload, list) or self._build.most_in_batch < 0:
            return self._reply_to_one(payload, at)
        if len(payload) > self._build.most_in_batch:
            raise _HangUpError
        return [self._reply_to_one(element, at) for element in payload]

    def _reply_to_one(self, payload: Json, at: float) -> Json:
        request = payload if isinstance(payload, dict) else {}
        name, params = request.get("method"), request.get("params", [])
        answered = {"id": request["id"]} if "id" in request else {}
        if not isinstance(name, str) or not isinstance(params, list) or not answered:
            return self._refused(self._build.bad_request, answered, request=serde_json(payload).decode())
        method = self._methods.get(name)
        if method is None:
            return self._refused(self._build.unknown_method, answered, method=name, params=_debug(params, top=True))
        try:
            return {**answered, "jsonrpc": "2.0", "result": method(params, at)}
        except MethodError as error:
            return {**answered, "error": self._member(error), "jsonrpc": "2.0"}

    def _refused(
        self,
        refusal: Refusal | None,
        answered: dict[str, Json],
        *,
        cause: Exception | None = None,
        **shown: str,
    ) -> Json:
        if refusal is None:
            raise _HangUpError from cause
        without: dict[str, Json] = {"id": None} if refusal.null_id else {}
        member = {"code": refusal.code, "message": refusal.text.format(**shown)}
        return {**(answered or without), "error": member, "jsonrpc": "2.0"}

    def _member(self, error: MethodError) -> Json:
        """What stands in an error's place: its text, or in later builds an object."""
        if not self._build.coded:
            return error.message
        code = INTERNAL_ERROR if error.code is None else error.code
        return {"code": self._build.bad_params if code == INVALID_PARAMS else code, "message": error.message}

    def _table(self) -> dict[str, _Call]:
        return {
            "blockchain.block.header": self._block_header,
            "blockchain.block.headers": self._block_headers,
            "blockchain.estimatefee": self._estimate_fee,
            "blockchain.headers.subscribe": self._headers_subscribe,
            "blockchain.relayfee": lambda _params, at: self._process.relay_fee(at),
            **ScripthashMethods(self._process).table(),
            **TransactionMethods(self._process).table(),
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
        height, checkpoint = unsigned(params, 0, "height"), unsigned(params, 1, "cp_height", default=0)
        if height > node.height:
            raise MethodError(None, "missing header")
        raw = node.header(height).hex()
        return {"header": raw, **_proof(node, checkpoint, height)} if checkpoint else raw

    def _block_headers(self, params: list[Json], at: float) -> Json:
        node = self._process.state(at).node
        start = unsigned(params, 0, "start_height")
        count = min(_MAX_HEADERS, unsigned(params, 1, "count"))
        checkpoint = unsigned(params, 2, "cp_height", default=0)
        headers = [node.header(height).hex() for height in range(start, min(start + count, node.height + 1))]
        result = {"count": len(headers), "hex": "".join(headers), "max": _MAX_HEADERS}
        return {**result, **_proof(node, checkpoint, start + count - 1)} if count and checkpoint else result

    def _estimate_fee(self, params: list[Json], at: float) -> Json:
        target = unsigned(params, 0, "blocks_count")
        estimate = self._process.estimate(target % 2**16, at)
        if estimate is None:
            raise MethodError(None, f"cannot estimate fee for {target} blocks")
        return estimate


def _tip(node: NodeState) -> Json:
    return {"height": node.height, "hex": node.header(node.height).hex()}


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
