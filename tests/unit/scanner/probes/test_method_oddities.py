"""The texts of ElectrumX."""

from electrum_observatory.scanner.probes.method_oddities import MethodOdditiesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1510,"method":"","params":[]}\n',
    b'{"jsonrpc":"2.0","id":1511,"method":null,"params":[]}\n',
    b'{"jsonrpc":"2.0","id":1512,"method":5,"params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method \\"\\""},"id":1510}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"method must be a string"},"id":1511}\n',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"method must be a string"},"id":1512}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MethodOdditiesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MethodOdditiesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
