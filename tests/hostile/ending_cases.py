"""Connections that are cut, half closed or never closed."""

from collections.abc import Sequence

from tests.hostile.case import Case
from tests.hostile.judging import both, fails, fails_after_version, measured_whole
from tests.hostile.orders import Record, Seen


def is_reset(record: Record, seen: Sequence[Seen]) -> None:
    """Every endpoint failed by a reset; whether in its first step or the next is the system's choice."""
    endpoints = {one.endpoint for one in seen}
    failed = [one for one in seen if one.status == "failed"]
    assert {one.endpoint for one in failed} == endpoints
    assert {one.kind for one in failed} == {"connection_reset"}, failed
    assert {one.probe for one in failed} <= {"connection", "server_version"}


ENDING_CASES: tuple[Case, ...] = (
    Case(
        act="reset_on_connect",
        recorded="connection or server_version failed: connection_reset",
        judge=is_reset,
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_in_tls_hello",
        recorded="connection failed in tls: connection_reset",
        judge=fails("connection", "tls", "connection_reset"),
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_after_tls",
        recorded="server_version failed in negotiate: connection_reset",
        judge=both(is_reset, fails("server_version", "negotiate", "connection_reset")),
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_in_upgrade",
        recorded="connection failed in negotiate: connection_reset",
        judge=fails("connection", "negotiate", "connection_reset"),
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_after_request",
        recorded="server_version failed in negotiate: connection_reset",
        judge=fails("server_version", "negotiate", "connection_reset"),
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_mid_reply",
        recorded="server_version failed in negotiate: connection_reset; half a reply is none",
        judge=fails("server_version", "negotiate", "connection_reset"),
        defences=("system_errors_named",),
    ),
    Case(
        act="reset_after_version",
        recorded="server_version answered, and the rest failed in request: connection_reset",
        judge=fails_after_version("connection_reset"),
        defences=("system_errors_named", "one_failure_for_all"),
    ),
    Case(
        act="half_close",
        recorded="server_version answered, and the rest failed in request: eof",
        judge=fails_after_version("eof"),
        defences=("end_of_stream",),
    ),
    Case(
        act="never_closing_tls",
        recorded="everything answered, and no connection left over",
        judge=measured_whole,
        defences=("drop_without_goodbye",),
    ),
)
