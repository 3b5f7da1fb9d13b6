"""A bare id, and one with its proof."""

from electrum_observatory.scanner.probes.transaction_at_position import TransactionAtPositionProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (b'{"jsonrpc":"2.0","id":1290,"method":"blockchain.transaction.id_from_pos","params":[100000,3,false]}\n'),
    (b'{"jsonrpc":"2.0","id":1291,"method":"blockchain.transaction.id_from_pos","params":[100000,3,true]}\n'),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":"ab","id":1290}\n',
    b'{"jsonrpc":"2.0","result":{"tx_hash":"ab","merkle":[]},"id":1291}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TransactionAtPositionProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TransactionAtPositionProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
