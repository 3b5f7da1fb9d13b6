"""Texts that are cheap to send and dear to read: nobody else waits, and nobody's memory is taken."""

from collections.abc import Sequence

from electrum_observatory.lab.hostile.dear import INTERNATIONAL_NAMES
from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import Case
from tests.hostile.judging import both, fails
from tests.hostile.orders import Record, Seen

LONGEST_STALL_US = 2_000_000
"""Generous to a busy machine; without the defences it is twice as long and more."""
WIDE_CROWD = 5


def nobody_waits(record: Record, seen: Sequence[Seen]) -> None:
    """Expect our own event loop never to have been held up."""
    assert record.counts.get("loop_lag_max_us", 0) < LONGEST_STALL_US, record.counts


def long_names_are_none(record: Record, seen: Sequence[Seen]) -> None:
    (peers,) = [one for one in seen if one.probe == "peers"]
    assert (peers.result["rows"], peers.result["malformed"]) == (INTERNATIONAL_NAMES, INTERNATIONAL_NAMES)
    assert peers.result["peers"] == []
    assert record.counts["targets"] == len(("the act", "the neighbour", "the neighbour's other port")), "who else?"


def a_web_server_is_called_one(record: Record, seen: Sequence[Seen]) -> None:
    failed = {one.endpoint.partition(":")[0]: (one.stage, one.kind) for one in seen if one.status == "failed"}
    web = ("negotiate", "http_reply")
    assert failed == {"tcp": web, "ssl": web, "ws": ("negotiate", "websocket_handshake")}
    assert all(len(one.detail) <= 200 for one in seen)


DEAR_CASES: tuple[Case, ...] = (
    Case(
        act="idna_flood",
        recorded="peers completed, every row counted as malformed; nobody else waits meanwhile",
        judge=both(long_names_are_none, nobody_waits),
        defences=("few_international_names",),
        growth_mb=110,
    ),
    Case(
        act="wide_json",
        recorded="features failed with not_json: more than 100,000 elements, names and values",
        judge=fails("features", "request", "not_json", "more than 100000 elements, names and values"),
        crowd=WIDE_CROWD,
        transports=(Transport.TCP,),
        defences=("member_cap",),
    ),
    Case(
        act="long_status_line",
        recorded="server_version failed in negotiate: http_reply; on WebSocket the handshake failed",
        judge=both(a_web_server_is_called_one, nobody_waits),
        defences=("details_are_cut",),
    ),
)
