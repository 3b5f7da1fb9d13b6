"""The text of ElectrumX 1.16 to 1.18."""

from electrum_observatory.scanner.probes.estimate_mode_lower_case import EstimateModeLowerCaseProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1120,"method":"blockchain.estimatefee","params":[2,"economical"]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"unknown estimatefee mode: economical"},"id":1120}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(EstimateModeLowerCaseProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = EstimateModeLowerCaseProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
