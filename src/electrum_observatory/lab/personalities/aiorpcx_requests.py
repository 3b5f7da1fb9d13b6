"""What aiorpcX makes of a client's line: its dialect, its requests, and the refusals of malformed ones.

aiorpcX ``jsonrpc.py``: ``JSONRPCAutoDetect.detect_protocol``, ``_message_to_payload``, ``_message_id`` and
``_request_args``.
"""

from dataclasses import dataclass
from enum import Enum

from electrum_observatory.lab.personalities.errors import MethodError
from electrum_observatory.lab.personalities.json_reading import NotJsonError, NotTextError, TooDeepError, read_python
from electrum_observatory.model.observation import Json

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_ARGUMENTS = -32700, -32600, -32601, -32602

_MAX_DEPTH = 960
"""Python 3.11's limit of 1000 calls, less what asyncio and aiorpcX already use."""


class Dialect(Enum):
    """Which JSON-RPC a connection speaks."""

    V1 = "1.0"
    V2 = "2.0"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request or notification.

    Attributes:
        method: Its method.
        arguments: By position or by name.
        request_id: As sent; None for a notification.
    """

    method: str
    arguments: list[Json] | dict[str, Json]
    request_id: Json

    @property
    def expects_reply(self) -> bool:
        """False for a notification: a request without id, or with null."""
        return self.request_id is not None


class BadRequestError(Exception):
    """An object that is no request; the error reply it gets carries ``request_id``."""

    def __init__(self, code: int, message: str, request_id: Json = None) -> None:
        super().__init__(message)
        self.error = MethodError(code, message)
        self.request_id = request_id


def parse(line: bytes) -> Json:
    """Read a line. Raises TooDeepError, or MethodError for what is no JSON."""
    try:
        return read_python(line, max_depth=_MAX_DEPTH)
    except TooDeepError:
        raise
    except NotTextError as error:
        raise MethodError(PARSE_ERROR, "messages must be encoded in UTF-8") from error
    except NotJsonError as error:
        raise MethodError(PARSE_ERROR, "invalid JSON") from error


def detect(payload: Json) -> Dialect:
    """Say which dialect the first message of a connection fixes."""
    if not isinstance(payload, list):
        return _detect_one(payload)
    found = {_detect_one(part) for part in payload}
    if len(found) == 1:
        return found.pop()
    return next((dialect for dialect in (Dialect.V2, Dialect.V1) if dialect in found), Dialect.LOOSE)


def read_request(payload: Json, dialect: Dialect | None) -> Request:
    """Read one request object. Raises BadRequestError."""
    if not isinstance(payload, dict):
        raise BadRequestError(INVALID_REQUEST, "request object must be a dictionary")
    request_id = payload.get("id")
    if dialect is Dialect.V1 and "id" not in payload:
        raise BadRequestError(INVALID_REQUEST, 'request has no "id"')
    if dialect is not Dialect.V1 and isinstance(request_id, list | dict):
        raise BadRequestError(INVALID_REQUEST, f'invalid "id": {request_id}')
    if dialect is Dialect.V2 and payload.get("jsonrpc") != "2.0":
        raise BadRequestError(INVALID_REQUEST, '"jsonrpc" is not "2.0"', request_id)
    arguments = payload.get("params", None if dialect is Dialect.V1 else [])
    if not isinstance(arguments, list if dialect is Dialect.V1 else list | dict):
        raise BadRequestError(INVALID_ARGUMENTS, f"invalid request arguments: {arguments}", request_id)
    if not isinstance(payload.get("method"), str):
        raise BadRequestError(METHOD_NOT_FOUND, "method must be a string", request_id)
    return Request(method=payload["method"], arguments=arguments, request_id=request_id)


def _detect_one(payload: Json) -> Dialect:
    if not isinstance(payload, dict):
        return Dialect.LOOSE
    if payload.get("jsonrpc") == "2.0":
        return Dialect.V2
    if payload.get("jsonrpc") == "1.0" or ("result" in payload and "error" in payload):
        return Dialect.V1
    return Dialect.LOOSE
