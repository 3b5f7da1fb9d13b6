"""One histogram answer as a line: what it says before its numbers are judged.

A week of 300 servers has half a million different answers. Those that look as usual are decoded in one go, and only
the rest by way of the whole message.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from electrum_observatory.datasets.watch.answers import HistogramState
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.limits import MAX_DIGITS, MAX_MEMBERS, refusal
from electrum_observatory.protocol.messages import Parser, Reply, decode_server_message
from electrum_observatory.protocol.numbers import finite_number
from electrum_observatory.protocol.watch_questions import HISTOGRAM_ID

Pair: TypeAlias = tuple[int | float, int | float]

MOST_BINS = 5_000
"""Honest answers have some hundreds: 300 MB of transactions in bins of 50 kvB are 2,000."""

_LEAST_PAIR = len("[1,2],")
_PAIRS = msgspec.json.Decoder(list[Pair])


class _Usual(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The reply of every program that is known, with bins."""

    id: int
    result: list[Pair]
    jsonrpc: str = ""
    error: None = None


_USUAL = msgspec.json.Decoder(_Usual)


class Line(NamedTuple):  # a tuple is the quickest to make
    """One answer before its numbers were judged."""

    state: HistogramState
    pairs: Sequence[Pair] = ()
    spaced: bool = False


_EMPTY = Line(state=HistogramState.EMPTY)
_ERROR = Line(state=HistogramState.ERROR)
MALFORMED = Line(state=HistogramState.MALFORMED)


def read_line(text: bytes) -> Line:
    """Read a line by the short way if possible: it takes no line that the long way would take for something else."""
    try:
        reply = _USUAL.decode(text) if len(text) <= MAX_MEMBERS else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        reply = None
    if reply is None:
        return _unusual(text)
    pairs, spaced = reply.result, False
    # A number of too many digits takes more room than the pairs leave. Nothing else can be beyond the limits here.
    if len(text) - _LEAST_PAIR * len(pairs) > MAX_DIGITS and refusal(text) is not None:
        return MALFORMED
    if b" " in text:
        if not text.count(b"[") == text.count(b"]") == len(pairs) + 1:
            return _unusual(text)
        spaced = b", " in text[text.index(b"[") : text.rindex(b"]")]  # no brackets but the result's
    if reply.id != HISTOGRAM_ID or len(pairs) > MOST_BINS:
        return MALFORMED
    return Line(HistogramState.BINS, pairs, spaced) if pairs else _EMPTY


def _unusual(text: bytes) -> Line:
    message = decode_server_message(text, decode=_PAIRS.decode)
    if not isinstance(message, Reply) or message.request_id != HISTOGRAM_ID:
        return MALFORMED
    if message.error is not None:
        return _ERROR
    pairs = message.result if message.parser is Parser.STRICT else _pairs(message.result)
    if not isinstance(pairs, list) or len(pairs) > MOST_BINS:
        return MALFORMED
    if not pairs:
        return _EMPTY
    return Line(HistogramState.BINS, pairs, b", " in (message.result_text or b""))


def _pairs(result: Json) -> list[Pair] | None:
    """Return the pairs of a result that only the tolerant parser took, or None."""
    if not isinstance(result, list):
        return None
    pairs: list[Pair] = []
    for row in result:
        if not isinstance(row, list) or len(row) != 2:
            return None
        rate, size = finite_number(row[0]), finite_number(row[1])
        if rate is None or size is None:
            return None
        pairs.append((rate, size))
    return pairs
