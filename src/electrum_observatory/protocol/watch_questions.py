"""What a watch asks, spelled as requests with fixed ids: whoever asks, stores, renders or reads answers goes by these.

An answer's bytes are its reply lines in the order of the requests, each with its request id, so every line says what
it replies to. Ids begin where those of a subscription end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.model.observation import Json
from electrum_observatory.model.watch import Question
from electrum_observatory.protocol.versions import parse_version

HISTOGRAM_ID, TIP_ID, RELAY_FEE_ID, MEMPOOL_INFO_ID, PING_ID = 20, 21, 22, 23, 24
_FIRST_ESTIMATE_ID = 30

ESTIMATE_TARGETS = (2, 6, 12, 24, 144, 504, 1008)
"""Confirmation targets in blocks. Two or three for each of bitcoind's horizons (12, 48, 1008 blocks:
``policy/fees.h``), and such that ElectrumX's buckets (even to 48, multiples of 24 above) and those that the Blockstream
line answers (1 to 25, 144, 504, 1008) keep each of them as it is."""

ESTIMATE_IDS: Mapping[int, int] = MappingProxyType(
    {_FIRST_ESTIMATE_ID + number: target for number, target in enumerate(ESTIMATE_TARGETS)}
)
"""Request id to target."""

PENDING_IDS = range(40, 48)
"""Request ids of the public scripts, in the order in which a watch names them: so many are asked at most."""

_NO_RELAY_FEE_SINCE = (1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """One request.

    Attributes:
        request_id: Fixed.
        method: Name of the method.
        params: Its parameters.
    """

    request_id: int
    method: str
    params: tuple[Json, ...] = ()


_HISTOGRAM = (WatchRequest(request_id=HISTOGRAM_ID, method="mempool.get_fee_histogram"),)
_TIP = (WatchRequest(request_id=TIP_ID, method="blockchain.headers.subscribe"),)
_RELAY_FEE = (WatchRequest(request_id=RELAY_FEE_ID, method="blockchain.relayfee"),)
_MEMPOOL_INFO = (WatchRequest(request_id=MEMPOOL_INFO_ID, method="mempool.get_info"),)
_ESTIMATES = tuple(
    WatchRequest(request_id=request_id, method="blockchain.estimatefee", params=(target,))
    for request_id, target in ESTIMATE_IDS.items()
)
_PING = (WatchRequest(request_id=PING_ID, method="server.ping"),)


def requests_of(question: Question, negotiated: str, scripts: Sequence[str] = ()) -> tuple[WatchRequest, ...]:
    """Return what asks a question under the negotiated protocol version.

    From 1.6 on ``mempool.get_info`` tells the relay fee too, and ``blockchain.relayfee`` is gone (protocol changes of
    1.6).
    """
    match question:
        case Question.HISTOGRAM:
            return _HISTOGRAM
        case Question.TIP:
            return _TIP
        case Question.FEE_FLOOR:
            return _MEMPOOL_INFO if (parse_version(negotiated) or ()) >= _NO_RELAY_FEE_SINCE else _RELAY_FEE
        case Question.ESTIMATES:
            return _ESTIMATES
        case Question.PING:
            return _PING
        case Question.PENDING:
            return tuple(_pending(request_id, script) for request_id, script in zip(PENDING_IDS, scripts, strict=False))


def _pending(request_id: int, script: str) -> WatchRequest:
    return WatchRequest(request_id=request_id, method="blockchain.scripthash.get_mempool", params=(script,))
