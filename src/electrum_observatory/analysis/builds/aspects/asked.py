"""Which question a request asks, as far as programs take it differently.

Each row is an aspect and the requests that it is read from: by what they say, not by which probe sent them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from electrum_observatory.analysis.builds.requests import ABSENT, Asked

_KNOWN_SPACES = re.compile(r"(server|blockchain|mempool|daemon)\.|getinfo$|$")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_UNKNOWN_TO_ALL = frozenset({"getinfo", "blockchain.numblocks.subscribe"})
_NO_ARGUMENTS = frozenset({"server.banner", "server.features", "server.donation_address", "server.peers.subscribe"})
_RIGHT_NAMES = (frozenset({"height"}), frozenset({"height", "cp_height"}))
_BEYOND, _BILLION, _WRAP = 10**7, 10**9, 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of request.

    Attributes:
        aspect: What its outcome is called.
        asks: Whether a request asks it, where it stands.
    """

    aspect: str
    asks: Callable[[Asked], bool]


def _is_method(turn: Asked, *methods: str) -> bool:
    return turn.request.plain and turn.request.method in methods and turn.ready


def _params(turn: Asked) -> Any:
    return turn.request.params


def _one(turn: Asked) -> Any:
    """Return the only parameter, or ABSENT."""
    params = turn.request.params
    return params[0] if isinstance(params, list) and len(params) == 1 else ABSENT


def _height(turn: Asked) -> int | None:
    value = _one(turn)
    return value if type(value) is int else None


def _scripthash(turn: Asked) -> Any:
    return _one(turn) if _is_method(turn, "blockchain.scripthash.get_balance") else ABSENT


def _ping_with(turn: Asked, member: str) -> Any:
    """Return a member of a ping that is ordinary but for it."""
    request = turn.request
    usual = {"jsonrpc", "id", "method", "params"}
    if request.method != "server.ping" or request.params not in ([], ABSENT) or not turn.ready:
        return ABSENT
    if set(request.value) - usual - {member} or (member != "jsonrpc" and request.member("jsonrpc") != "2.0"):
        return ABSENT
    return request.member(member)


def _odd_id(turn: Asked, wanted: Callable[[Any], bool]) -> bool:
    identity = _ping_with(turn, "id")
    return identity is not ABSENT and wanted(identity)


def _batch(turn: Asked) -> list[Any] | None:
    value = turn.request.value
    return value if isinstance(value, list) and turn.ready and turn.alone else None


def _is_request(element: Any) -> bool:
    return isinstance(element, dict) and element.get("id") is not None and isinstance(element.get("method"), str)


def _raw(turn: Asked) -> bytes | None:
    """Return the text of a message that is no JSON."""
    return None if turn.request.is_json or not turn.ready or not turn.alone else turn.request.text


QUESTIONS: tuple[Question, ...] = tuple(
    Question(aspect=aspect, asks=asks)
    for aspect, asks in (
        ("not_json", lambda t: (_raw(t) or b"").isalpha() or b"hello" in (_raw(t) or b"")),
        ("not_utf8", lambda t: _raw(t) is not None and not t.request.utf8),
        ("json_scalar", lambda t: type(t.request.value) in (int, type(None)) and t.request.is_json and t.ready),
        ("json_string", lambda t: isinstance(t.request.value, str) and t.ready),
        ("empty_object", lambda t: t.request.value == {} and t.ready),
        (
            "version_member_dropped",
            lambda t: (
                t.request.method == "server.ping"
                and set(t.request.value) == {"id", "method", "params"}
                and t.after_v2 is True
                and t.ready
            ),
        ),
        ("version_member_other", lambda t: _ping_with(t, "jsonrpc") not in (ABSENT, "2.0") and t.after_v2 is True),
        (
            "version_member_missing_first",
            lambda t: (
                t.first is True
                and isinstance(t.request.value, dict)
                and t.request.member("jsonrpc") is ABSENT
                and t.request.method == "server.version"
            ),
        ),
        (
            "extra_member",
            lambda t: (
                t.request.method == "server.ping"
                and t.request.member("jsonrpc") == "2.0"
                and t.request.params == []
                and set(t.request.value) - {"jsonrpc", "id", "method", "params"} != set()
                and t.ready
            ),
        ),
        (
            "method_missing",
            lambda t: (
                isinstance(t.request.value, dict) and set(t.request.value) == {"jsonrpc", "id", "params"} and t.ready
            ),
        ),
        (
            "method_not_string",
            lambda t: not isinstance(t.request.member("method"), str | type(ABSENT)) and t.ready,
        ),
        ("method_empty", lambda t: t.request.plain and t.request.method == "" and t.ready),
        (
            "unknown_method",
            lambda t: (
                t.request.plain
                and t.ready
                and t.request.params == []
                and (t.request.method in _UNKNOWN_TO_ALL or not _KNOWN_SPACES.match(t.request.method or ""))
            ),
        ),
        ("named_params", lambda t: _is_method(t, "blockchain.block.header") and _names(t) in _RIGHT_NAMES),
        (
            "misnamed_params",
            lambda t: (
                _is_method(t, "blockchain.scripthash.get_balance", "blockchain.block.header") and _names(t) == {"foo"}
            ),
        ),
        (
            "scalar_params",
            lambda t: _is_method(t, "server.banner") and not isinstance(_params(t), list | dict | type(ABSENT)),
        ),
        (
            "too_few_params",
            lambda t: _is_method(t, "blockchain.block.header", "blockchain.estimatefee") and _params(t) == [],
        ),
        ("missing_params", lambda t: _is_method(t, "blockchain.block.header") and _params(t) is ABSENT),
        ("too_many_params", lambda t: _is_method(t, "blockchain.block.header") and _count(t) == 3),
        ("ping_with_argument", lambda t: _is_method(t, "server.ping") and _one(t) is not ABSENT),
        ("banner_with_argument", lambda t: _is_method(t, *_NO_ARGUMENTS) and _one(t) is not ABSENT),
        ("scripthash_short", lambda t: isinstance(_scripthash(t), str) and 2 <= len(_scripthash(t)) < 64),
        ("scripthash_long", lambda t: isinstance(_scripthash(t), str) and len(_scripthash(t)) == 66),
        ("scripthash_upper", lambda t: _is_upper(_scripthash(t))),
        ("scripthash_not_text", lambda t: not isinstance(_scripthash(t), str | type(ABSENT))),
        ("header_negative", lambda t: _header(t) is not None and (_header(t) or 0) < 0),
        ("header_beyond_tip", lambda t: _BEYOND <= (_header(t) or 0) < _BILLION),
        ("header_billion", lambda t: _header(t) == _BILLION),
        ("header_wrapped", lambda t: _header(t) == _WRAP),
        ("header_as_text", lambda t: _is_method(t, "blockchain.block.header") and isinstance(_one(t), str)),
        (
            "header_checkpoint_beyond",
            lambda t: _is_method(t, "blockchain.block.header") and _checkpoint_beyond(_params(t)),
        ),
        ("headers_billion", lambda t: _headers(t) is not None and (_headers(t) or [0])[0] == _BILLION),
        ("headers_negative_count", lambda t: _headers(t) is not None and (_headers(t) or [0, 0])[1] < 0),
        ("transaction_malformed", lambda t: _is_method(t, "blockchain.transaction.get") and _one(t) == "zz"),
        ("transaction_unknown", lambda t: _is_method(t, "blockchain.transaction.get") and _one(t) == "0" * 64),
        (
            "transaction_verbose_junk",
            lambda t: _is_method(t, "blockchain.transaction.get") and _count(t) == 2 and _params(t)[1] == "x",
        ),
        ("merkle_unknown", lambda t: _is_method(t, "blockchain.transaction.get_merkle") and _merkle(_params(t))),
        ("position_beyond", lambda t: _is_method(t, "blockchain.transaction.id_from_pos") and _position(_params(t))),
        ("empty_batch", lambda t: _batch(t) == []),
        ("batch_of_two", lambda t: len(_batch(t) or ()) == 2 and all(map(_is_request, _batch(t) or ()))),
        ("id_null", lambda t: _odd_id(t, lambda i: i is None)),
        ("id_fraction", lambda t: _odd_id(t, lambda i: isinstance(i, float) and not i.is_integer())),
        ("id_boolean", lambda t: _odd_id(t, lambda i: isinstance(i, bool))),
        ("id_list", lambda t: _odd_id(t, lambda i: isinstance(i, list | dict))),
        ("id_beyond_64_bits", lambda t: _odd_id(t, lambda i: type(i) is int and i >= 2**64)),
        ("byte_order_mark", lambda t: (_raw(t) or b"").startswith(b"\xef\xbb\xbf")),
        (
            "not_a_number",
            lambda t: _raw(t) is None and "block.header" in (t.request.method or "") and _nan(_one(t)) and t.ready,
        ),
        (
            "unasked_response",
            lambda t: (
                isinstance(t.request.value, dict) and set(t.request.value) == {"jsonrpc", "id", "result"} and t.ready
            ),
        ),
    )
)
"""Every question with an answer that tells programs apart."""


def _names(turn: Asked) -> set[str]:
    params = turn.request.params
    return set(params) if isinstance(params, dict) else set()


def _count(turn: Asked) -> int:
    params = turn.request.params
    return len(params) if isinstance(params, list) else -1


def _header(turn: Asked) -> int | None:
    return _height(turn) if _is_method(turn, "blockchain.block.header") else None


def _headers(turn: Asked) -> list[int] | None:
    params = turn.request.params
    if not _is_method(turn, "blockchain.block.headers") or _count(turn) != 2:
        return None
    return params if all(type(value) is int for value in params) else None


def _checkpoint_beyond(params: Any) -> bool:
    return isinstance(params, list) and len(params) == 2 and type(params[1]) is int and params[1] >= _BEYOND


def _merkle(params: Any) -> bool:
    return isinstance(params, list) and len(params) == 2 and params[0] == "0" * 64


def _position(params: Any) -> bool:
    return isinstance(params, list) and len(params) == 2 and type(params[1]) is int and params[1] >= 5_000


def _is_upper(value: Any) -> bool:
    return isinstance(value, str) and value != value.lower() and _HEX64.fullmatch(value.lower()) is not None


def _nan(value: Any) -> bool:
    return isinstance(value, float) and value != value
