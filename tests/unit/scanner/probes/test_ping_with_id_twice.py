"""The last one wins."""

from electrum_observatory.scanner.probes.ping_with_id_twice import PingWithIdTwiceProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1600,"id":1601,"method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"id":1601,"jsonrpc":"2.0","result":null}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithIdTwiceProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithIdTwiceProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
