"""Headers."""

from electrum_observatory.scanner.probes.headers_at_splits import HeadersAtSplitsProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1080,"method":"blockchain.block.header","params":[478559]}\n',
    b'{"jsonrpc":"2.0","id":1081,"method":"blockchain.block.header","params":[556767]}\n',
    b'{"jsonrpc":"2.0","id":1082,"method":"blockchain.block.header","params":[661648]}\n',
    b'{"jsonrpc":"2.0","id":1083,"method":"blockchain.block.header","params":[938343]}\n',
]
ANSWERS = [
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1080}\n'
    ),
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1081}\n'
    ),
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1082}\n'
    ),
    (
        b'{"jsonrpc":"2.0","result":"000000000000000000000000000000000000000000000000000000000000000'
        b"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        b'0000000","id":1083}\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(HeadersAtSplitsProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = HeadersAtSplitsProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
