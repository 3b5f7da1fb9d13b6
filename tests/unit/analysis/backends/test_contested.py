"""Contested transactions: what they tell of unrelated nodes, of one node, and of what only looks like one."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.block import MOST_OF_FAMILY, Signal, Weighed
from electrum_observatory.analysis.backends.contested import contested_weighed, steadiness
from electrum_observatory.analysis.backends.contested_columns import patterns_of, weights_of
from electrum_observatory.analysis.backends.study import study_material
from electrum_observatory.datasets.watch.pending_seen import PendingTransactions
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.backends.contested_planted import Mempools, had
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant

NODES = nodes_of(100, 12, 3)
APART = tuple(range(100))


def _weigh(found: PendingTransactions, policies: NDArray[np.int64] | None = None, *, few: bool = False) -> Weighed:
    machines = found.seen.shape[1]
    same = np.full(machines, 1000)
    return contested_weighed(found, np.ones(machines, bool), same if policies is None else policies, few=few)


def _pairs(values: NDArray[np.float64], nodes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what pairs on one node have, and what pairs on two have."""
    numbers = np.array(nodes)
    upper = np.triu_indices(len(nodes), 1)
    same = (numbers[:, None] == numbers[None, :])[upper]
    return values[upper][same], values[upper][~same]


def _exactly(*columns: str) -> PendingTransactions:
    """One transaction for each word: ``1`` has it, ``0`` lacks it, ``-`` did not say."""
    seen = np.array([[{"1": 1, "0": 0, "-": NOTHING}[one] for one in word] for word in columns], dtype=np.int8)
    number = len(columns)
    return PendingTransactions(
        txids=[f"{one:064x}" for one in range(number)],
        numbers=np.arange(number),
        seen=seen,
        wavering=np.zeros(seen.shape, bool),
        first=np.zeros(number, np.int64),
        last=np.full(number, 2),
    )


def test_unrelated_nodes_earn_nothing_and_are_told_apart() -> None:
    bits = np.concatenate(
        [_pairs(_weigh(had(Mempools(nodes=APART, transactions=400), seed)).bits, APART)[1] for seed in range(2)]
    )

    assert (bits > 3).mean() < 0.005
    assert np.exp2(bits).mean() <= 1
    assert np.median(bits) < -6


def test_servers_on_one_node_earn_what_one_family_may() -> None:
    found = _weigh(had(Mempools(nodes=NODES, transactions=400), 11))

    same, other = _pairs(found.bits, NODES)

    assert np.median(same) > 10
    assert same.max() <= MOST_OF_FAMILY
    assert (other > 3).mean() < 0.005
    assert np.median(_pairs(found.expected, NODES)[0]) > 8


def test_a_week_without_much_in_it_could_not_tell() -> None:
    found = _weigh(had(Mempools(nodes=NODES, transactions=10), 12))

    assert np.median(found.expected) < 2
    assert found.bits.max() < 8


def test_nodes_of_one_policy_are_not_one_node_whether_their_fee_tells_it_or_not() -> None:
    strict = tuple(range(40, 60))
    planted = had(Mempools(nodes=APART, transactions=600, strict=strict), 13)
    told = np.where(np.isin(np.arange(100), strict), 1000, 100)

    for policies in (told, np.full(100, 1000)):
        bits = _weigh(planted, policies).bits[40:60, 40:60]
        assert bits[np.triu_indices(20, 1)].max() < 3


def test_a_rare_rule_of_a_few_nodes_does_not_make_them_one() -> None:
    strict = (40, 50, 60, 70)

    bits = _weigh(had(Mempools(nodes=APART, transactions=600, strict=strict), 14)).bits[np.ix_(strict, strict)]

    assert bits[np.triu_indices(4, 1)].max() < 3


def test_copies_and_contraries_of_a_transaction_are_one_fact() -> None:
    once = had(Mempools(nodes=NODES, transactions=300, mishaps=0, untold=0), 15)
    contrary = np.where(once.seen == NOTHING, NOTHING, 1 - once.seen).astype(np.int8)
    many = replace(once, seen=np.concatenate([once.seen, once.seen, contrary]), wavering=np.zeros((900, 100), bool))

    np.testing.assert_allclose(_weigh(many).bits, _weigh(once).bits)


def test_patterns_are_counted_by_side_and_like_ones_share_a_weight() -> None:
    patterns = patterns_of(_exactly("110000", "110000", "001111", "111000", "100000", "11----", "111111"))

    assert patterns.values.shape == (2, 6)
    assert patterns.of_transaction.tolist() == [0, 0, 0, 1, NOTHING, NOTHING, NOTHING]
    assert (patterns.had.tolist(), patterns.lacked.tolist()) == ([2, 1], [1, 0])
    np.testing.assert_allclose(weights_of(patterns.values, np.ones(6, bool)), 1 / 1.5, rtol=1e-6)


def test_who_is_on_two_nodes_by_turns_is_not_told_apart_from_either_by_force() -> None:
    turning = had(Mempools(nodes=NODES, transactions=200, turning={0: 20}), 16)
    alone = had(Mempools(nodes=NODES, transactions=200), 16)

    assert steadiness(turning)[0] < 0.9 < steadiness(turning)[50]
    assert _weigh(turning).bits[0, 1:3].min() > -6
    assert _weigh(alone).bits[3, 50] < -6


def test_mishaps_of_one_server_do_not_tell_it_apart() -> None:
    found = had(Mempools(nodes=NODES, transactions=400, mishaps=0, untold=0), 17)
    seen = found.seen.copy()
    seen[:400:100, 0] = 1 - seen[:400:100, 0]

    assert _weigh(replace(found, seen=seen)).bits[0, 1:3].min() > -3


def test_among_few_machines_a_policy_is_one_fact_and_its_contrary_another() -> None:
    policy = _weigh(_exactly(*["111000"] * 50), few=True).bits
    both = _weigh(_exactly(*["111000"] * 50, *["000111"] * 50), few=True).bits

    assert 0.5 < policy[0, 1] < 1.5
    assert both[0, 1] > 1.5 * policy[0, 1]
    assert both[0, 3] < policy[0, 3] < -3  # the excuse of two nodes by turns bounds what few facts say against
    assert both[3, 5] == both[0, 1]


def test_among_few_machines_one_transaction_is_half_a_fact() -> None:
    one, many = (_weigh(_exactly(*["110000"] * number), few=True).bits for number in (1, 50))

    assert 0 < one[0, 1] < 0.6 * many[0, 1]


def test_among_few_machines_unrelated_nodes_earn_nothing() -> None:
    apart = tuple(range(12))
    drawn = [_weigh(had(Mempools(nodes=apart, transactions=50), seed), few=True).bits for seed in range(20, 26)]
    bits = np.concatenate([_pairs(one, apart)[1] for one in drawn])

    assert np.exp2(bits).mean() <= 1
    assert bits.max() < np.log2(11) + np.log2(9)  # prior, and odds of nine to one


def test_no_contested_transaction_weighs_nothing() -> None:
    for few in (False, True):
        nothing = _weigh(_exactly("111111", "100000"), few=few)
        assert not nothing.bits.any()
        assert not nothing.expected.any()


def test_where_histograms_and_fees_are_quiet_transactions_still_tell() -> None:
    nodes = nodes_of(60, 8, 3)
    quiet = plant(Planted(nodes=nodes, rounds=60, differing=1e-6, unclamped=False), 5)
    asked = replace(quiet, contested=had(Mempools(nodes=nodes, transactions=600), 18))

    before, after = study_material(quiet), study_material(asked)

    same = np.array(nodes)[:, None] == np.array(nodes)[None, :]
    links = after.groups().links
    assert Signal.CONTESTED not in before.weighed
    assert not before.sufficient
    assert after.sufficient
    assert not (links & ~same).any()
    assert links.sum() > 0.7 * (same.sum() - 60)
