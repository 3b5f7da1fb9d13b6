"""The node's words, in Python's spelling."""

from electrum_observatory.scanner.probes.estimate_beyond_limit import EstimateBeyondLimitProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1110,"method":"blockchain.estimatefee","params":[2000]}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":2,"message":"daemon error: DaemonError({\'code\': -8, \'mess'
        b"age': 'Invalid conf_target, must be between 1 and 1008'})\"},\"id\":1110}\n"
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(EstimateBeyondLimitProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = EstimateBeyondLimitProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
