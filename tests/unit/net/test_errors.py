"""The seam: every error of the system and of libraries has its kind, and no detail names an address."""

import errno
import os
import ssl

import pytest
from websockets.exceptions import InvalidHandshake, PayloadTooBig, ProtocolError

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.errors import ended, scrubbed, visit_error


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
    ],
)
def test_details_are_one_printable_line_without_addresses(text, clean):
    assert scrubbed(text) == clean
