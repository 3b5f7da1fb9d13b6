"""Which node has which transaction: planted shares and delays come back, policies hold, and copies agree."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from electrum_observatory.lab.time.flow import DATA, NONE, happen
from electrum_observatory.lab.time.mempools import Mempools, Presence, Stretch
from electrum_observatory.lab.time.plans import FeeRegime, NodePlan, Restart, Software, WorldPlan
from electrum_observatory.lab.time.regimes import DAY_S
from electrum_observatory.lab.time.relay import NEVER
from tests.lab.time.flow_worlds import small_history, small_mempools, small_plan

HOUR_S = 3600


def plain(node: NodePlan, **changes: object) -> NodePlan:
    """A node of no hard case that takes everything."""
    usual = {
        "software": Software.CORE,
        "relay_floor": 0.1,
        "full_rbf": True,
        "takes_data": True,
        "takes_large_data": True,
        "max_mempool_mb": 300,
        "missed_share": 0.01,
        "inbound_peers": 16,
        "started_s": -300.0 * DAY_S,
        "mempool_since_s": -300.0 * DAY_S,
        "restarts": (),
        "peered_with": (),
        "block_source": node.node_id,
        "mempool_from": None,
        "copied_at_s": None,
    }
    return replace(node, **(usual | changes))  # type: ignore[arg-type]


def world_of(*changes: dict[str, object], regime: FeeRegime = FeeRegime.CALM) -> Mempools:
    """A world of plain nodes, each with its changes."""
    drawn = small_plan(regime)
    nodes = tuple(plain(node, **changed) for node, changed in zip(drawn.nodes, changes, strict=False))
    plan: WorldPlan = replace(drawn, nodes=nodes)
    return Mempools(plan, small_history(regime))


def whole(mempools: Mempools) -> Stretch:
    return mempools.stretch(0, mempools.plan.seconds)


def had(presence: Presence, at_s: float) -> np.ndarray:
    return (presence.enters <= at_s) & (presence.leaves > at_s)


def test_a_node_misses_the_planted_share_of_public_transactions():
    mempools = world_of({"missed_share": 0.03}, {"missed_share": 0.002})
    stretch = whole(mempools)
    public = mempools.history.flow.known_to[stretch.rows, 0] == NONE

    missed = [(mempools.presence(node, stretch).enters[public] == NEVER).mean() for node in (0, 1)]

    assert missed[0] == pytest.approx(0.03, rel=0.1)
    assert missed[1] == pytest.approx(0.002, rel=0.35)


def test_delays_are_those_of_the_trickle():
    mempools = world_of({}, {"inbound_peers": 0})
    stretch = whole(mempools)
    for node in (0, 1):
        presence = mempools.presence(node, stretch)
        own = (presence.enters < NEVER) & (mempools.history.flow.known_to[stretch.rows, 0] == NONE)
        delays = presence.enters[own] - stretch.born_s[own]

        planted = mempools.relay.delays(node)
        assert np.median(delays) == pytest.approx(np.median(planted) + 0.5, abs=0.15)  # whole seconds, rounded up
        assert np.quantile(delays, 0.95) == pytest.approx(np.quantile(planted, 0.95) + 0.5, abs=0.3)
        assert 2 < np.median(planted) < 12


def test_nodes_peered_by_hand_tell_each_other_what_one_of_them_missed():
    first, second = (node.node_id for node in small_plan().nodes[:2])
    apart = world_of({"missed_share": 0.03}, {"missed_share": 0.03})
    peered = world_of({"missed_share": 0.03, "peered_with": (second,)}, {"missed_share": 0.03, "peered_with": (first,)})

    def differing(mempools: Mempools) -> float:
        stretch = whole(mempools)
        one, other = (mempools.presence(node, stretch).enters < NEVER for node in (0, 1))
        return float((one != other).mean())

    assert differing(apart) == pytest.approx(2 * 0.03 * 0.97, rel=0.25)
    assert differing(peered) < differing(apart) / 4


def test_private_transactions_stay_with_the_nodes_that_know_them():
    mempools = small_mempools()
    stretch = whole(mempools)
    known_to = mempools.history.flow.known_to[stretch.rows]
    for node in range(3):
        strangers = (known_to[:, 0] != NONE) & (known_to != node).all(axis=1)

        assert (mempools.presence(node, stretch).enters[strangers] == NEVER).all()
        assert strangers.any()


def test_policies_keep_out_what_they_do_not_take():
    mempools = world_of({"relay_floor": 1.0}, {"takes_data": False}, {}, regime=FeeRegime.QUIET)
    stretch = whole(mempools)
    takes = [mempools.presence(node, stretch).enters < NEVER for node in range(3)]

    assert not takes[0][stretch.rate < 1].any()
    assert not takes[1][stretch.kind >= DATA].any()
    assert takes[2][stretch.rate < 1].mean() > 0.9
    assert takes[2][stretch.kind >= DATA].mean() > 0.9


def test_a_node_without_full_replacement_keeps_what_does_not_signal():
    mempools = world_of({"full_rbf": False, "missed_share": 0.0}, {"missed_share": 0.0})
    stretch = whole(mempools)
    old, new = (mempools.presence(node, stretch) for node in (0, 1))
    silent = stretch.unsignalled & (old.enters[stretch.earlier] < NEVER) & (stretch.rate[stretch.earlier] >= 1)
    later, earlier = stretch.later[silent], stretch.earlier[silent]
    in_time = old.enters[earlier] <= new.enters[later]

    assert silent.sum() > 20
    assert (old.enters[later[in_time]] == NEVER).mean() > 0.9
    assert (new.enters[later] < NEVER).mean() > 0.9
    assert (new.leaves[earlier] <= new.enters[later] + 1).mean() > 0.9


def test_a_full_mempool_throws_out_the_cheapest_and_says_a_higher_minimum():
    small = {"max_mempool_mb": 50, "usage_per_vbyte": 4.0}
    mempools = world_of(small, {}, regime=FeeRegime.BUSY)
    stretch = whole(mempools)
    at_s = 4.0 * HOUR_S
    vsize = mempools.history.flow.vsize[stretch.rows]
    full, roomy = (had(mempools.presence(node, stretch), at_s) for node in (0, 1))

    assert vsize[full].sum() * 4.0 < 50e6 * 1.05
    assert vsize[roomy].sum() * 4.0 > 60e6
    assert mempools.floors.at(0, np.array([at_s]))[0] > 1
    assert stretch.rate[full].min() > stretch.rate[roomy].min()
    assert mempools.floors.at(1, np.array([at_s]))[0] == pytest.approx(0.1)


def test_the_minimum_fee_falls_by_half_in_twelve_hours_once_there_is_room_again():
    drawn = small_plan(FeeRegime.BUSY, days=1.0)
    calmer = tuple(replace(spell, demand=0.3) for spell in drawn.spells)
    node = plain(drawn.nodes[0], max_mempool_mb=50, usage_per_vbyte=3.2)
    plan = replace(drawn, nodes=(node,), spells=calmer)
    mempools = Mempools(plan, happen(plan))

    minimum = mempools.floors.minimum[0]
    falling = np.flatnonzero((minimum[1:] < minimum[:-1]) & (minimum[1:] > node.relay_floor * 1.01))
    ratios = minimum[falling + 1] / minimum[falling]
    slow, middle, fast = (0.5 ** (300 / (43_200 / times)) for times in (1, 2, 4))
    assert len(falling) > 10
    assert all(min(abs(ratio - one) for one in (slow, middle, fast)) < 1e-3 for ratio in ratios)


def test_a_restart_that_does_not_reload_begins_with_nothing():
    stops = Restart(at_s=2.0 * HOUR_S, down_s=120.0, reloads=False)
    mempools = world_of({"restarts": (stops,)}, {"restarts": (replace(stops, reloads=True),)})
    stretch = whole(mempools)
    at_s = stops.at_s + stops.down_s
    lost, kept = (had(mempools.presence(node, stretch), at_s).sum() for node in (0, 1))

    assert lost < kept / 10


def test_a_copied_data_folder_brings_the_mempool_of_the_other_node():
    source = small_plan().nodes[0].node_id
    copied_s = -2.0 * HOUR_S
    copy = {"mempool_from": source, "copied_at_s": copied_s, "mempool_since_s": copied_s}
    mempools = world_of({}, copy, {"mempool_since_s": copied_s})
    stretch = mempools.stretch(copied_s, copied_s + 600)
    original, copied, fresh = (had(mempools.presence(node, stretch), copied_s) for node in range(3))

    assert (original == copied).mean() > 0.999
    assert fresh.sum() < original.sum() / 10


def test_a_node_is_the_same_whatever_part_of_the_world_is_looked_at():
    mempools = small_mempools(FeeRegime.BUSY)
    wide, narrow = whole(mempools), mempools.stretch(3 * HOUR_S, 3.5 * HOUR_S)
    places = np.searchsorted(wide.rows, narrow.rows)
    for node in range(len(mempools.plan.nodes)):
        all_, some = mempools.presence(node, wide), mempools.presence(node, narrow)

        at_s = 3.25 * HOUR_S
        assert np.array_equal(had(all_, at_s)[places], had(some, at_s))
        assert had(all_, at_s).sum() == had(some, at_s).sum()


def test_blocks_reach_nodes_behind_one_relay_together():
    shared = {"block_source": "one relay"}
    mempools = world_of(shared, shared, {})
    first, second, third = (mempools.relay.blocks(node, mempools.history.blocks) for node in range(3))

    assert np.abs(first - second).max() < 0.5
    assert np.abs(first - third).max() > 1
    assert all(later >= earlier for earlier, later in pairwise(first.tolist()))
