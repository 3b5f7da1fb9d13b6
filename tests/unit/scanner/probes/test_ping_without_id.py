"""The refusal of romanz electrs."""

from electrum_observatory.scanner.probes.ping_without_id import PingWithoutIdProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"error":{"code":-32600,"message":"invalid request"},"id":null,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithoutIdProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithoutIdProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
