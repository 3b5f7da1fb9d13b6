"""Three numbers."""

from electrum_observatory.scanner.probes.estimate_modes import EstimateModesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1400,"method":"blockchain.estimatefee","params":[2]}\n',
    b'{"jsonrpc":"2.0","id":1401,"method":"blockchain.estimatefee","params":[2,"ECONOMICAL"]}\n',
    b'{"jsonrpc":"2.0","id":1402,"method":"blockchain.estimatefee","params":[2,"CONSERVATIVE"]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":2e-05,"id":1400}\n',
    b'{"jsonrpc":"2.0","result":2e-05,"id":1401}\n',
    b'{"jsonrpc":"2.0","result":3e-05,"id":1402}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(EstimateModesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = EstimateModesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
