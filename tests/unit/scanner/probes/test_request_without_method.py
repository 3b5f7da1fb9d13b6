"""The text of Fulcrum."""

from electrum_observatory.scanner.probes.request_without_method import RequestWithoutMethodProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1520,"params":[]}\n',
]
ANSWERS = [
    b'{"error":{"code":-32600,"message":"Invalid JSON RPC object"},"id":1520,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(RequestWithoutMethodProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = RequestWithoutMethodProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
