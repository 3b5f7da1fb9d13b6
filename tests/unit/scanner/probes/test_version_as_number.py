"""Fulcrum takes a number."""

from electrum_observatory.scanner.probes.version_as_number import VersionAsNumberProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1640,"method":"server.version","params":["electrum-observatory/0.1.0",1.4]}\n'),
]
ANSWERS = [
    b'{"id":1640,"jsonrpc":"2.0","result":["Fulcrum 2.1.1","1.4"]}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(VersionAsNumberProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = VersionAsNumberProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
