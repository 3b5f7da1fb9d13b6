"""Whatever parameters a client sends to script or transaction methods, a program answers, keeps silent or hangs up."""

import itertools
import json

import pytest

from electrum_observatory.model.endpoint import Transport
from tests.lab.ledger_worlds import blocks, ledger_node, ledger_state
from tests.lab.personality_worlds import exchange, start

METHODS = (
    *(
        f"blockchain.scripthash.{name}"
        for name in ("get_balance", "get_history", "get_mempool", "listunspent", "subscribe", "unsubscribe")
    ),
    "blockchain.scripthash.get_first_use",
    "blockchain.scripthash.get_status",
    *(
        f"blockchain.transaction.{name}"
        for name in ("get", "get_merkle", "id_from_pos", "broadcast", "broadcast_package", "get_height")
    ),
    "blockchain.transaction.get_confirmed_blockhash",
    "blockchain.utxo.get_info",
    "blockchain.block.header",
    "blockchain.block.headers",
)
TXID = ledger_node().ledger.block(130)[3]
FIRST = (TXID, "zz", 5, -1, 1.5, 2**64, True, None, [], ["00"], {"a": 1})
SECOND = (130, 10**12, "x", None)
HEX = ("00", "0" * 7, "ff" * 300, "0200000001" + "00" * 60, blocks().blocks.block(111)[1].serialise().hex())


PROGRAMS = (
    *("electrumx_1_18", "electrumx_2_0", "bsv_electrumx", "fulcrum_2", "electrs_romanz"),
    *("electrs_esplora", "electrs_esplora_coded", "mempool_electrs", "eps", "bwt", "floresta", "frigate"),
)
"""One for each way to read parameters."""


def parameters() -> list[list[object]]:
    pairs = [list(pair) for pair in itertools.product(FIRST, SECOND)]
    triples = [[5, 0, last] for last in (True, False, "x", None, 1)]
    return [[], *([one] for one in (*FIRST, *HEX)), *([list(HEX)], [["00"], True]), *pairs, *triples, [1, 2, 3, 4]]


@pytest.mark.parametrize("personality", PROGRAMS)
def test_no_parameter_breaks_a_program(personality: str) -> None:
    program = start(personality, ledger_state())
    version = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "server.version", "params": ["test", "1.4"]})

    answered = 0
    for method, params in itertools.product(METHODS, parameters()):
        line = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
        received, closed = exchange(program.connect(Transport.TCP), version, line)
        replies = [json.loads(one) for one in received.splitlines()]
        assert all({"result", "error"} & set(one) for one in replies)
        answered += len(replies) > 1 or closed

    assert answered > len(METHODS)
