"""The texts of ElectrumX."""

from electrum_observatory.scanner.probes.methods_of_the_past import MethodsOfThePastProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1530,"method":"getinfo","params":[]}\n',
    b'{"jsonrpc":"2.0","id":1531,"method":"blockchain.numblocks.subscribe","params":[]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method \\"getinfo\\""},"id":1530}\n',
    (
        b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"unknown method \\"blockchain.numblocks.s'
        b'ubscribe\\""},"id":1531}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MethodsOfThePastProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MethodsOfThePastProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
