"""Lines: too long, too slow, too many, or none at all."""

from tests.hostile.case import HURRY, Case
from tests.hostile.judging import fails, fails_after_version

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
        act="gigabyte_line",
        recorded="server_version failed in negotiate: line_too_long, after two of the thousand megabytes",
        judge=fails("server_version", "negotiate", "line_too_long"),
        defences=("line_cap",),
    ),
    Case(
        act="gigabyte_of_lines",
        recorded="server_version failed in negotiate: too_many_bytes",
        judge=fails("server_version", "negotiate", "too_many_bytes"),
        defences=("byte_cap", "oddity_cap"),
    ),
    Case(
        act="newline_flood",
        recorded="server_version failed in negotiate: not_json",
        judge=fails("server_version", "negotiate", "not_json"),
        defences=("nonsense_ends_it",),
    ),
)
