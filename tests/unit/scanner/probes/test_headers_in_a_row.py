"""A list of headers."""

from electrum_observatory.scanner.probes.headers_in_a_row import HeadersInARowProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1230,"method":"blockchain.block.headers","params":[938324,20]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":{"hex":"00","count":20,"max":2016},"id":1230}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeadersInARowProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeadersInARowProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
