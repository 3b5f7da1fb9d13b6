"""ElectrumX takes the right name."""

from electrum_observatory.scanner.probes.named_parameters import NamedParametersProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1460,"method":"blockchain.block.header","params":{"height":1}}\n',
    b'{"jsonrpc":"2.0","id":1461,"method":"blockchain.block.header","params":{"foo":1}}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1460}\n'
    ),
    (
        b'{"jsonrpc":"2.0","error":{"code":-32602,"message":"method \\"blockchain.block.header\\" requ'
        b'ires parameter \\"height\\""},"id":1461}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(NamedParametersProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = NamedParametersProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
