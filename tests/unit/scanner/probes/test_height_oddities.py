"""ElectrumX takes what Python makes a number of."""

from electrum_observatory.scanner.probes.height_oddities import HeightOdditiesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1490,"method":"blockchain.block.header","params":[-1]}\n',
    b'{"jsonrpc":"2.0","id":1491,"method":"blockchain.block.header","params":["5"]}\n',
    b'{"jsonrpc":"2.0","id":1492,"method":"blockchain.block.header","params":[1.5]}\n',
    b'{"jsonrpc":"2.0","id":1493,"method":"blockchain.block.header","params":[true]}\n',
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"-1 should be a non-negative integer"},"id":1490}\n',
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1491}\n'
    ),
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1492}\n'
    ),
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1493}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeightOdditiesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeightOdditiesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
