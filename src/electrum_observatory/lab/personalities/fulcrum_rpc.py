"""Fulcrum's JSON-RPC layer: sorted keys, CRLF, its texts for malformed input, and when it hangs up.

``src/RPC.cpp`` (``Message::fromJsonData``, ``ConnectionBase::processJson``, ``BatchProcessor``), ``src/RPCMsgId.cpp``.
Answers that need bitcoind arrive a little later than the others, so the others overtake them.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from electrum_observatory.lab.personalities.base import Action, Close, Send
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, read_strict
from electrum_observatory.lab.personalities.json_text import fulcrum_json
from electrum_observatory.lab.personalities.tip_watch import soonest
from electrum_observatory.model.observation import Json

BITCOIND_SECONDS = 0.0015
"""How long a round trip to bitcoind takes here (recorded: 1–2 ms)."""

_MAX_DEPTH = 1024
_SHOWN_BYTES = 80
_MAX_BAD = 10
_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND, _INVALID_PARAMS = -32700, -32600, -32601, -32602
_UNEXPECTED_RESPONSE = -31999
_INT64, _UINT64 = 2**63, 2**64
_ID_TYPES = "Expected a string, a non-fractional number, or null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One handler.

    Attributes:
        call: Takes the parameter list and the time. Raises MethodError.
        least: Fewest parameters.
        most: Most parameters; None for any number.
        asks_bitcoind: Whether the answer comes only after a round trip to bitcoind, or a look into the database.
    """

    call: Callable[[list[Json], float], Json]
    least: int = 0
    most: int | None = 0
    asks_bitcoind: bool = False


class Client(Protocol):
    """What a session tells this layer."""

    def lookup(self, name: str) -> Method | None:
        """Return the method of a name, None where there is none."""

    @property
    def next_wake(self) -> float | None:
        """When it has something to say by itself."""

    def news(self, at: float) -> tuple[str, Json] | None:
        """Return method and parameter of the notification that is due; None where none is."""


class Connection:
    """One connection."""

    def __init__(self, *, session: Client, terminator: bytes, time_scale: float, wants_jsonrpc: bool) -> None:
        """Take whose methods are called, and how the wire is written."""
        self._session = session
        self._terminator = terminator
        self._round_trip = BITCOIND_SECONDS / time_scale
        self._wants_jsonrpc = wants_jsonrpc
        self._later: list[tuple[float, int, bytes]] = []
        self._sent_later = 0
        self._bad = 0
        self._gone = False

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone:
            return []
        actions = self._due(at)
        reply = self._reply_to_line(line, at)
        if self._bad >= _MAX_BAD:
            return [*actions, self._close()]
        if reply is None:
            return actions
        if reply.late:
            self._sent_later += 1
            heapq.heappush(self._later, (at + self._round_trip, self._sent_later, reply.text))
            return actions
        actions.append(self._send(reply.text))
        if reply.disconnect:
            actions.append(self._close())
        return actions

    def wake(self, at: float) -> Sequence[Action]:
        """Send the answers that bitcoind has given by now, and news of a block."""
        return [] if self._gone else self._due(at)

    @property
    def next_wake(self) -> float | None:
        """When the next answer of bitcoind arrives, or a block is told."""
        answer = self._later[0][0] if self._later else None
        return None if self._gone else soonest(answer, self._session.next_wake)

    def _due(self, at: float) -> list[Action]:
        actions: list[Action] = []
        while self._later and self._later[0][0] <= at:
            actions.append(self._send(heapq.heappop(self._later)[2]))
        news = self._session.news(at)
        if news is not None:
            text = fulcrum_json({"jsonrpc": "2.0", "method": news[0], "params": [news[1]]})
            actions.append(self._send(text))
        return actions

    def _send(self, text: bytes) -> Send:
        return Send(data=text + self._terminator)

    def _close(self) -> Close:
        self._gone = True
        return Close()

    def _reply_to_line(self, line: bytes, at: float) -> "_Reply | None":
        try:
            payload = read_strict(line, max_depth=_MAX_DEPTH, integers=range(-_INT64, _UINT64))
        except NotJsonError:
            return self._failure(MethodError(_PARSE_ERROR, f"Failed to parse Json from string: {_shown(line)}"), None)
        if isinstance(payload, str):
            payload = [payload]  # recorded: a JSON string is answered like a batch of one bad element
        if isinstance(payload, list) and payload:
            return self._reply_to_batch(payload, at)
        return self._reply_to_object(payload, at)

    def _reply_to_batch(self, payload: list[Json], at: float) -> "_Reply | None":
        replies = [self._reply_to_object(element, at) for element in payload]
        answered = [reply for reply in replies if reply is not None]
        if not answered:
            return None
        # Elements that wait for bitcoind complete last; the batch is sent when all are there.
        texts = [reply.text for reply in sorted(answered, key=lambda reply: reply.late)]
        return _Reply(
            text=b"[" + b",".join(texts) + b"]",
            late=any(reply.late for reply in answered),
            disconnect=any(reply.disconnect for reply in answered),
        )

    def _reply_to_object(self, payload: Json, at: float) -> "_Reply | None":
        if not isinstance(payload, dict):
            return self._failure(MethodError(_INVALID_REQUEST, "Invalid request"), None)
        try:
            request_id = _request_id(payload.get("id"))
        except MethodError as error:
            return self._failure(error, None)
        try:
            name, params = self._read(payload, request_id)
            if "id" not in payload:
                return None
            method = self._method(name)
            result = method.call(_arguments(name, method, params), at)
        except MethodError as error:
            return self._failure(error, request_id)
        self._bad -= 1
        text = fulcrum_json({"id": request_id, "jsonrpc": "2.0", "result": result})
        return _Reply(text=text, late=method.asks_bitcoind, disconnect=False)

    def _method(self, name: str) -> Method:
        method = self._session.lookup(name)
        if method is None:
            raise MethodError(_METHOD_NOT_FOUND, f"Unsupported request: {name}")
        return method

    def _read(self, payload: dict[str, Json], request_id: Json) -> tuple[str, Json]:
        """Return method name and parameters (None where missing)."""
        if "method" not in payload:
            raise _not_a_request(payload, request_id)
        if self._wants_jsonrpc and payload.get("jsonrpc") != "2.0":
            raise MethodError(_INVALID_REQUEST, "Expected jsonrpc version 2.0")
        if set(payload) - {"id", "jsonrpc", "method", "params"}:
            raise MethodError(_INVALID_REQUEST, "Invalid request")
        if not isinstance(payload["method"], str) or not payload["method"]:
            raise MethodError(_INVALID_REQUEST, "Invalid method")
        if "params" in payload and not isinstance(payload["params"], list | dict):
            raise MethodError(_INVALID_REQUEST, "Invalid params")
        return payload["method"], payload.get("params")

    def _failure(self, error: MethodError, request_id: Json) -> "_Reply":
        if error.code is not None and error.code < 0:
            self._bad += 1
        member = {"code": error.code, "message": error.message}
        text = fulcrum_json({"error": member, "id": request_id, "jsonrpc": "2.0"})
        return _Reply(text=text, late=error.code == 2, disconnect=error.disconnect)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    text: bytes
    late: bool
    disconnect: bool


def _request_id(value: Json) -> Json:
    """The id as Fulcrum keeps it: an int64, a string or null. Raises MethodError."""
    problem = None
    if isinstance(value, bool):
        problem = "Booleans are not supported"
    elif isinstance(value, float):
        if value == int(value) and -_INT64 <= value < _INT64:
            return int(value)
        problem = _ID_TYPES
    elif isinstance(value, int) and not -_INT64 <= value < _INT64:
        problem = "Unable to convert to int64 from qulonglong"
    elif isinstance(value, list | dict):
        problem = _ID_TYPES
    if problem is not None:
        raise MethodError(_INVALID_REQUEST, f'Error parsing JSON key "id": {problem}')
    return value


def _not_a_request(payload: dict[str, Json], request_id: Json) -> MethodError:
    if "result" in payload:
        return MethodError(_UNEXPECTED_RESPONSE, f"Unexpected response (id: {request_id})")
    if "error" in payload:
        return MethodError(_INVALID_REQUEST, "Not a valid request object", disconnect=True)
    return MethodError(_INVALID_REQUEST, "Invalid JSON RPC object")


def _arguments(name: str, method: Method, params: Json) -> list[Json]:
    if isinstance(params, dict):
        raise MethodError(_INVALID_PARAMS, "Named params are not supported for this method")
    if params is None:
        if method.least:
            raise MethodError(_INVALID_PARAMS, "Missing required params")
        return []
    given: list[Json] = params
    for bound, wrong, limit in (
        ("least", len(given) < method.least, method.least),
        ("most", method.most is not None and len(given) > method.most, method.most),
    ):
        if wrong:
            plural = "" if limit == 1 else "s"
            text = f"Expected at {bound} {limit} parameter{plural} for {name}, got {len(given)} instead"
            raise MethodError(_INVALID_PARAMS, text)
    return given


def _shown(line: bytes) -> str:
    """The first 80 bytes as Fulcrum quotes them: whatever is not printable ASCII becomes ``?``."""
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in line[:_SHOWN_BYTES])
    return shown + ("..." if len(line) > _SHOWN_BYTES else "")
