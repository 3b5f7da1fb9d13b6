"""What servers say of fees: frozen estimates, cached batches, clamps."""

from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.lab.time.fees import Asked, NodeFees, ServerFees
from electrum_observatory.lab.time.floors import Floors
from tests.lab.time.small_worlds import made_up_estimates, node_of, servers_of, small_world

ROUNDS = np.arange(1, 141, dtype=np.uint64)


@pytest.fixture(scope="module")
def world():
    return small_world()


@pytest.fixture(scope="module")
def nodes(world):
    return NodeFees(world.mempools, made_up_estimates(world))


@pytest.fixture(scope="module")
def fees(world, nodes):
    return ServerFees(world.plan, nodes, world.tips, world.lives)


def _asked(world, server, moments=None):
    moments = ROUNDS * 300.0 + 1.5 if moments is None else moments
    return Asked(server=server, node=node_of(world, server), moments=moments, rounds=ROUNDS[: len(moments)])


def test_a_node_answers_by_the_last_block_it_knows_and_never_below_its_minimum(world, nodes):
    block_s = world.mempools.block_s[2]
    moments = np.array([block_s[150] - 1.0, block_s[150]])
    bare = np.asarray(nodes.estimates(2, moments, 0))

    dear = Floors(minimum=np.full_like(world.mempools.floors.minimum, 150.0), thrown=world.mempools.floors.thrown)
    raised = NodeFees(_with_floors(world.mempools, dear), made_up_estimates(world)).estimates(2, moments, 0)

    assert bare.tolist() == [100_000 + 100 * 149 + 2, 100_000 + 100 * 150 + 2]
    assert raised.tolist() == [150_000, 150_000]


class _with_floors:
    """The mempools of a world with other floors."""

    def __init__(self, mempools, floors):
        self.block_s, self.floors = mempools.block_s, floors


def test_no_estimate_stays_none_under_a_raised_minimum(world):
    dear = Floors(minimum=np.full_like(world.mempools.floors.minimum, 150.0), thrown=world.mempools.floors.thrown)
    nodes = NodeFees(_with_floors(world.mempools, dear), made_up_estimates(world))

    assert nodes.estimates(2, np.array([20_000.0]), 6).tolist() == [0]


@pytest.mark.parametrize("name", ["fulcrum", "fulcrum_1_12", "romanz_electrs", "electrumx_1_15"])
def test_programs_that_keep_nothing_tell_what_their_node_says_now(world, nodes, fees, name):
    for server in servers_of(world, name):
        asked = _asked(world, server)

        assert fees.estimates(asked)[:, 0].tolist() == nodes.estimates(asked.node, asked.moments, 0).tolist()


@pytest.mark.parametrize("name", ["electrumx", "electrumx_1_20"])
def test_electrumx_freezes_an_answer_until_its_own_tip_changes(world, nodes, fees, name):
    staler = 0
    for server in servers_of(world, name):
        asked = _asked(world, server, np.arange(2.0, 42_000, 37.0))
        asked = replace(asked, rounds=np.zeros(len(asked.moments), dtype=np.uint64))
        tips = world.tips.timeline(server, asked.node).at(asked.moments)
        starts = np.searchsorted(world.lives.starts(server), asked.moments)
        said = fees.estimates(asked)[:, 0]
        now = nodes.estimates(asked.node, asked.moments, 0)

        same = (np.diff(tips) == 0) & (np.diff(starts) == 0)
        assert (np.diff(said)[same] == 0).mean() > 0.995
        staler += int((said < now).sum())
        assert (said <= now).all()
    assert staler > 0


def test_the_first_question_after_a_tip_is_ours_at_the_latest(world, fees):
    server = servers_of(world, "electrumx")[0]
    asked = _asked(world, server)
    timeline = world.tips.timeline(server, asked.node)

    frozen = fees._frozen_at(asked)

    told = timeline.told_s[timeline.at(asked.moments)]
    assert (frozen <= asked.moments[:, None]).all()
    assert (frozen >= np.minimum(told, asked.moments)[:, None]).all()
    assert (frozen <= told[:, None] + 300.0 + 1e-6).mean() > 0.98  # later only where the server was restarted since


def test_popular_targets_are_asked_for_sooner_than_rare_ones(world, fees):
    waits = [
        np.minimum(fees._waits(_asked(world, server), world.tips.timeline(server, node_of(world, server))), 1e9)
        for server in servers_of(world, "electrumx")
    ]

    assert np.mean([np.median(one[:, 0]) < np.median(one[:, 1:]) for one in waits]) == 1


def test_the_blockstream_line_is_at_most_a_minute_behind(world, nodes, fees):
    ages = []
    for server in servers_of(world, "blockstream_electrs"):
        asked = _asked(world, server)
        said = fees.estimates(asked)[:, 0]
        now = nodes.estimates(asked.node, asked.moments, 0)
        before = nodes.estimates(asked.node, asked.moments - 60.0, 0)
        assert ((said >= before) & (said <= now)).all()
        ages.append(fees._cache_age(asked, "server.estimate_cache"))

    pooled = np.concatenate(ages)
    assert pooled.min() >= 0
    assert 30 < pooled.max() < 60


def test_the_same_question_is_answered_alike_whoever_asks_in_which_order(world, nodes):
    server = servers_of(world, "electrumx")[3]
    asked = _asked(world, server)
    half = replace(asked, moments=asked.moments[70:], rounds=asked.rounds[70:])

    whole = ServerFees(world.plan, nodes, world.tips, world.lives).estimates(asked)
    later = ServerFees(world.plan, nodes, world.tips, world.lives).estimates(half)

    assert whole[70:].tolist() == later.tolist()
