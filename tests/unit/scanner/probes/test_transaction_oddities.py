"""Four texts of ElectrumX."""

from electrum_observatory.scanner.probes.transaction_oddities import TransactionOdditiesProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    b'{"jsonrpc":"2.0","id":1500,"method":"blockchain.transaction.get","params":["zz"]}\n',
    (
        b'{"jsonrpc":"2.0","id":1501,"method":"blockchain.transaction.get","params":["00000000000000'
        b'00000000000000000000000000000000000000000000000000","x"]}\n'
    ),
    b'{"jsonrpc":"2.0","id":1502,"method":"blockchain.transaction.id_from_pos","params":[100,5000]}\n',
    (
        b'{"jsonrpc":"2.0","id":1503,"method":"blockchain.transaction.get_merkle","params":["0000000'
        b'000000000000000000000000000000000000000000000000000000000",1]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"zz should be a transaction hash"},"id":1500}\n',
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"x should be a boolean value"},"id":1501}\n',
    (b'{"jsonrpc":"2.0","error":{"code":1,"message":"no tx at position 5,000 in block at height 100"},"id":1502}\n'),
    b'{"jsonrpc":"2.0","error":{"code":1,"message":"tx 00 not in block at height 1"},"id":1503}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TransactionOdditiesProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TransactionOdditiesProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
