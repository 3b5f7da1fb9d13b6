"""The node's words, bare, from romanz electrs."""

from electrum_observatory.scanner.probes.missing_transaction import MissingTransactionProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1140,"method":"blockchain.transaction.get","params":["00000000000000'
        b'00000000000000000000000000000000000000000000000000"]}\n'
    ),
]
ANSWERS = [
    (
        b'{"error":{"code":2,"message":"No such mempool or blockchain transaction. Use gettransactio'
        b'n for wallet transactions."},"id":1140,"jsonrpc":"2.0"}\r\n'
    ),
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(MissingTransactionProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = MissingTransactionProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
