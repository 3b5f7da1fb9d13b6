"""Which chain a server serves, as far as it was learned: the one rule behind every count and column that says so."""

from enum import StrEnum

from electrum_observatory.bitcoin.networks import Network


class GenesisState(StrEnum):
    """What is known about the chain an endpoint serves. Populations of different states are never mixed."""

    VERIFIED = "verified"  # block 0, hashed by us, is the network's, and nothing the server says names another
    CLAIMED = "claimed"  # only server.features says so
    OTHER = "other"  # one of the two names another chain
    UNKNOWN = "unknown"  # neither was learned


def judge_genesis(block0_hash: str | None, claimed_hash: str | None, network: Network) -> GenesisState:
    """Judge block 0 as we hashed it and as ``server.features`` names it; None for what was not learned."""
    if {block0_hash, claimed_hash} - {None, network.genesis_hash}:
        return GenesisState.OTHER
    if block0_hash is not None:
        return GenesisState.VERIFIED
    return GenesisState.UNKNOWN if claimed_hash is None else GenesisState.CLAIMED
