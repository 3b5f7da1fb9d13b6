"""Branches of proof."""

from electrum_observatory.scanner.probes.transaction_merkle import TransactionMerkleProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1280,"method":"blockchain.transaction.get_merkle","params":["0e3e235'
        b'7e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098",1]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1281,"method":"blockchain.transaction.get_merkle","params":["0437cd7'
        b'f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9",9]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1282,"method":"blockchain.transaction.get_merkle","params":["b1fea52'
        b'486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",170]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1283,"method":"blockchain.transaction.get_merkle","params":["f4184fc'
        b'596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",170]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":{"block_height":1,"merkle":[],"pos":0},"id":1280}\n',
    b'{"jsonrpc":"2.0","result":{"block_height":1,"merkle":[],"pos":0},"id":1281}\n',
    b'{"jsonrpc":"2.0","result":{"block_height":1,"merkle":[],"pos":0},"id":1282}\n',
    b'{"jsonrpc":"2.0","result":{"block_height":1,"merkle":[],"pos":0},"id":1283}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(TransactionMerkleProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = TransactionMerkleProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
