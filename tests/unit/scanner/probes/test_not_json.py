"""The text of ElectrumX."""

from electrum_observatory.scanner.probes.not_json import NotJsonProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b"hello there\n",
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"invalid JSON"},"id":null}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(NotJsonProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = NotJsonProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
