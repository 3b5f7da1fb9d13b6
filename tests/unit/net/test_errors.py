"""The seam: every error of the system and of libraries has its kind, and no detail names an address."""

import errno
import os
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidHandshake, PayloadTooBig, ProtocolError

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import ended, scrubbed, visit_error
from electrum_observatory.net.strangers import http_reply
from tests.work import calls_in


def system_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (system_error(errno.ECONNREFUSED), FailureKind.CONNECT_REFUSED),
        (system_error(errno.ETIMEDOUT), FailureKind.CONNECT_TIMEOUT),
        (TimeoutError(), FailureKind.CONNECT_TIMEOUT),
        (system_error(errno.ENETUNREACH), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EHOSTUNREACH), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.ENETDOWN), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EHOSTDOWN), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EADDRNOTAVAIL), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EAFNOSUPPORT), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EPERM), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.EACCES), FailureKind.NETWORK_UNREACHABLE),
        (system_error(errno.ECONNRESET), FailureKind.CONNECTION_RESET),
        (system_error(errno.ECONNABORTED), FailureKind.CONNECTION_RESET),
        (system_error(errno.EPIPE), FailureKind.CONNECTION_RESET),
        (system_error(errno.EMFILE), FailureKind.OUT_OF_DESCRIPTORS),
        (system_error(errno.ENFILE), FailureKind.OUT_OF_DESCRIPTORS),
        (system_error(errno.EINVAL), FailureKind.UNKNOWN),
        (ssl.SSLError(1, "[SSL: NO_PROTOCOLS_AVAILABLE] no protocols available"), FailureKind.TLS_HANDSHAKE),
        (PayloadTooBig(2000, 1000), FailureKind.LINE_TOO_LONG),
        (ProtocolError("reserved bits must be 0"), FailureKind.WEBSOCKET_HANDSHAKE),
        (InvalidHandshake("no"), FailureKind.WEBSOCKET_HANDSHAKE),
        (KeyError("x"), FailureKind.BUG_IN_OBSERVATORY),
    ],
)
def test_every_error_has_its_kind(error, kind):
    failure = visit_error(Stage.CONNECT, error).failure

    assert (failure.stage, failure.kind) == (Stage.CONNECT, kind)


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (Stage.RESOLVE, FailureKind.DNS_TIMEOUT),
        (Stage.CONNECT, FailureKind.CONNECT_TIMEOUT),
        (Stage.PROXY, FailureKind.CONNECT_TIMEOUT),
        (Stage.TLS, FailureKind.TLS_TIMEOUT),
        (Stage.NEGOTIATE, FailureKind.READ_TIMEOUT),
        (Stage.REQUEST, FailureKind.READ_TIMEOUT),
    ],
)
def test_running_out_of_time_is_named_after_the_stage(stage, kind):
    assert visit_error(stage, TimeoutError()).failure.kind is kind


def test_what_is_a_failure_already_stays_as_it_is():
    error = VisitError(Stage.TLS, FailureKind.EOF)

    assert visit_error(Stage.CONNECT, error) is error


def test_an_end_without_an_error_is_the_peer_s_close():
    assert ended(Stage.REQUEST, None).failure.kind is FailureKind.EOF
    assert (
        ended(Stage.REQUEST, ConnectionResetError(errno.ECONNRESET, "x")).failure.kind is FailureKind.CONNECTION_RESET
    )


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Connect call failed ('127.0.0.1', 50001)", "Connect call failed ('<address>', 50001)"),
        ("Could not connect to proxy 10.0.0.7:9050 [x]", "Could not connect to proxy <address> [x]"),
        ("from 2a01:4f8::1 and ::1 and [fe80::1%eth0]:80", "from <address> and <address> and <address>"),
        ("at 12:30:45 in TLSv1.3, electrs 0.10.5", "at 12:30:45 in TLSv1.3, electrs 0.10.5"),
        ("no route to 5.9.1.2.", "no route to <address>"),
        ("std::io::Error at 2001:db8:0:1:1:1:1:1", "std::io::Error at <address>"),
        ("one\r\ntwo\x1b[31m\u202e", "one two [31m"),
        ("x" * 1000, "x" * 200),
        ("a" * 1000, "a" * 200),
        ("2001:db8:0:1:1:1:1:1," * 100, "<address>," * 19),
        ("1111:2222:3333:4444:5555:6666:7777:8888," * 100, "<address>," * 10),
    ],
)
def test_details_are_one_printable_line_without_addresses(text, clean):
    assert scrubbed(text) == clean


def test_a_status_line_of_megabytes_costs_what_a_long_one_does():
    short, long = (b"HTTP/1.1 " + b"1. " * number for number in (1_000, 600_000))

    assert http_reply(long).failure == http_reply(short).failure
    assert calls_in(lambda: http_reply(long)) == calls_in(lambda: http_reply(short))


@given(start=st.text(alphabet="af0:.[]% é\n", min_size=400, max_size=420), rest=st.text(max_size=40))
def test_of_a_detail_the_first_400_characters_are_looked_at(start, rest):
    assert scrubbed(start + rest) == scrubbed(start + "x" * len(rest))
