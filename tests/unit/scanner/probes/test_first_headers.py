"""The members in Fulcrum's order."""

from electrum_observatory.scanner.probes.first_headers import FirstHeadersProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1070,"method":"blockchain.block.headers","params":[0,1]}\n',
]
ANSWERS = [
    b'{"id":1070,"jsonrpc":"2.0","result":{"count":1,"hex":"00","max":2016}}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(FirstHeadersProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = FirstHeadersProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
