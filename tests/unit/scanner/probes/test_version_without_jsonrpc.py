"""A first message without ``jsonrpc``, answered as only a relay's server can."""

from electrum_observatory.scanner.probes.version_without_jsonrpc import VersionWithoutJsonrpcProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"id":1000,"method":"server.version","params":["electrum-observatory/0.1.0",["1.4","1.6"]]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"\\"jsonrpc\\" is not \\"2.0\\""},"id":1000}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(VersionWithoutJsonrpcProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = VersionWithoutJsonrpcProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
