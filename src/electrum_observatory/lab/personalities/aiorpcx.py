"""The JSON-RPC layer below ElectrumX: dialects, ids, batches, and the texts of malformed input.

Follows aiorpcX ``jsonrpc.py``, ``session.py`` and ``handler_invocation``. The first message of a connection fixes the
dialect: ``"jsonrpc":"2.0"`` is strict from then on, ``"1.0"`` gets version 1 replies, no member at all is "loose".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from electrum_observatory.lab.personalities.base import Action
from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, TooDeepError, read_python
from electrum_observatory.lab.personalities.json_text import python_json
from electrum_observatory.lab.personalities.padding import OutgoingWire
from electrum_observatory.model.observation import Json

MAX_LINE_BYTES = 1_000_000
_MAX_DEPTH = 960
"""Python 3.11's limit of 1000 calls, less what asyncio and aiorpcX already use."""

_PARSE_ERROR, _INVALID_REQUEST, _METHOD_NOT_FOUND, _INVALID_ARGUMENTS = -32700, -32600, -32601, -32602


class Dialect(Enum):
    """Which JSON-RPC a connection speaks."""

    V1 = "1.0"
    V2 = "2.0"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One handler and its signature.

    Attributes:
        call: Takes the arguments; the last keyword ``at`` is the time. Raises MethodError.
        required: Names of the arguments that must be given, in order.
        optional: Names of those that may.
        variadic: Whether anything more is taken and ignored.
    """

    call: Callable[..., Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    variadic: bool = False


class Handlers:
    """What a session tells this layer: its methods, and what must happen before any of them."""

    def lookup(self, method: str) -> Method | None:
        """Return the handler of a method that this connection may call now."""
        raise NotImplementedError

    def before_request(self, method: str | None, connection: "Connection", at: float) -> None:
        """Called for every request and notification (``method`` None). Raises MethodError to refuse it."""


class Connection:
    """One connection: takes lines, gives the actions of its wire."""

    def __init__(self, *, wire: OutgoingWire, handlers: Handlers, compact: bool, hangs_on_depth: bool) -> None:
        """Args: ``hangs_on_depth`` is ElectrumX to 1.17: a line nested too deep leaves the session open and dead."""
        self._wire = wire
        self._handlers = handlers
        self._compact = compact
        self._hangs_on_depth = hangs_on_depth
        self._dialect: Dialect | None = None
        self._gone = False
        self._actions: list[Action] = []

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        """Take one line."""
        if self._gone or len(line) > MAX_LINE_BYTES:
            return []
        self._actions = self._wire.wake(at)
        try:
            self._take(line, at)
        except MethodError as error:
            self._write(self.error(error, None), at)
        except TooDeepError:
            self._gone = True
            if not self._hangs_on_depth:
                self._actions += self._wire.close()
        return self._actions

    def wake(self, at: float) -> Sequence[Action]:
        """Let the wire send what has waited."""
        return [] if self._gone else self._wire.wake(at)

    @property
    def next_wake(self) -> float | None:
        """When the wire wants to be woken."""
        return None if self._gone else self._wire.next_wake

    def notify(self, method: str, at: float) -> None:
        """Send a notification without arguments (version 2 leaves ``params`` out then)."""
        if self._dialect is Dialect.V1:
            self._write(self._text({"method": method, "params": [], "id": None}), at)
        else:
            self._write(self._text({"jsonrpc": "2.0", "method": method}), at)

    def error(self, error: MethodError, request_id: Json) -> bytes:
        """The text of an error reply."""
        member = {"code": error.code, "message": error.message}
        if self._dialect is Dialect.V1:
            return self._text({"result": None, "error": member, "id": request_id})
        return self._text({"jsonrpc": "2.0", "error": member, "id": request_id})

    def _take(self, line: bytes, at: float) -> None:
        payload = _parse(line)
        if self._dialect is None:
            self._dialect = _detect(payload)
        if isinstance(payload, dict):
            if "method" in payload:
                self._take_request(payload, at)
        elif isinstance(payload, list) and self._dialect is not Dialect.V1:
            self._take_batch(payload, at)
        else:
            raise MethodError(_INVALID_REQUEST, "request object must be a dictionary")

    def _take_request(self, payload: dict[str, Any], at: float) -> None:
        try:
            request = self._request(payload)
        except _BadRequestError as bad:
            self._write(self.error(bad.error, bad.request_id), at)
            return
        reply, disconnect = self._answer(request, at)
        if reply is not None:
            self._write(reply, at)
        if disconnect:
            self._close()

    def _take_batch(self, payload: list[Json], at: float) -> None:
        if not payload:
            raise MethodError(_INVALID_REQUEST, "batch is empty")
        if all(isinstance(part, dict) and ("result" in part or "error" in part) for part in payload):
            return
        parts: list[bytes] = []
        requests: list[_Request] = []
        for part in payload:
            try:
                requests.append(self._request(part))
            except _BadRequestError as bad:
                parts.append(self.error(bad.error, bad.request_id))
        for position, request in enumerate(requests):
            reply, disconnect = self._answer(request, at)
            if reply is not None:
                parts.append(reply)
            if disconnect:
                # The batch is only sent once it is complete; a program that hangs up before never sends it.
                if position == len(requests) - 1:
                    self._write_batch(parts, at)
                self._close()
                return
        self._write_batch(parts, at)

    def _write_batch(self, parts: list[bytes], at: float) -> None:
        if parts:
            self._write(b"[" + b", ".join(parts) + b"]", at)

    def _answer(self, request: "_Request", at: float) -> tuple[bytes | None, bool]:
        """Return the reply (None for a notification) and whether the connection ends."""
        try:
            result = self._call(request, at)
        except MethodError as error:
            return (self.error(error, request.request_id) if request.expects_reply else None), error.disconnect
        if not request.expects_reply:
            return None, False
        if self._dialect is Dialect.V1:
            return self._text({"result": result, "error": None, "id": request.request_id}), False
        return self._text({"jsonrpc": "2.0", "result": result, "id": request.request_id}), False

    def _call(self, request: "_Request", at: float) -> Json:
        self._handlers.before_request(request.method if request.expects_reply else None, self, at)
        method = self._handlers.lookup(request.method) if request.expects_reply else None
        if method is None:
            raise MethodError(_METHOD_NOT_FOUND, f'unknown method "{request.method}"')
        if isinstance(request.arguments, dict):
            _check_names(request.method, method, request.arguments)
            taken = {
                name: request.arguments[name]
                for name in (*method.required, *method.optional)
                if name in request.arguments
            }
            return method.call(**taken, at=at)
        _check_count(request.method, method, len(request.arguments))
        return method.call(*request.arguments[: len(method.required) + len(method.optional)], at=at)

    def _request(self, payload: Json) -> "_Request":
        """Read one request object. Raises _BadRequestError."""
        if not isinstance(payload, dict):
            raise _BadRequestError(MethodError(_INVALID_REQUEST, "request object must be a dictionary"), None)
        request_id = payload.get("id")
        if self._dialect is Dialect.V1 and "id" not in payload:
            raise _BadRequestError(MethodError(_INVALID_REQUEST, 'request has no "id"'), None)
        if self._dialect is not Dialect.V1 and isinstance(request_id, list | dict):
            raise _BadRequestError(MethodError(_INVALID_REQUEST, f'invalid "id": {request_id}'), None)
        if self._dialect is Dialect.V2 and payload.get("jsonrpc") != "2.0":
            raise _BadRequestError(MethodError(_INVALID_REQUEST, '"jsonrpc" is not "2.0"'), request_id)
        arguments = payload.get("params", None if self._dialect is Dialect.V1 else [])
        if not isinstance(arguments, list if self._dialect is Dialect.V1 else list | dict):
            text = f"invalid request arguments: {arguments}"
            raise _BadRequestError(MethodError(_INVALID_ARGUMENTS, text), request_id)
        if not isinstance(payload.get("method"), str):
            raise _BadRequestError(MethodError(_METHOD_NOT_FOUND, "method must be a string"), request_id)
        return _Request(method=payload["method"], arguments=arguments, request_id=request_id)

    def _write(self, message: bytes, at: float) -> None:
        self._actions += self._wire.write(message, at)

    def _close(self) -> None:
        self._gone = True
        self._actions += self._wire.close()

    def _text(self, payload: Json) -> bytes:
        return python_json(payload, compact=self._compact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    arguments: list[Json] | dict[str, Json]
    request_id: Json

    @property
    def expects_reply(self) -> bool:
        """False for a notification: a request without id, or with null."""
        return self.request_id is not None


class _BadRequestError(Exception):
    def __init__(self, error: MethodError, request_id: Json) -> None:
        super().__init__(error.message)
        self.error = error
        self.request_id = request_id


def _parse(line: bytes) -> Json:
    try:
        return read_python(line, max_depth=_MAX_DEPTH)
    except TooDeepError:
        raise
    except NotTextError as error:
        raise MethodError(_PARSE_ERROR, "messages must be encoded in UTF-8") from error
    except NotJsonError as error:
        raise MethodError(_PARSE_ERROR, "invalid JSON") from error


def _detect(payload: Json) -> Dialect:
    """Choose as ``JSONRPCAutoDetect.detect_protocol`` does."""
    if not isinstance(payload, list):
        return _detect_one(payload)
    found = {_detect_one(part) for part in payload}
    if len(found) == 1:
        return found.pop()
    return next((dialect for dialect in (Dialect.V2, Dialect.V1) if dialect in found), Dialect.LOOSE)


def _detect_one(payload: Json) -> Dialect:
    if not isinstance(payload, dict):
        return Dialect.LOOSE
    if payload.get("jsonrpc") == "2.0":
        return Dialect.V2
    if payload.get("jsonrpc") == "1.0" or ("result" in payload and "error" in payload):
        return Dialect.V1
    return Dialect.LOOSE


def _check_count(name: str, method: Method, given: int) -> None:
    plural = "" if given == 1 else "s"
    if given < len(method.required):
        text = f'{given} argument{plural} passed to method "{name}" but it requires {len(method.required)}'
        raise MethodError(_INVALID_ARGUMENTS, text)
    most = len(method.required) + len(method.optional)
    if given > most and not method.variadic:
        text = f"{given} argument{plural} passed to method {name} taking at most {most}"
        raise MethodError(_INVALID_ARGUMENTS, text)


def _check_names(name: str, method: Method, given: dict[str, Json]) -> None:
    missing = sorted(set(method.required) - set(given))
    if missing:
        raise MethodError(_INVALID_ARGUMENTS, f'method "{name}" requires {_parameters(missing)}')
    excess = sorted(set(given) - set(method.required) - set(method.optional))
    if excess and not method.variadic:
        raise MethodError(_INVALID_ARGUMENTS, f'method "{name}" does not take {_parameters(excess)}')


def _parameters(names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"parameter{'' if len(names) == 1 else 's'} {quoted}"
