"""The stream of transactions, the blocks, and the plan of a world: drawn as said, and the same each time."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.flow import DATA, NONE, Flow, happen
from electrum_observatory.lab.time.plans import FeeRegime, HardKind, WorldPlan
from electrum_observatory.lab.time.regimes import DAY_S, draw_spells
from tests.lab.time.flow_worlds import cell, small_history, small_plan


@pytest.fixture(scope="module")
def plan() -> WorldPlan:
    return draw_plan(cell(), 3)


def test_a_world_happens_the_same_way_each_time_and_another_seed_is_another_world():
    first, again, other = happen(small_plan()), happen(small_plan()), happen(small_plan(seed=6))

    assert all(
        np.array_equal(getattr(first.flow, name), getattr(again.flow, name)) for name in Flow.__dataclass_fields__
    )
    assert np.array_equal(first.blocks.found_s, again.blocks.found_s)
    assert len(first.flow.born_s) != len(other.flow.born_s)


def test_fees_follow_the_regime():
    medians = [np.median(small_history(regime).flow.rate) for regime in FeeRegime]

    quiet, calm, busy = medians
    assert quiet < 1 < calm < 8 < busy


def test_regimes_take_turns_of_a_day_or_more_where_none_is_given():
    spells = draw_spells(None, 4, 0, 20 * DAY_S)

    assert all(before.to_s == after.from_s for before, after in pairwise(spells))
    assert all(before.regime is not after.regime for before, after in pairwise(spells))
    assert all(spell.to_s - spell.from_s >= DAY_S for spell in spells[:-1])


def test_planted_shares_are_recovered():
    plan, flow = small_plan(), small_history().flow

    assert (flow.known_to[:, 0] != NONE).mean() == pytest.approx(plan.parameters["flow.private_share"], rel=0.15)
    assert (~flow.segwit).mean() == pytest.approx(plan.parameters["flow.legacy_share"], rel=0.15)
    assert flow.vsize.mean() == pytest.approx(plan.parameters["flow.vsize_mean"], rel=0.1)
    assert (flow.kind == DATA).mean() == pytest.approx(plan.parameters["flow.data_share"], rel=0.1)


def test_a_share_of_the_wallets_offers_round_rates():
    plan, flow = small_plan(FeeRegime.BUSY), small_history(FeeRegime.BUSY).flow
    dear = flow.rate > 3

    rounds = np.abs(flow.rate[dear] - np.round(flow.rate[dear])) < 1e-9
    assert rounds.mean() == pytest.approx(plan.parameters["flow.round_share"], abs=0.05)


def test_blocks_take_the_dearest_and_never_more_than_fits():
    plan, history = small_plan(FeeRegime.BUSY), small_history(FeeRegime.BUSY)
    flow = history.flow
    taken = flow.block != NONE

    filled = np.bincount(flow.block[taken], flow.vsize[taken])
    assert filled.max() <= plan.parameters["block.vsize"]
    assert np.median(filled) > 0.97 * plan.parameters["block.vsize"]
    assert np.median(flow.rate[taken]) > np.median(flow.rate[~taken])
    assert (flow.born_s[taken] < history.blocks.found_s[flow.block[taken]]).all()


def test_blocks_come_every_ten_minutes_and_some_have_a_rival():
    history = happen(draw_plan(cell(FeeRegime.QUIET), 2, days=7, servers=6, nodes=4, shared=1))

    gaps = np.diff(history.blocks.found_s)
    stale = np.isfinite(history.blocks.rival_s)
    assert gaps.mean() == pytest.approx(600, rel=0.1)
    assert 0 < stale.mean() < 0.05
    assert (history.blocks.rival_s[stale] > history.blocks.found_s[stale]).all()


def test_what_is_replaced_pays_less_is_older_and_is_never_mined():
    flow = small_history().flow
    later = np.flatnonzero(flow.replaces != NONE)
    earlier = flow.replaces[later]

    assert len(later) > 50
    assert (flow.rate[later] > flow.rate[earlier]).all()
    assert (flow.born_s[later] > flow.born_s[earlier]).all()
    assert (flow.block[earlier] == NONE).all()
    assert np.array_equal(flow.replaced_by[earlier], later)


def test_a_drawn_world_has_the_promised_counts(plan: WorldPlan):
    on_node = Counter(node for server in plan.servers for node in server.nodes[:1])

    assert len(plan.servers) == 300
    assert len(plan.nodes) == len(on_node) == 120
    assert sum(count > 1 for count in on_node.values()) == 40
    assert max(on_node.values()) >= 10
    assert len({server.endpoint for server in plan.servers}) == 300


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_third_of_all_pairs_has_one_build_policy_and_provider(seed: int):
    plan = draw_plan(cell(), seed)
    nodes = {node.node_id: node for node in plan.nodes}
    kinds = Counter(
        (
            server.personality,
            server.provider,
            nodes[server.nodes[0]].relay_floor,
            nodes[server.nodes[0]].software,
            nodes[server.nodes[0]].version,
        )
        for server in plan.servers
    )

    alike = sum(count * (count - 1) for count in kinds.values())
    assert alike / (300 * 299) >= 1 / 3


def test_every_kind_of_hard_case_is_planted_and_named(plan: WorldPlan):
    cases = Counter(case.kind for case in plan.hard_cases)
    servers = {server.server_id for server in plan.servers}

    assert set(cases) == set(HardKind)
    assert all(servers >= set(case.servers) and case.servers for case in plan.hard_cases)


def test_too_few_servers_for_the_nodes_are_refused():
    with pytest.raises(ValueError, match="cannot stand"):
        draw_plan(cell(), 1, servers=10, nodes=9, shared=2)
