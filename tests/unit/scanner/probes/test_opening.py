"""How a connection for questions about behaviour begins."""

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.behaviour import Opening
from electrum_observatory.scanner.probes.opening import handshake, read_handshake
from electrum_observatory.scanner.probes.ping_without_jsonrpc import PingWithoutJsonrpcProbe
from electrum_observatory.scanner.probes.version_without_jsonrpc import VersionWithoutJsonrpcProbe
from tests.unit.scanner.battery_harness import VERSION, Called, steady
from tests.unit.scanner.harness import error_of, reply_to

PROBE = PingWithoutJsonrpcProbe()


def test_the_range_is_offered_to_the_byte_and_the_reply_is_the_first_exchange() -> None:
    called = Called(PROBE, script=steady())

    sent = b'{"jsonrpc":"2.0","id":0,"method":"server.version","params":["electrum-observatory/0.1.0",["1.4","1.6"]]}\n'
    assert called.sent[0] == sent
    result = called.result("opening")
    assert (result.place, result.negotiated, [one.sent.encode() for one in result.exchanges]) == (0, "1.6", [sent])
    assert [one.data for one in called.by_probe["opening"].witnesses] == [VERSION]
    assert called.result(PROBE).place == 1


def test_a_plain_opening_offers_one_version() -> None:
    step = handshake(Opening.PLAIN, "us")

    assert step is not None
    assert step.line == b'{"jsonrpc":"2.0","id":0,"method":"server.version","params":["us","1.4"]}\n'


def test_where_the_question_begins_the_connection_nothing_comes_before_it() -> None:
    probe = VersionWithoutJsonrpcProbe()
    called = Called(probe, script=steady(VERSION))

    assert called.result("opening").exchanges == ()
    assert called.result(probe).place == 0


def test_a_refused_handshake_leaves_the_questions_unput_with_the_reason() -> None:
    called = Called(PROBE, script=lambda _line: [b'{"id":0,"jsonrpc":"2.0","error":{"code":1,"message":"no"}}\n'])

    assert len(called.sent) == 1
    assert called.by_probe[PROBE.id].attempt.reason == "the handshake was refused"


def test_a_dial_that_fails_is_the_opening_s_failure() -> None:
    error = VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)
    called = Called(PROBE, script=steady(), refuses=error)

    failure = called.by_probe["opening"].attempt.failure
    assert failure is not None
    assert failure.kind is FailureKind.CONNECT_REFUSED
    assert called.by_probe[PROBE.id].attempt.reason == "the connection for it failed: connect_refused"


def test_lines_before_anything_was_asked_are_kept_apart() -> None:
    called = Called(VersionWithoutJsonrpcProbe(), script=steady(VERSION), greeting=[b'{"method":"hello"}\n'])

    assert [one.label for one in called.by_probe["opening"].witnesses] == ["before.0"]


def test_what_was_negotiated_is_read_from_a_pair_and_nothing_else() -> None:
    assert read_handshake(reply_to(b'["Fulcrum 2.1.1","1.6"]')) == ("1.6", False)
    assert read_handshake(reply_to(b'"ElectrumX 1.2"')) == (None, False)
    assert read_handshake(error_of(b'{"code":1,"message":"unsupported"}')) == (None, True)
    assert read_handshake(None) == (None, True)
