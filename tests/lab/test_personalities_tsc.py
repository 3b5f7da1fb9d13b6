"""The other coin's proof leads from a transaction to its block's root, also where nodes stand alone in their row."""

import pytest

from electrum_observatory.lab.ledger import EmptyLedger
from electrum_observatory.lab.merkle import branch_and_root, double_sha256
from tests.lab.personality_worlds import ask, make_state, start, with_node

TXIDS = [double_sha256(bytes([number])).hex() for number in range(7)]


class OneBlock(EmptyLedger):
    """A ledger whose every block holds the first few of those."""

    def __init__(self, count: int) -> None:
        self._count = count

    def block(self, height: int) -> list[str]:
        return TXIDS[: self._count]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7])
def test_each_proof_leads_to_the_root_of_its_block(count: int) -> None:
    process = start("bsv_electrumx", with_node(make_state(), ledger=OneBlock(count)))
    _, root = branch_and_root([bytes.fromhex(txid)[::-1] for txid in TXIDS[:count]], 0)

    for index, txid in enumerate(TXIDS[:count]):
        proof = ask(process, "blockchain.transaction.get_tsc_merkle", txid, 1, "txid", "block_hash")
        node, place = bytes.fromhex(txid)[::-1], index
        for sibling in proof["nodes"]:
            other = node if sibling == "*" else bytes.fromhex(sibling)[::-1]
            node = double_sha256(node + other if place % 2 == 0 else other + node)
            place //= 2
        assert (proof["index"], proof["txOrId"], node) == (index, txid, root)
