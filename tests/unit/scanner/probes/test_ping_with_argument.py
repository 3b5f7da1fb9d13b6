"""The text of ElectrumX up to 1.20."""

from electrum_observatory.scanner.probes.ping_with_argument import PingWithArgumentProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1150,"method":"server.ping","params":["x"]}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"1 argument passed to method server.ping'
        b' taking at most 0"},"id":1150}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithArgumentProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithArgumentProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
