"""Lines: too long, too slow, too many, or none at all."""

from collections.abc import Sequence

from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import HURRY, Case
from tests.hostile.judging import fails, fails_after_version
from tests.hostile.orders import Record, Seen
from tests.hostile.places import crowd_of, host_of

CROWD = 12
CHATTERERS = 11
SEATS = 2
ROW_S = 3.0
IN_ROWS_OF_TWO_S = ROW_S * (1 + CHATTERERS) / SEATS
"""How long the crowd takes if each holds its seat for as long as a conversation may last."""


def greediest_go_first(record: Record, seen: Sequence[Seen]) -> None:
    hosts = (host_of("greedy_crowd"), *crowd_of("greedy_crowd", CROWD))
    asked = [record.one(host, "server_version") for host in hosts]
    dropped = [one for one in asked if one.kind == "too_many_bytes"]
    assert dropped
    assert all("the most of all" in one.detail for one in dropped)
    assert {one.kind for one in asked} <= {"too_many_bytes", "read_timeout"}


def chatter_holds_no_seat(record: Record, seen: Sequence[Seen]) -> None:
    hosts = (host_of("chatter_faster_than_aside"), *crowd_of("chatter_faster_than_aside", CHATTERERS))
    assert {record.one(host, "server_version").status for host in hosts} == {"completed"}
    assert {record.one(host, "genesis").kind for host in hosts} <= {"read_timeout", "session_timeout"}
    assert record.counts["notifications"] > len(hosts), "they did speak"
    assert record.wall_s < IN_ROWS_OF_TWO_S * 2 / 3, "the neighbour waited until they were done"


LINE_CASES: tuple[Case, ...] = (
    Case(
        act="accept_and_silent",
        recorded="server_version failed in negotiate: read_timeout, no reply to server.version",
        judge=fails("server_version", "negotiate", "read_timeout", "no reply to server.version"),
        settings=HURRY,
        defences=("request_deadline",),
    ),
    Case(
        act="never_ending_line",
        recorded="server_version failed in negotiate: line_too_long",
        judge=fails("server_version", "negotiate", "line_too_long"),
        defences=("line_cap",),
    ),
    Case(
        act="byte_drip",
        recorded="server_version failed in negotiate: read_timeout, though bytes came all the time",
        judge=fails("server_version", "negotiate", "read_timeout", "no reply to server.version"),
        settings=HURRY,
        defences=("request_deadline",),
    ),
    Case(
        act="just_in_time",
        recorded="server_version answered, and the rest failed in request: session_timeout",
        judge=fails_after_version("session_timeout"),
        settings=HURRY,
        defences=("session_deadline",),
    ),
    Case(
        act="chatter_faster_than_aside",
        recorded="server_version answered, the rest timed out; whoever waits behind the crowd is asked at once",
        judge=chatter_holds_no_seat,
        transports=(Transport.TCP,),
        settings={
            "scan": {
                "concurrency": SEATS,
                "deadlines": {"dial_s": 3.0, "request_s": 2.0, "probe_s": 2.5, "session_s": ROW_S, "aside_s": 0.3},
            }
        },
        crowd=CHATTERERS,
        seconds=40,
        defences=("chatter_is_no_progress",),
    ),
    Case(
        act="gigabyte_line",
        recorded="server_version failed in negotiate: line_too_long, after two of the thousand megabytes",
        judge=fails("server_version", "negotiate", "line_too_long"),
        defences=("line_cap",),
    ),
    Case(
        act="gigabyte_of_lines",
        recorded="server_version failed in negotiate: too_many_bytes, those of this connection alone",
        judge=fails("server_version", "negotiate", "too_many_bytes", "more than 16000000 bytes"),
        defences=("byte_cap", "oddity_cap"),
    ),
    Case(
        act="greedy_crowd",
        recorded="server_version failed in negotiate: too_many_bytes, the most of all; read_timeout for whom it spared",
        judge=greediest_go_first,
        transports=(Transport.TCP,),
        crowd=CROWD,
        growth_mb=200.0,
        defences=("bytes_together",),
    ),
    Case(
        act="newline_flood",
        recorded="server_version failed in negotiate: not_json",
        judge=fails("server_version", "negotiate", "not_json"),
        defences=("nonsense_ends_it",),
    ),
)
