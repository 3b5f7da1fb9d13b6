"""The server's side of the codec: what a client's line asks, as far as every program agrees.

Programs differ in what they do with a strange line, so this only reads; the verdict is the caller's.
"""

import json
from dataclasses import dataclass
from typing import TypeAlias

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.limits import refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRequest:
    """One JSON object that a client sent.

    Attributes:
        members: The object as decoded (last of duplicate keys wins), in the order sent.
        method: The method name; None where it is missing or no string.
        params: As sent; None where missing.
        request_id: As sent; None where missing or null (see ``has_id``).
        has_id: Whether an ``id`` member was there at all.
        line: The bytes of the whole line.
    """

    members: dict[str, Json]
    method: str | None
    params: Json
    request_id: Json
    has_id: bool
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientBatch:
    """A JSON list; its elements as decoded."""

    elements: list[Json]
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NotARequest:
    """A line that holds no object and no list.

    Attributes:
        line: The bytes.
        value: The scalar, where it is JSON.
        is_json: Whether it is JSON at all.
        bad_utf8: Whether it is not even text.
    """

    line: bytes
    value: Json
    is_json: bool
    bad_utf8: bool


ClientMessage: TypeAlias = ClientRequest | ClientBatch | NotARequest


def decode_client_message(line: bytes) -> ClientMessage:
    """Read one line that a client sent. Never raises."""
    if refusal(line) is not None:
        return NotARequest(line=line, value=None, is_json=False, bad_utf8=False)
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return NotARequest(line=line, value=None, is_json=False, bad_utf8=True)
    except (ValueError, RecursionError):
        return NotARequest(line=line, value=None, is_json=False, bad_utf8=False)
    if isinstance(value, dict):
        return as_request(value, line)
    if isinstance(value, list):
        return ClientBatch(elements=value, line=line)
    return NotARequest(line=line, value=value, is_json=True, bad_utf8=False)


def as_request(members: dict[str, Json], line: bytes) -> ClientRequest:
    """Read one decoded object (a whole line, or an element of a batch) as a request."""
    method = members.get("method")
    return ClientRequest(
        members=members,
        method=method if isinstance(method, str) else None,
        params=members.get("params"),
        request_id=members.get("id"),
        has_id="id" in members,
        line=line,
    )
