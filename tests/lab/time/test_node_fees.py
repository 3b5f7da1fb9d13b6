"""Estimates of a world's nodes: what age, files, copies and restarts do to them."""

from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.node_fees import _estimates_of, _parts, _shared_out, estimate_history
from electrum_observatory.lab.time.plans import Restart
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS
from tests.lab.time.small_worlds import small_world

DAY_S = 86_400.0
OLD, COPY, FRESH, RESTARTED, TWIN, YOUNG, *RENEWED = range(10)
LONGEST = ESTIMATE_TARGETS.index(1008)


@pytest.fixture(scope="module")
def mempools():
    """Nodes that differ in their past only, as far as policy goes."""
    world = small_world()
    like = replace(
        world.plan.nodes[0],
        version=280_100,
        relay_floor=1.0,
        missed_share=0.03,
        started_s=-200 * DAY_S,
        mempool_since_s=-200 * DAY_S,
        restarts=(),
        peered_with=(),
        fee_file_from=None,
        mempool_from=None,
        copied_at_s=None,
    )
    nodes = [replace(like, node_id=f"node-{number:03}") for number in range(10)]
    nodes[COPY] = replace(
        nodes[COPY],
        started_s=-0.4 * DAY_S,
        mempool_since_s=-0.4 * DAY_S,
        fee_file_from=nodes[OLD].node_id,
        copied_at_s=-0.4 * DAY_S,
    )
    nodes[FRESH] = replace(nodes[FRESH], started_s=-0.4 * DAY_S, mempool_since_s=-0.4 * DAY_S)
    nodes[RESTARTED] = replace(nodes[RESTARTED], restarts=(Restart(at_s=20_000, down_s=600, reloads=True),))
    nodes[YOUNG] = replace(nodes[YOUNG], started_s=7200.0, mempool_since_s=7200.0)
    for place in RENEWED:
        nodes[place] = replace(nodes[place], started_s=-0.05 * DAY_S)
    plan = replace(world.plan, nodes=tuple(nodes), seconds=36_000)
    return Mempools(plan, world.history)


@pytest.fixture(scope="module")
def estimates(mempools):
    return estimate_history(mempools)


def _watched(mempools):
    found_s = mempools.history.blocks.found_s
    return np.flatnonzero((found_s > 0) & (found_s < 36_000))


def test_an_old_node_has_an_estimate_for_every_target_and_none_rises_with_the_target(mempools, estimates):
    found = estimates[_watched(mempools), OLD]

    assert (found > 0).all()
    assert (np.diff(found, axis=1) <= 0).mean() > 0.97


def test_a_copied_fee_file_makes_long_estimates_alike_and_a_fresh_start_does_not(mempools, estimates):
    watched = _watched(mempools)
    old, copied, fresh = (estimates[watched, node, LONGEST].astype(float) for node in (OLD, COPY, FRESH))

    assert np.abs(copied / old - 1).mean() < np.abs(fresh / old - 1).mean()


def test_a_restart_keeps_the_file(mempools, estimates):
    found_s = mempools.history.blocks.found_s
    after = estimates[(found_s > 21_000) & (found_s < 36_000), RESTARTED]

    assert (after > 0).all()


def test_most_young_processes_go_on_at_once_from_the_file_of_the_one_before(mempools, estimates):
    first_block = int(np.searchsorted(mempools.history.blocks.found_s, -0.05 * DAY_S))

    at_once = [bool(estimates[first_block, node].all()) for node in RENEWED]

    assert 0 < at_once.count(False) < len(at_once) / 2 + 1


def test_a_node_that_has_just_been_started_has_nothing_to_say(mempools, estimates):
    found_s = mempools.history.blocks.found_s
    before, later = found_s < 7200, (found_s > 20_000) & (found_s < 36_000)

    assert not estimates[before, YOUNG].any()
    assert estimates[later, YOUNG, 0].all()


def test_two_nodes_of_one_past_differ_by_what_they_missed_and_no_more(mempools, estimates):
    watched = _watched(mempools)
    first, second = (estimates[watched, node].astype(float) for node in (OLD, TWIN))

    assert np.median(np.abs(first / second - 1)) < 0.01
    assert (first != second).any()


def test_estimates_do_not_depend_on_who_is_worked_out_together(mempools, estimates):
    some = np.array([FRESH, RESTARTED, YOUNG])

    alone = _estimates_of(Mempools(mempools.plan, mempools.history), some)

    assert np.array_equal(alone, estimates[:, some])


def test_a_file_travels_with_whom_it_is_from(mempools):
    parts = _parts(mempools.plan, most=1)

    together = next(part.tolist() for part in parts if OLD in part)
    assert COPY in together
    assert sorted(place for part in parts for place in part.tolist()) == list(range(len(mempools.plan.nodes)))


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_every_node_is_worked_out_once_whoever_shares_the_work(mempools, processes):
    parts = _shared_out(mempools.plan, processes)

    assert sorted(place for part in parts for place in part.tolist()) == list(range(len(mempools.plan.nodes)))
    assert [len(part) for part in parts] == sorted((len(part) for part in parts), reverse=True)
