"""Equal answers."""

from electrum_observatory.scanner.probes.same_question_thrice import SameQuestionThriceProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1790,"method":"blockchain.scripthash.get_history","params":["34bf85e'
        b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1791,"method":"blockchain.scripthash.get_history","params":["34bf85e'
        b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1792,"method":"blockchain.scripthash.get_history","params":["34bf85e'
        b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":[],"id":1790}\n',
    b'{"jsonrpc":"2.0","result":[],"id":1791}\n',
    b'{"jsonrpc":"2.0","result":[],"id":1792}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(SameQuestionThriceProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = SameQuestionThriceProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
