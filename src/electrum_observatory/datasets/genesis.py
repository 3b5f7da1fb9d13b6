"""Which chain an endpoint serves, as far as it was learned."""

from enum import StrEnum

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.datasets import fields
from electrum_observatory.datasets.facts import EndpointFacts


class GenesisState(StrEnum):
    """What is known about the chain an endpoint serves. Populations of different states are never mixed."""

    VERIFIED = "verified"  # block 0, hashed by us, is the network's
    CLAIMED = "claimed"  # only server.features says so
    OTHER = "other"  # one of the two names another chain
    UNKNOWN = "unknown"  # neither was learned


def genesis_state(seen: EndpointFacts, chain: Network) -> GenesisState:
    """Judge block 0 as we hashed it and as ``server.features`` names it against the campaign's network."""
    hashed = fields.text(seen.result("genesis"), "block_hash")
    claimed = fields.text(seen.result("features"), "genesis_hash")
    if {hashed, claimed} - {None, chain.genesis_hash}:
        return GenesisState.OTHER
    if hashed is not None:
        return GenesisState.VERIFIED
    return GenesisState.UNKNOWN if claimed is None else GenesisState.CLAIMED
