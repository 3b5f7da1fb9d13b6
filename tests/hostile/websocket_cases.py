"""WebSocket handshakes that never end, and frames that are too many, too large or compressed."""

from tests.hostile.case import HURRY, Case
from tests.hostile.judging import fails

WEBSOCKET_CASES: tuple[Case, ...] = (
    Case(
        act="websocket_silent_handshake",
        recorded="connection failed in negotiate: read_timeout",
        judge=fails("connection", "negotiate", "read_timeout"),
        settings=HURRY,
        defences=("step_deadline",),
    ),
    Case(
        act="websocket_endless_header",
        recorded="connection failed in negotiate: websocket_handshake",
        judge=fails("connection", "negotiate", "websocket_handshake"),
        defences=("http_line_cap",),
    ),
    Case(
        act="websocket_many_headers",
        recorded="connection failed in negotiate: websocket_handshake",
        judge=fails("connection", "negotiate", "websocket_handshake"),
        defences=("http_header_cap",),
    ),
    Case(
        act="websocket_endless_refusal",
        recorded="connection failed in negotiate: websocket_handshake",
        judge=fails("connection", "negotiate", "websocket_handshake"),
        defences=("http_body_cap",),
    ),
    Case(
        act="websocket_compression_forced",
        recorded="connection failed in negotiate: websocket_handshake, no extensions supported",
        judge=fails("connection", "negotiate", "websocket_handshake", "no extensions supported"),
        defences=("no_compression_offered",),
    ),
    Case(
        act="websocket_compressed_bomb",
        recorded="server_version failed in negotiate: websocket_handshake, reserved bits",
        judge=fails("server_version", "negotiate", "websocket_handshake", "reserved bits"),
        defences=("reserved_bits_refused",),
    ),
    Case(
        act="websocket_endless_fragments",
        recorded="server_version failed in negotiate: too_many_messages, frames within a second",
        judge=fails("server_version", "negotiate", "too_many_messages", "frames within a second"),
        defences=("frame_cap",),
    ),
    Case(
        act="websocket_ping_storm",
        recorded="server_version failed in negotiate: too_many_messages, frames within a second",
        judge=fails("server_version", "negotiate", "too_many_messages", "frames within a second"),
        defences=("frame_cap",),
    ),
    Case(
        act="websocket_huge_frame",
        recorded="server_version failed in negotiate: line_too_long, before any of it is read",
        judge=fails("server_version", "negotiate", "line_too_long"),
        defences=("frame_size_cap",),
    ),
)
