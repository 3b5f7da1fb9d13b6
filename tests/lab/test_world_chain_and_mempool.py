"""The chain is linked and real at its root; nodes differ a little; the mempool stays of a useful size."""

import itertools

import pytest

from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.chain import GENESIS, SyntheticChain
from electrum_observatory.lab.mempool import TransactionFlow
from electrum_observatory.lab.nodes import SAT_PER_VB, SyntheticNode
from electrum_observatory.lab.world_file import Mempool, Node

START_S = 1_795_132_800


def chain(seed: int = 1) -> SyntheticChain:
    return SyntheticChain("bitcoin", seed=seed, height=50, interval_s=600, start_s=START_S)


def node(name: str, policy: Node, seed: int = 1) -> SyntheticNode:
    blocks = chain(seed)
    return SyntheticNode(
        name, policy, blocks, TransactionFlow(blocks, Mempool(), seed=seed), network="bitcoin", seed=seed
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_begins_with_its_real_genesis(network: str) -> None:
    assert parse_header(GENESIS[network]).block_hash == NETWORKS[network].genesis_hash


def test_headers_are_linked_and_their_times_rise() -> None:
    blocks = chain()
    headers = [parse_header(blocks.header(height)) for height in range(60)]

    for before, after in itertools.pairwise(headers):
        assert after.previous_hash == before.block_hash
        assert after.timestamp >= before.timestamp


def test_blocks_come_by_chance_at_the_stated_rate() -> None:
    mined = chain().mined(600.0 * 2000)

    assert 1800 < mined < 2200
    assert chain(1).arrival(1) != chain(2).arrival(1)


def test_the_mempool_neither_dries_up_nor_grows_without_end() -> None:
    core = node("a", Node())

    sizes = [len(core.state(at).mempool) for at in range(0, 8_000, 500)]

    assert min(sizes) > 100
    assert max(sizes) < 12_000


def test_a_node_keeps_out_what_is_cheaper_than_its_relay_fee() -> None:
    strict, open_minded = node("a", Node(relay_fee=0.00001)), node("b", Node(relay_fee=0.000001))

    rates = [one.fee_sat / (one.weight / 4) for one in strict.state(100).mempool]

    assert min(rates) >= 1
    assert len(open_minded.state(100).mempool) > len(rates)


def test_two_nodes_of_one_policy_differ_in_a_few_transactions() -> None:
    mine, theirs = node_mempool("a"), node_mempool("b")

    difference = len(set(mine) ^ set(theirs)) / len(set(mine) | set(theirs))

    assert 0 < difference < 0.1


def node_mempool(name: str) -> list[object]:
    return list(node(name, Node(misses=0.02)).state(500).mempool)


def test_sizes_and_weights_fit_together() -> None:
    for one in node("a", Node(misses=0)).state(300).mempool:
        assert one.size <= one.weight <= 4 * one.size
        assert one.segwit or one.weight == 4 * one.size
        assert one.fee_sat > 0


def test_estimates_fall_with_the_target_and_respect_the_floor() -> None:
    core = node("a", Node()).state(5000)
    values = [core.estimate(target) for target in (1, 2, 6, 12)]

    assert values == sorted(values, reverse=True)
    assert core.estimate(1008) >= core.mempool_min_fee
    assert core.estimate(2) > SAT_PER_VB
    assert core.estimate(0) is None
    assert node("a", Node(estimates=False)).state(5000).estimate(6) is None


def test_independent_nodes_estimate_differently_and_only_blocks_change_it() -> None:
    one, other = node("a", Node()), node("b", Node())

    assert one.state(5000).estimate(6) != other.state(5000).estimate(6)
    assert len({(s.height, s.estimate(6)) for s in map(one.state, range(500, 4000, 50))}) == len(
        {s.height for s in map(one.state, range(500, 4000, 50))}
    )
