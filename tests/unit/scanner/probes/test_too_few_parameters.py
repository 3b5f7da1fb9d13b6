"""The two texts of Fulcrum."""

from electrum_observatory.scanner.probes.too_few_parameters import TooFewParametersProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1440,"method":"blockchain.block.header","params":[]}\n',
    b'{"jsonrpc":"2.0","id":1441,"method":"blockchain.block.header"}\n',
]
ANSWERS = [
    (
        b'{"error":{"code":-32602,"message":"Expected at least 1 parameter for blockchain.block.head'
        b'er, got 0 instead"},"id":1440,"jsonrpc":"2.0"}\r\n'
    ),
    b'{"error":{"code":-32602,"message":"Missing required params"},"id":1441,"jsonrpc":"2.0"}\r\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TooFewParametersProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TooFewParametersProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
