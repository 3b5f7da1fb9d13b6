"""Scripts, transactions and proofs: real ElectrumX and the lab's say the same of one real chain, byte for byte."""

from dataclasses import replace

import pytest

from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.electrumx import VERSIONS, ElectrumX
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.played import APART_S, play, stand_in, state_of
from tests.servers.real_ledger import RealLedger

ORDERED_SINCE = "1.19.0"
"""Before, waiting transactions come in the order of a Python set, which nobody can foresee."""


@pytest.fixture(scope="session")
def full_state(node: LitecoinNode, ledger: RealLedger) -> NodeState:
    return replace(state_of(node), ledger=ledger)


def test_the_labs_stand_in_tells_scripts_and_transactions_as_the_real_server(
    electrumx: ElectrumX, conversations: dict[str, list[Dialogue]], full_state: NodeState
):
    program = stand_in(electrumx, full_state)
    ordered = VERSIONS.index(electrumx.version) >= VERSIONS.index(ORDERED_SINCE)

    found = []
    for number, dialogue in enumerate(conversations[electrumx.version], start=1):
        played = play(dialogue, program.connect(Transport.TCP), number * APART_S)
        name = dialogue.exchanges[1].name
        unforeseen = name == "listunspent busiest" or (
            not ordered and name in {f"{method} busiest" for method in ("get_history", "get_mempool", "subscribe")}
        )
        for exchange, answer in zip(dialogue.exchanges, played, strict=True):
            real = b"".join(line.data for line in exchange.lines)
            if real != answer and not (unforeseen and exchange.name == name):
                found.append(f"{exchange.name} {exchange.sent[:120]!r}\n  real {real[:900]!r}\n  lab  {answer[:900]!r}")

    assert not found, "\n".join(found[:10])
    assert len(conversations[electrumx.version]) > 35
