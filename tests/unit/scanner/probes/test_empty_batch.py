"""The text of ElectrumX."""

from electrum_observatory.scanner.probes.empty_batch import EmptyBatchProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b"[]\n",
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32600,"message":"batch is empty"},"id":null}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(EmptyBatchProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = EmptyBatchProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
