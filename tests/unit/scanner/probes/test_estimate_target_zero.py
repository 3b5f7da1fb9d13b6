"""The text of the esplora family."""

from electrum_observatory.scanner.probes.estimate_target_zero import EstimateTargetZeroProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1420,"method":"blockchain.estimatefee","params":[0]}\n',
]
ANSWERS = [
    b'{"error":"cannot estimate fee for 0 blocks","id":1420,"jsonrpc":"2.0"}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(EstimateTargetZeroProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = EstimateTargetZeroProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
