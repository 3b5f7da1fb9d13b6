"""Lines: too long, too slow, too many, or none at all."""

from collections.abc import Sequence

from tests.hostile.case import Case
from tests.hostile.orders import Record, Seen


def times_out(record: Record, seen: Sequence[Seen]) -> None:
    assert {(one.stage, one.kind) for one in seen if one.probe == "server_version"} == {("negotiate", "read_timeout")}
    assert all(one.detail.startswith("no reply to server.version") for one in seen if one.probe == "server_version")


def line_too_long(record: Record, seen: Sequence[Seen]) -> None:
    assert {(one.stage, one.kind) for one in seen if one.probe == "server_version"} == {("negotiate", "line_too_long")}


LINE_CASES: tuple[Case, ...] = (
    Case(
        act="accept_and_silent",
        recorded="server_version failed in negotiate with read_timeout",
        judge=times_out,
        defences=("request_deadline",),
    ),
    Case(
        act="never_ending_line",
        recorded="server_version failed in negotiate with line_too_long",
        judge=line_too_long,
        defences=("line_cap",),
    ),
)
