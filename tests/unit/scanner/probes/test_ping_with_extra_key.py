"""The text of Fulcrum."""

from electrum_observatory.scanner.probes.ping_with_extra_key import PingWithExtraKeyProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1020,"method":"server.ping","params":[],"x":1}\n',
]
ANSWERS = [
    b'{"error":{"code":-32600,"message":"Invalid request"},"id":1020,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithExtraKeyProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithExtraKeyProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
