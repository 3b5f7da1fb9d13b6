"""One reply about unconfirmed transactions as a line: which script it speaks of, and which transactions it lists.

A week of 300 servers has hundreds of thousands of different lines, each with up to a hundred transactions. Those that
look as usual are decoded in one go, and only the rest by way of the whole message.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated, NamedTuple

import msgspec

from electrum_observatory.protocol.limits import MAX_MEMBERS
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.protocol.watch_questions import PENDING_IDS

MOST_LISTED = 10_000
"""Transactions in one reply: servers end long histories far below."""

_IDS = frozenset(PENDING_IDS)
_MOST_MONEY = 2**53  # satoshis; a number that nobody has is for the long way
_TXID = re.compile(r"[0-9a-f]{64}")


class ListState(IntEnum):
    """What a reply holds.

    Attributes:
        LISTED: A list, which may be empty.
        ERROR: A JSON-RPC error: a program without the method, or a script with too long a history.
        MALFORMED: Anything else.
    """

    LISTED = 0
    ERROR = 1
    MALFORMED = 2


class PendingLine(NamedTuple):  # a tuple is the quickest to make
    """One reply.

    Attributes:
        request_id: Which of ``PENDING_IDS`` it replies to.
        state: See :class:`ListState`.
        txids: What it lists, in its own order; whether these are ids of transactions is for :func:`is_txid` to say.
    """

    request_id: int
    state: ListState
    txids: Sequence[str] = ()


class _Listed(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    tx_hash: str
    height: Annotated[int, msgspec.Meta(ge=-1, le=0)]
    fee: Annotated[int, msgspec.Meta(ge=0, le=_MOST_MONEY)] = 0


class _Usual(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The reply of every program that is known."""

    id: int
    result: list[_Listed]
    jsonrpc: str = ""
    error: None = None


_USUAL = msgspec.json.Decoder(_Usual)


def read_pending_line(text: bytes) -> PendingLine | None:
    """Read a line; None where it replies to no request for unconfirmed transactions.

    The short way takes no line that the long way would take for something else.
    """
    try:
        reply = _USUAL.decode(text) if len(text) <= MAX_MEMBERS else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        reply = None
    if reply is None:
        return _unusual(text)
    if reply.id not in _IDS:
        return None
    return _line(reply.id, [one.tx_hash for one in reply.result])


def _unusual(text: bytes) -> PendingLine | None:
    message = decode_server_message(text)
    if not isinstance(message, Reply) or type(message.request_id) is not int or message.request_id not in _IDS:
        return None
    if message.error is not None:
        return PendingLine(message.request_id, ListState.ERROR)
    rows = message.result if isinstance(message.result, list) else [None]
    told = [row.get("tx_hash") if isinstance(row, dict) else None for row in rows]
    txids = [one for one in told if isinstance(one, str)]
    if len(txids) != len(told):
        return PendingLine(message.request_id, ListState.MALFORMED)
    return _line(message.request_id, txids)


def _line(request_id: int, txids: Sequence[str]) -> PendingLine:
    """Take a list as it is, or not at all: half of one would say of the other half that it is not there."""
    if len(txids) > MOST_LISTED:
        return PendingLine(request_id, ListState.MALFORMED)
    return PendingLine(request_id, ListState.LISTED, txids)


def is_txid(text: str) -> bool:
    """Whether a text is a transaction's id as every program displays it."""
    return _TXID.fullmatch(text) is not None
