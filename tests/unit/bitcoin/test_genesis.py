import pytest

from electrum_observatory.bitcoin.genesis import GenesisState, judge_genesis
from electrum_observatory.bitcoin.networks import NETWORKS

BITCOIN = NETWORKS["bitcoin"]
OURS, OTHER = BITCOIN.genesis_hash, NETWORKS["testnet4"].genesis_hash


@pytest.mark.parametrize(
    ("block0_hash", "claimed_hash", "state"),
    [
        (OURS, None, GenesisState.VERIFIED),
        (OURS, OURS, GenesisState.VERIFIED),
        (None, OURS, GenesisState.CLAIMED),
        (None, None, GenesisState.UNKNOWN),
        (OTHER, OURS, GenesisState.OTHER),
        (OURS, OTHER, GenesisState.OTHER),
        (None, OTHER, GenesisState.OTHER),
        (OTHER, None, GenesisState.OTHER),
    ],
)
def test_a_chain_is_verified_by_block_0_and_by_nothing_said_against_it(
    block0_hash: str | None, claimed_hash: str | None, state: GenesisState
) -> None:
    assert judge_genesis(block0_hash, claimed_hash, BITCOIN) is state
