"""The text of Fulcrum."""

from electrum_observatory.scanner.probes.version_reversed_range import VersionReversedRangeProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1630,"method":"server.version","params":["electrum-observatory/0.1.0",["1.6","1.4"]]}\n'),
]
ANSWERS = [
    b'{"error":{"code":1,"message":"Bad version tuple: 1.6, 1.4"},"id":1630,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(VersionReversedRangeProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = VersionReversedRangeProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
