"""Which chain an endpoint serves, read from its facts."""

from electrum_observatory.bitcoin.genesis import GenesisState, judge_genesis
from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.datasets import fields
from electrum_observatory.datasets.facts import EndpointFacts

__all__ = ["GenesisState", "genesis_state"]


def genesis_state(seen: EndpointFacts, chain: Network) -> GenesisState:
    """Judge block 0 as we hashed it and as ``server.features`` names it against the campaign's network."""
    hashed = fields.text(seen.result("genesis"), "block_hash")
    claimed = fields.text(seen.result("features"), "genesis_hash")
    return judge_genesis(hashed, claimed, chain)
