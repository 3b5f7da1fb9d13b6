"""From the text of an answer to its values: tip, fee floors, estimates, and what a histogram may turn out to be.

Texts are a stranger's. What cannot be read becomes a state of its own, never a number, and nothing here raises for a
text; an error reply, an empty mempool and rubbish are three different things and stay so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, RpcError, decode_server_message
from electrum_observatory.protocol.numbers import finite_number
from electrum_observatory.protocol.watch_questions import (
    ESTIMATE_IDS,
    MEMPOOL_INFO_ID,
    RELAY_FEE_ID,
    TIP_ID,
)

Floats: TypeAlias = NDArray[np.float64]

_HEADER_BYTES = 80


class HistogramState(IntEnum):
    """What a histogram's answer holds.

    Attributes:
        BINS: At least one bin, and some size in it.
        EMPTY: No bin, or nothing in any: a small mempool, a program without histograms, or one that just started.
        ERROR: A JSON-RPC error.
        MALFORMED: Anything else.
    """

    BINS = 0
    EMPTY = 1
    ERROR = 2
    MALFORMED = 3


class LabelForm(IntFlag):
    """How a feerate is written; a histogram has the forms of all its feerates.

    Attributes:
        INTEGER: A JSON integer.
        WHOLE: A float that ends in ``.0``.
        TENTH: One decimal.
        SHORT: More decimals, yet at most five significant digits: any float may happen to be so short.
        SINGLE: A 32-bit float: its own shortest text, or its value printed as a 64-bit float.
        LONG: More digits than a 32-bit float has.
    """

    INTEGER = 1
    WHOLE = 2
    TENTH = 4
    SHORT = 8
    SINGLE = 16
    LONG = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistogramReading:
    """One answer to ``mempool.get_fee_histogram``.

    Attributes:
        state: See :class:`HistogramState`; without ``BINS`` there are no rates and sizes.
        rates: Feerates in sat/vB as labelled, falling; shape (K,).
        sizes: Sizes as given, by the server's own measure of size; shape (K,).
        forms: How the feerates are written.
        spaced: Whether blanks stand between the members, as Python's JSON has them unless told otherwise.
    """

    state: HistogramState
    rates: Floats
    sizes: Floats
    forms: LabelForm
    spaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TipReading:
    """One reply to ``blockchain.headers.subscribe``: height and the 80 bytes of the header."""

    height: int
    header: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeFloorReading:
    """Fee floors in BTC/kvB; NaN where the reply does not tell it.

    Attributes:
        relay: What a transaction must pay to be relayed at all.
        mempool_minimum: What it must pay to enter the mempool now.
        incremental: By how much a replacement must pay more.
    """

    relay: float = np.nan
    mempool_minimum: float = np.nan
    incremental: float = np.nan


class EstimateState(IntEnum):
    """What an estimate's reply holds: a fee, the statement that there is none (-1), an error, rubbish, or no reply."""

    FEE = 0
    NO_ESTIMATE = 1
    ERROR = 2
    MALFORMED = 3
    ABSENT = 4


Estimate: TypeAlias = tuple[EstimateState, float]
"""State, and the fee in BTC/kvB, NaN without."""

EstimateLines: TypeAlias = dict[bytes, tuple[int, Estimate] | None]
"""Line to the request it replies to and what it says; None where it replies to none for an estimate."""

_ABSENT: Estimate = (EstimateState.ABSENT, np.nan)


class _Nothing(Enum):
    UNREAD = 0


def read_tip(text: bytes) -> TipReading | None:
    """Read the answer to ``Question.TIP``; None for an error and for what is no tip."""
    result = _result(text, TIP_ID)
    if not isinstance(result, dict):
        return None
    height, header = finite_number(result.get("height")), result.get("hex")
    if not isinstance(height, int) or height < 0 or not isinstance(header, str):
        return None
    try:
        data = bytes.fromhex(header)
    except ValueError:
        return None
    return TipReading(height=height, header=data) if len(data) == _HEADER_BYTES else None


def read_fee_floor(text: bytes) -> FeeFloorReading:
    """Read the answer to ``Question.FEE_FLOOR``, whichever of the two methods it replies to."""
    relay = _result(text, RELAY_FEE_ID)
    if relay is not _Nothing.UNREAD:
        return FeeFloorReading(relay=_fee(relay))
    info = _result(text, MEMPOOL_INFO_ID)
    if not isinstance(info, Mapping):
        return FeeFloorReading()
    return FeeFloorReading(
        relay=_fee(info.get("minrelaytxfee")),
        mempool_minimum=_fee(info.get("mempoolminfee")),
        incremental=_fee(info.get("incrementalrelayfee")),
    )


def read_estimates(
    text: bytes, known: EstimateLines | None = None
) -> tuple[tuple[EstimateState, ...], tuple[float, ...]]:
    """Read the answer to ``Question.ESTIMATES``: states, and fees in BTC/kvB (NaN without), by target as asked.

    ``known`` remembers lines: of many answers, most lines stood in another answer, too.
    """
    known = {} if known is None else known
    told: dict[int, Estimate] = {}
    for line in text.split(b"\n"):
        if line not in known:
            known[line] = _estimate_line(line)
        if (found := known[line]) is not None:
            told[found[0]] = found[1]
    read = [told.get(request_id, _ABSENT) for request_id in ESTIMATE_IDS]
    return tuple(state for state, _ in read), tuple(fee for _, fee in read)


def _estimate_line(line: bytes) -> tuple[int, Estimate] | None:
    """Return the request id and the estimate of a line that replies to a request for one."""
    for reply in _replies(line):
        if isinstance(reply.request_id, int) and reply.request_id in ESTIMATE_IDS:
            return reply.request_id, _estimate(reply)
    return None


def _estimate(reply: Reply) -> Estimate:
    if reply.error is not None:
        return EstimateState.ERROR, np.nan
    if finite_number(reply.result) == -1:
        return EstimateState.NO_ESTIMATE, np.nan
    fee = _fee(reply.result)
    return (EstimateState.FEE, fee) if fee > 0 else (EstimateState.MALFORMED, np.nan)


def _fee(value: Json | _Nothing | RpcError) -> float:
    number = None if isinstance(value, _Nothing | RpcError) else finite_number(value)
    return float(number) if number is not None and number >= 0 else np.nan


def _replies(text: bytes) -> list[Reply]:
    messages = [decode_server_message(line) for line in text.split(b"\n") if line.strip()]
    return [message for message in messages if isinstance(message, Reply) and _counted(message.request_id)]


def _counted(request_id: Json) -> bool:
    return isinstance(request_id, int) and not isinstance(request_id, bool)


def _result(text: bytes, request_id: int) -> Json | _Nothing | RpcError:
    """Return the result or the error of the reply to a request; ``UNREAD`` where there is none."""
    for reply in _replies(text):
        if reply.request_id == request_id:
            return reply.error if reply.error is not None else reply.result
    return _Nothing.UNREAD
