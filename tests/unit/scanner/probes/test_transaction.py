"""Raw transactions, and one that is not found."""

from electrum_observatory.scanner.probes.transaction import TransactionProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1260,"method":"blockchain.transaction.get","params":["0e3e2357e806b6'
        b'cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1261,"method":"blockchain.transaction.get","params":["0437cd7f8525ce'
        b'ed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1262,"method":"blockchain.transaction.get","params":["b1fea52486ce0c'
        b'62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":"0100","id":1260}\n',
    b'{"jsonrpc":"2.0","result":"0100","id":1261}\n',
    b'{"jsonrpc":"2.0","error":{"code":2,"message":"no such transaction"},"id":1262}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TransactionProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TransactionProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
