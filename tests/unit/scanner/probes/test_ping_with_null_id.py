"""Fulcrum answers with a null id."""

from electrum_observatory.scanner.probes.ping_with_null_id import PingWithNullIdProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":null,"method":"server.ping","params":[]}\n',
]
ANSWERS = [
    b'{"id":null,"jsonrpc":"2.0","result":null}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(PingWithNullIdProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = PingWithNullIdProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
