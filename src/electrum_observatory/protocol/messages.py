"""Electrum messages in meaning: JSON-RPC 2.0 lines, for the client that asks and the server that answers.

Raw bytes always travel beside the meaning. msgspec decodes; what it refuses is tried with the standard library,
which accepts more (NaN, lone surrogates, huge integers); which of the two accepted is kept, since tolerance tells
programs apart.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import msgspec

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.limits import USUAL_LIMITS, JsonLimits, refusal

RequestId: TypeAlias = int | str
_MEMBER_NAME = re.compile(r'[\s,]*(?P<name>"(?:[^"\\]|\\.)*+")\s*:\s*')
_DECODER = json.JSONDecoder()


class Parser(StrEnum):
    """The first parser that accepted a line."""

    STRICT = "strict"
    TOLERANT = "tolerant"


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcError:
    """A JSON-RPC error reply: a result like any other.

    Attributes:
        code: As sent; None where the server sends a bare string (esplora family) or no code (EPS).
        message: As sent.
        bare_string: True where the error member was a string instead of an object.
    """

    code: int | None
    message: str
    bare_string: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to one request.

    Attributes:
        request_id: As echoed.
        result: Decoded; None for JSON null and for error replies.
        error: The error, or None for a result.
        line: The bytes, terminator and padding included.
        result_text: The bytes of the result member as they stood in the line; None for error replies.
        parser: Which parser accepted it.
    """

    request_id: Json
    result: Json
    error: RpcError | None
    line: bytes
    result_text: bytes | None
    parser: Parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message without id that the server sent unasked."""

    method: str
    params: Json
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unintelligible:
    """A line that is no Electrum message.

    Attributes:
        line: The bytes.
        is_json: Whether a parser accepted it at all.
        why: For a person.
    """

    line: bytes
    is_json: bool
    why: str


ServerMessage: TypeAlias = Reply | Notification | Unintelligible


class _Envelope(msgspec.Struct):
    """The members of a JSON-RPC message, each still raw or absent."""

    id: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    method: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    params: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ANY = msgspec.json.Decoder()


def encode_request(request_id: RequestId, method: str, params: Sequence[Json] = ()) -> bytes:
    """Return one request as a line: compact, ``jsonrpc`` first, newline at the end."""
    message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": list(params)}
    return msgspec.json.encode(message) + b"\n"


def decode_server_message(
    line: bytes, limits: JsonLimits = USUAL_LIMITS, decode: Callable[[bytes], Json] = _ANY.decode
) -> ServerMessage:
    """Read one line that a server sent. Never raises: what cannot be read is :class:`Unintelligible`.

    ``decode`` decodes results, and raises what msgspec raises.
    """
    why = refusal(line, limits)
    if why is not None:
        return Unintelligible(line=line, is_json=False, why=why)
    try:
        envelope = _ENVELOPE.decode(line)
        return _from_envelope(envelope, line, decode)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _tolerant(line)


def result_text(line: bytes) -> bytes | None:
    """Return the bytes of the ``result`` member of a reply line, without reading what they say; None without one."""
    if refusal(line) is not None:
        return None
    try:
        envelope = _ENVELOPE.decode(line)
        error = _decode_raw(envelope.error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        message = _tolerant(line)
        return message.result_text if isinstance(message, Reply) else None
    if isinstance(envelope.result, msgspec.UnsetType) or error is not None:
        return None
    return bytes(envelope.result).strip()


def _from_envelope(envelope: _Envelope, line: bytes, decode: Callable[[bytes], Json]) -> ServerMessage:
    if envelope.error is not msgspec.UNSET and (error := _decode_raw(envelope.error)) is not None:
        return _reply(_decode_raw(envelope.id), None, _rpc_error(error), line, None, Parser.STRICT)
    if not isinstance(envelope.result, msgspec.UnsetType):
        text = bytes(envelope.result).strip()  # white space may have been kept around the member
        return _reply(_decode_raw(envelope.id), decode(text), None, line, text, Parser.STRICT)
    method = _decode_raw(envelope.method)
    if isinstance(method, str):
        return Notification(method=method, params=_decode_raw(envelope.params), line=line)
    return Unintelligible(line=line, is_json=True, why="neither result, error nor method")


def _decode_raw(raw: msgspec.Raw | msgspec.UnsetType) -> Json:
    return None if isinstance(raw, msgspec.UnsetType) else _ANY.decode(raw)


def _tolerant(line: bytes) -> ServerMessage:
    try:
        # As text: given bytes, the library would guess UTF-16 and UTF-32, in which limits cannot be told by bytes.
        message = json.loads(line.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        return Unintelligible(line=line, is_json=False, why=str(error)[:200])
    if isinstance(message, list):
        return Unintelligible(line=line, is_json=True, why="a batch, though no batch was asked")
    if not isinstance(message, dict):
        return Unintelligible(line=line, is_json=True, why="not an object")
    if message.get("error") is not None:
        return _reply(message.get("id"), None, _rpc_error(message["error"]), line, None, Parser.TOLERANT)
    if "result" in message:
        text = _tolerant_result_text(line)
        return _reply(message.get("id"), message["result"], None, line, text, Parser.TOLERANT)
    if isinstance(message.get("method"), str):
        return Notification(method=message["method"], params=message.get("params"), line=line)
    return Unintelligible(line=line, is_json=True, why="neither result, error nor method")


def _tolerant_result_text(line: bytes) -> bytes | None:
    """Return the bytes of the object's own result member, the last one where there are several.

    Walks the members one by one: "result" may also occur inside of another member.
    """
    text = line.decode("utf-8", "surrogateescape")
    found: str | None = None
    at = text.index("{") + 1
    while (key := _MEMBER_NAME.match(text, at)) is not None:
        name = json.loads(key.group("name"), strict=False)
        _, at = _DECODER.raw_decode(text, key.end())
        if name == "result":
            found = text[key.end() : at]
    return None if found is None else found.encode("utf-8", "surrogateescape")


def _reply(
    request_id: Json, result: Json, error: RpcError | None, line: bytes, text: bytes | None, parser: Parser
) -> Reply:
    return Reply(request_id=request_id, result=result, error=error, line=line, result_text=text, parser=parser)


def _rpc_error(error: Json) -> RpcError:
    if isinstance(error, Mapping):
        code, message = error.get("code"), error.get("message")
        return RpcError(
            code=code if isinstance(code, int) and not isinstance(code, bool) else None,
            message=message if isinstance(message, str) else json.dumps(message),
        )
    if isinstance(error, str):
        return RpcError(code=None, message=error, bare_string=True)
    return RpcError(code=None, message=json.dumps(error))
