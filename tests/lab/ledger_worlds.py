"""One node with a small chain, for the script and transaction methods of personalities."""

from dataclasses import replace
from functools import cache

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.cast import Role
from electrum_observatory.lab.chain import SyntheticChain
from electrum_observatory.lab.ledger_view import LedgerView
from electrum_observatory.lab.state import NodeState, ServerState
from tests.lab.personality_worlds import make_node, make_state

HEIGHT = 240
EXCHANGE = 501


@cache
def blocks(exchange: int = EXCHANGE) -> SyntheticChain:
    return SyntheticChain("bitcoin", seed=5, height=HEIGHT, interval_s=600, start_s=1_795_132_800, exchange=exchange)


def ledger_node(shelf: str = "a", *, exchange: int = EXCHANGE, version: int = 280_100) -> NodeState:
    """The node at the start, with everything heard that waits."""
    chain = blocks(exchange)
    ledger = LedgerView(chain.ledger, height=HEIGHT, waiting=lambda: chain.blocks.waiting_for(HEIGHT + 1), shelf=shelf)
    plain = make_node(height=HEIGHT, header=chain.header, network=NETWORKS["bitcoin"], version=version)
    return replace(plain, ledger=ledger)


def ledger_state(shelf: str = "a", *, exchange: int = EXCHANGE, version: int = 280_100) -> ServerState:
    return make_state(node=ledger_node(shelf, exchange=exchange, version=version))


def script(role: Role, kind: AddressKind = AddressKind.P2WPKH) -> str:
    return blocks().blocks.cast[role, kind].scripthash
