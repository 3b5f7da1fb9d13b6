"""The text of ElectrumX."""

from electrum_observatory.scanner.probes.too_many_parameters import TooManyParametersProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1450,"method":"blockchain.block.header","params":[1,2,3]}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"3 arguments passed to method blockchain'
        b'.block.header taking at most 2"},"id":1450}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TooManyParametersProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TooManyParametersProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
