"""The estimators of many nodes against a plain reading of bitcoind's source, and against cases counted by hand."""

import random

import numpy as np

from electrum_observatory.lab.time.estimator import FeeEstimators, Transactions
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS
from tests.lab.time.plain_estimator import PlainEstimator

HEIGHT = 900_000


def _transactions(rates, entered, tracked=None, nodes=1):
    tracked = [[True] * len(rates)] * nodes if tracked is None else tracked
    return Transactions(
        rates=np.array(rates, dtype=np.int64),
        entered=np.broadcast_to(np.array(entered, dtype=np.int64), len(rates)),
        tracked=np.array(tracked, dtype=np.bool_).reshape(nodes, len(rates)).T,
    )


def _none_of(nodes):
    return _transactions([], [], [[]] * nodes, nodes=nodes)


def _fed(rates_of_block, *, blocks, cheapest=100):
    """An estimator whose transactions are all confirmed in the next block."""
    estimator = FeeEstimators(1, height=HEIGHT, cheapest=cheapest)
    estimator.start([0])
    for number in range(blocks):
        some = _transactions(rates_of_block(number), HEIGHT + number)
        estimator.step(arrived=some, dropped=_none_of(1), confirmed=some)
    return estimator


def _asked(estimator, *, conservative=False):
    return estimator.estimates(np.array([conservative])).tolist()[0]


def test_a_single_rate_that_is_always_confirmed_at_once_is_the_estimate():
    estimator = _fed(lambda _: [5000] * 20, blocks=60)

    assert _asked(estimator) == [5000] * len(ESTIMATE_TARGETS)


def test_the_estimate_is_the_mean_of_the_bucket_of_the_median_transaction():
    bucket_of_5000_begins = 100 * 1.05**80  # 4956.1; the next bound is 5203.9
    inside = [4960, 5000, 5100]

    estimator = _fed(lambda _: inside * 10, blocks=60)

    assert bucket_of_5000_begins < min(inside)
    assert _asked(estimator)[0] == round(sum(inside) / len(inside))


def test_too_few_transactions_give_no_estimate():
    assert _asked(_fed(lambda number: [5000] if number == 5 else [], blocks=60)) == [0] * len(ESTIMATE_TARGETS)


def test_a_history_of_three_blocks_gives_no_estimate_and_one_of_five_does():
    # Half of the span bounds the target, and a target of one block is an error; the span counts from the first block
    # that held tracked transactions.
    assert _asked(_fed(lambda _: [5000] * 50, blocks=4))[0] == 0
    assert _asked(_fed(lambda _: [5000] * 50, blocks=5))[0] == 5000


def test_rates_that_wait_do_not_pass_for_a_fast_target():
    estimator = FeeEstimators(1, height=HEIGHT, cheapest=100)
    estimator.start([0])
    for number in range(120):
        arrived = _transactions([20_000] * 10 + [1000] * 10, HEIGHT + number)
        ages = [0] * 10 + [min(9, number)] * 10
        taken = _transactions([20_000] * 10 + [1000] * 10, [HEIGHT + number - age for age in ages])
        fast = _transactions([20_000] * 10, HEIGHT + number)

        estimator.step(arrived=arrived, dropped=_none_of(1), confirmed=taken if number >= 9 else fast)

    assert _asked(estimator)[0] == 20_000
    assert _asked(estimator)[3] == 1000


def test_cheap_rates_share_the_first_bucket_of_an_older_core():
    young = _fed(lambda _: [150, 450] * 10, blocks=60, cheapest=100)
    old = _fed(lambda _: [150, 450] * 10, blocks=60, cheapest=1000)

    assert _asked(young)[0] == 150
    assert _asked(old)[0] == 300


def test_what_a_node_missed_changes_the_digits_of_scattered_rates_and_not_those_of_a_round_one():
    scattered, round_ones = list(range(5001, 5021)), [5000] * 20
    estimates = {}
    for name, rates in (("scattered", scattered), ("round", round_ones)):
        seen = [[True] * 20, [True] * 19 + [False]]
        estimator = FeeEstimators(2, height=HEIGHT, cheapest=100)
        estimator.start([0, 1])
        for number in range(60):
            some = _transactions(rates, HEIGHT + number, seen, nodes=2)
            estimator.step(arrived=some, dropped=_none_of(2), confirmed=some)
        estimates[name] = estimator.estimates(np.array([False, False]))[:, 0].tolist()

    assert estimates["round"] == [5000, 5000]
    assert estimates["scattered"][0] != estimates["scattered"][1]


def test_a_copied_file_gives_two_nodes_one_past():
    estimator = FeeEstimators(2, height=HEIGHT, cheapest=100)
    estimator.start([0])
    for number in range(100):
        some = _transactions([5001, 5002] * 10, HEIGHT + number, nodes=2)
        estimator.step(arrived=some, dropped=_none_of(2), confirmed=some)
    alone = estimator.estimates(np.array([False, False])).tolist()

    estimator.copy_file(source=0, target=1)
    estimator.start([1])
    copied = estimator.estimates(np.array([False, False])).tolist()

    assert alone[1] == [0] * len(ESTIMATE_TARGETS)
    assert copied[0] == copied[1] == alone[0]


def test_a_file_that_is_too_old_is_forgotten():
    estimator = _fed(lambda _: [5000] * 20, blocks=60)
    before = _asked(estimator)

    estimator.stop([0])
    estimator.start([0], keeps_file=True)
    kept = _asked(estimator)
    estimator.stop([0])
    estimator.start([0], keeps_file=False)

    assert kept == before
    assert _asked(estimator) == [0] * len(ESTIMATE_TARGETS)


def test_a_remembered_past_reaches_the_longest_target():
    rates = [[5000] * 20, [9000] * 20]
    estimator = _fed(lambda number: rates[number % 2], blocks=40)

    estimator.remember(uptime=np.array([100]), history=np.array([20_000]), seen=np.array([40]))

    assert _asked(estimator)[-1] in {5000, 9000}


def test_many_nodes_at_once_say_what_a_plain_reading_of_the_source_says():
    for seed, blocks, cheapest in ((1, 50, 100), (2, 64, 1000)):
        _compare(random.Random(seed), blocks, cheapest)


def _compare(rng, blocks, cheapest):
    nodes, conservative, late, begins = 4, np.array([False, True, False, True]), 3, 24
    plain = [PlainEstimator(HEIGHT, cheapest) for _ in range(nodes)]
    estimator = FeeEstimators(nodes, height=HEIGHT, cheapest=cheapest)
    estimator.start(range(late))
    pool, key = {}, 0
    for number in range(blocks):
        if number == begins:
            estimator.start([late])
        arrived = range(key, key := key + rng.randrange(24))
        for one in arrived:
            tracked = [rng.random() < 0.9 for _ in range(nodes)]
            pool[one] = (_any_rate(rng), HEIGHT + number, tracked)
            for place, node in enumerate(plain):
                if tracked[place] and (place != late or number >= begins):
                    node.arrive(one, pool[one][0])
        dropped = [one for one in pool if one not in arrived and rng.random() < 0.01]
        for node in plain:
            for one in node.tracked.keys() & set(dropped):
                node.remove(one, in_block=False)
        waiting = sorted(set(pool) - set(dropped), key=lambda one: -pool[one][0] * rng.lognormvariate(0, 0.1))
        taken = waiting[: rng.randrange(6, 15)]
        for node in plain:
            node.block(taken)
        estimator.step(
            **{
                what: _transactions(
                    [pool[one][0] for one in ones],
                    [pool[one][1] for one in ones],
                    [[pool[one][2][node] for one in ones] for node in range(nodes)],
                    nodes=nodes,
                )
                for what, ones in (("arrived", arrived), ("dropped", dropped), ("confirmed", taken))
            }
        )
        for one in (*dropped, *taken):
            del pool[one]
        if number == blocks // 2:
            plain[2].restart()
            estimator.stop([2])
            estimator.start([2])

        if number % 7 == 6:
            expected = [
                [node.estimate(target, bool(careful)) for target in ESTIMATE_TARGETS]
                for node, careful in zip(plain, conservative, strict=True)
            ]
            assert estimator.estimates(conservative).tolist() == expected


def _any_rate(rng):
    return rng.choice([1000, 2000, 5000, int(1000 * rng.lognormvariate(1, 0.8)), int(100 * rng.lognormvariate(1, 0.8))])
