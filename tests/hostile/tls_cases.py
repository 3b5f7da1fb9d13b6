"""Odd certificates, old versions, handshakes that never end, and whoever else answers where TLS was expected."""

from collections.abc import Sequence
from typing import Any

from electrum_observatory.lab.hostile.tls import HEAP
from electrum_observatory.net.limits import ConnectionLimits
from tests.hostile.case import HURRY, Case
from tests.hostile.judging import both, every, fails, measured_whole
from tests.hostile.orders import Record, Seen


def certificate(seen: Sequence[Seen]) -> dict[str, Any]:
    (one,) = every(seen, "tls_certificate")
    assert isinstance(one.result, dict), one
    return one.result


def heap_is_cut(record: Record, seen: Sequence[Seen]) -> None:
    found = certificate(seen)
    assert found["chain_truncated"] is True
    assert len(found["chain_sha256"]) == ConnectionLimits().max_certificates < HEAP


def has_expired(record: Record, seen: Sequence[Seen]) -> None:
    assert certificate(seen)["valid_to"] == "2015-03-01T00:00:00Z"


def is_signed_with_sha1(record: Record, seen: Sequence[Seen]) -> None:
    found = certificate(seen)
    assert found["signature_algorithm"] == "rsa_with_sha1"
    assert found["self_signed"] is None, "nobody checks such a signature any more"
    assert any("signature" in warning for warning in found["warnings"])


def has_weak_key(record: Record, seen: Sequence[Seen]) -> None:
    assert (certificate(seen)["key_type"], certificate(seen)["key_bits"]) == ("rsa", 512)


def is_old_tls(record: Record, seen: Sequence[Seen]) -> None:
    assert certificate(seen)["tls_version"] == "TLSv1"
    assert certificate(seen)["legacy"] is True


def is_todays_tls(record: Record, seen: Sequence[Seen]) -> None:
    assert certificate(seen)["tls_version"] in ("TLSv1.2", "TLSv1.3")
    assert certificate(seen)["legacy"] is False


TLS_CASES: tuple[Case, ...] = (
    Case(
        act="certificate_heap",
        recorded="everything answered; ten certificates kept, and that there were more",
        judge=both(measured_whole, heap_is_cut),
        defences=("certificate_cap",),
    ),
    Case(
        act="certificate_expired",
        recorded="everything answered; the certificate with its dates",
        judge=both(measured_whole, has_expired),
        defences=("certificates_are_only_read",),
    ),
    Case(
        act="certificate_sha1",
        recorded="everything answered; the certificate with its algorithm, and a warning that nobody checks it",
        judge=both(measured_whole, is_signed_with_sha1),
        defences=("certificates_are_only_read", "unreadable_parts_warn"),
    ),
    Case(
        act="certificate_rsa_512",
        recorded="everything answered; the certificate with the size of its key",
        judge=both(measured_whole, has_weak_key),
        defences=("certificates_are_only_read",),
    ),
    Case(
        act="tls_1_0_only",
        recorded="everything answered on a second connection; TLSv1 and legacy",
        judge=both(measured_whole, is_old_tls),
        defences=("second_try_with_old_tls",),
    ),
    Case(
        act="tls_stall",
        recorded="connection failed in tls: tls_timeout",
        judge=fails("connection", "tls", "tls_timeout"),
        settings=HURRY,
        defences=("step_deadline",),
    ),
    Case(
        act="tls_drip",
        recorded="connection failed in tls: tls_timeout, though bytes came all the time",
        judge=fails("connection", "tls", "tls_timeout"),
        settings=HURRY,
        defences=("step_deadline",),
    ),
    Case(
        act="tls_endless_hello",
        recorded="connection failed in tls: tls_handshake, with OpenSSL's words",
        judge=fails("connection", "tls", "tls_handshake"),
        defences=("tls_errors_end_it",),
    ),
    Case(
        act="tls_huge_dh",
        recorded="connection failed in tls: tls_handshake, since nobody computes with it",
        judge=fails("connection", "tls", "tls_handshake", "handshake failure"),
        defences=("no_dhe",),
    ),
    Case(
        act="tls_renegotiation",
        recorded="everything answered; the second handshake is declined each time",
        judge=both(measured_whole, is_todays_tls),
        defences=("one_handshake",),
    ),
    Case(
        act="tls_renegotiation_flood",
        recorded="server_version failed in negotiate: too_many_messages, of TLS itself",
        judge=both(is_todays_tls, fails("server_version", "negotiate", "too_many_messages", "messages of TLS itself")),
        defences=("tls_flood_cap",),
    ),
    Case(
        act="tls_half_ticket",
        recorded="the certificate; server_version failed in negotiate: read_timeout",
        judge=both(is_todays_tls, fails("server_version", "negotiate", "read_timeout")),
        settings=HURRY,
        defences=("words_wait_for_tls",),
    ),
    Case(
        act="plain_text_on_tls",
        recorded="connection failed in tls: plain_text_on_tls",
        judge=fails("connection", "tls", "plain_text_on_tls"),
        defences=("strangers_are_told_apart",),
    ),
    Case(
        act="http_server",
        recorded="http_reply with the status line, in tls on the one port and in negotiate on the other",
        judge=both(
            fails("connection", "tls", "http_reply", "HTTP/1.1 400 Bad Request", letter="ssl"),
            fails("server_version", "negotiate", "http_reply", "HTTP/1.1 400 Bad Request", letter="tcp"),
        ),
        defences=("strangers_are_told_apart", "http_is_recognised"),
    ),
    Case(
        act="https_server",
        recorded="server_version failed in negotiate: http_reply with the status line",
        judge=fails("server_version", "negotiate", "http_reply", "HTTP/1.1 400 Bad Request"),
        defences=("http_is_recognised",),
    ),
    Case(
        act="ssh_server",
        recorded="plain_text_on_tls on the one port, not_json on the other",
        judge=both(
            fails("connection", "tls", "plain_text_on_tls", letter="ssl"),
            fails("server_version", "negotiate", "not_json", letter="tcp"),
        ),
        defences=("strangers_are_told_apart", "nonsense_ends_it"),
    ),
    Case(
        act="tls_on_tcp",
        recorded="server_version failed in negotiate: eof after seven bytes of an unfinished line",
        judge=fails("server_version", "negotiate", "eof", "after 7 bytes of an unfinished line"),
        defences=("end_of_stream",),
    ),
    Case(
        act="malformed_tls",
        recorded="connection failed in tls: tls_handshake",
        judge=fails("connection", "tls", "tls_handshake"),
        defences=("tls_errors_end_it",),
    ),
    Case(
        act="binary_noise",
        recorded="tls_handshake on the one port (no TLS record), not_json on the other",
        judge=both(
            fails("connection", "tls", "tls_handshake", "what came is no TLS record", letter="ssl"),
            fails("server_version", "negotiate", "not_json", letter="tcp"),
        ),
        defences=("strangers_are_told_apart", "nonsense_ends_it"),
    ),
)
