"""What a client sent, line by line. The same few questions go to every server, so short ones are read once."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from electrum_observatory.protocol.limits import JsonLimits, refusal

_OWN_LIMITS = JsonLimits(depth=4_000)
SHORT = 1_024
"""Bytes up to which what was read of a request is kept."""


class _Absent:
    """Stands for a member that a request does not have, which is not the same as null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line that a client sent.

    Attributes:
        text: Without its terminator.
        value: What it says; None where it is no JSON.
        is_json: Whether it is JSON.
        utf8: Whether it is UTF-8.
        method: The method where it is a string.
        params: The params as sent, or ABSENT.
        plain: Whether it is an ordinary request: version 2.0, a small integer or a string as id, nothing besides.
    """

    text: bytes
    value: Any
    is_json: bool
    utf8: bool
    method: str | None = field(init=False)
    params: Any = field(init=False)
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        """Read once what every question about a request asks again."""
        method = self.member("method")
        object.__setattr__(self, "method", method if isinstance(method, str) else None)
        object.__setattr__(self, "params", self.member("params"))
        object.__setattr__(self, "plain", self._is_plain())

    def member(self, name: str) -> Any:
        """Return a member of the outermost object, or ABSENT."""
        return self.value.get(name, ABSENT) if isinstance(self.value, dict) else ABSENT

    def _is_plain(self) -> bool:
        if not isinstance(self.value, dict) or not set(self.value) <= {"jsonrpc", "id", "method", "params"}:
            return False
        identity = self.value.get("id")
        usual_id = (type(identity) is int and abs(identity) < 2**31) or isinstance(identity, str)
        return usual_id and self.value.get("jsonrpc") == "2.0" and self.method is not None


class Asked(NamedTuple):
    """What a question is known by: the request, and as in ``turns.Turn`` what it stands in."""

    request: Request
    ready: bool
    alone: bool
    first: bool | None
    after_v2: bool | None


def read_request(text: bytes) -> Request:
    """Read one line of a client."""
    return _read_again(text) if len(text) <= SHORT else _read_request(text)


@lru_cache(maxsize=4_096)
def _read_again(text: bytes) -> Request:
    return _read_request(text)


def _read_request(text: bytes) -> Request:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        return Request(text=text, value=None, is_json=False, utf8=False)
    if refusal(text, _OWN_LIMITS) is None:
        try:
            return Request(text=text, value=json.loads(decoded), is_json=True, utf8=True)
        except (ValueError, RecursionError):
            pass  # no JSON, or nested so deeply that nobody here reads it
    return Request(text=text, value=None, is_json=False, utf8=True)
