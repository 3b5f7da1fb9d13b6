"""Lives of servers: planted reasons, what a watch sees of them, and the same bytes from the same seed."""

import numpy as np
import pytest

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.life import AllLives, blind_spells
from electrum_observatory.lab.time.life_events import Change, Events, Pattern, Why
from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread
from electrum_observatory.lab.time.rounds import chunk_of
from electrum_observatory.lab.time.truth import truth_of
from electrum_observatory.model.watch import Availability
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING

CELL = Cell(regime=FeeRegime.QUIET, overlap=Overlap.MODERATE, uptimes=UptimeSpread.WIDE)
UP = AVAILABILITIES.index(Availability.UP)


@pytest.fixture(scope="module")
def plan():
    return draw_plan(CELL, 11, days=14, servers=120, nodes=40, shared=15)


@pytest.fixture(scope="module")
def events(plan):
    return Events(plan)


def test_every_pattern_is_there_and_most_servers_are_always_on(events):
    patterns = list(events.patterns.values())

    assert set(patterns) == set(Pattern)
    assert patterns.count(Pattern.ALWAYS) > len(patterns) / 2


def test_servers_of_one_host_stop_together(events):
    shared = [host for host in events.hosts if len(host) > 1]
    stops = [
        [[away.from_s for away in events.aways[server.server_id] if away.why is Why.HOST] for server in host]
        for host in shared
    ]

    assert any(any(of_one) for of_one in stops)
    assert all(of_one == of_host[0] for of_host in stops for of_one in of_host)
    assert all(len({server.operator for server in host}) == 1 for host in shared)


def test_an_operator_upgrades_within_hours_and_unrelated_ones_do_not(plan, events):
    operators = {server.server_id: server.operator for server in plan.servers}
    upgrades = [one for one in events.changes if one.change is Change.VERSION]
    decisions = {one.together for one in upgrades}

    for decision in decisions:
        mine = [one for one in upgrades if one.together == decision]
        assert len({operators[one.server_id] for one in mine}) == 1
        assert max(one.at_s for one in mine) - min(one.at_s for one in mine) <= 6 * 3600
    assert max(one.at_s for one in upgrades) - min(one.at_s for one in upgrades) > 6 * 3600


def test_a_server_that_falls_with_its_node_is_away_while_the_node_is(plan, events):
    nodes = {node.node_id: node for node in plan.nodes}
    fell = [
        (away, nodes[server.nodes[0]])
        for server in plan.servers
        for away in events.aways[server.server_id]
        if away.why is Why.NODE
    ]

    assert fell
    for away, node in fell:
        assert any(
            restart.at_s <= away.from_s < restart.at_s + 5 and away.to_s > restart.at_s + restart.down_s
            for restart in node.restarts
        )


def test_rounds_find_servers_as_their_absences_say(plan):
    lives = AllLives(plan, None)
    chunk = chunk_of(plan, from_s=0, to_s=86_400, every_s=300)

    found = lives.found(chunk)

    assert 0.5 < np.mean(found.availability == UP) < 1
    assert ((found.availability == UP) == (found.failure_at == NOTHING)).all()
    for server in range(len(plan.servers)):
        absences = lives.absences(server)
        assert (absences.from_s[1:] > absences.to_s[:-1]).all()
        away = (chunk.asked_s[:, server, None] >= absences.from_s) & (chunk.asked_s[:, server, None] < absences.to_s)
        assert (away.any(axis=1) == (found.availability[:, server] != UP)).all()


def test_a_process_starts_before_the_watch_and_after_each_stop(plan):
    lives = AllLives(plan, None)

    starts = [lives.starts(server) for server in range(len(plan.servers))]

    assert all(one[0] < 0 and (np.diff(one) >= 0).all() for one in starts)
    assert any(len(one) > 1 for one in starts)


def test_the_truth_dates_every_change_and_names_shared_hosts(plan, events):
    told = truth_of(plan).to_json()

    assert [one["server_id"] for one in told["changes"]] == [one.server_id for one in events.changes]
    assert {one["change"] for one in told["changes"]} == {"version", "key", "address"}
    assert sorted(one["at_s"] for one in told["changes"]) == [one["at_s"] for one in told["changes"]]
    assert all(len(host) > 1 for host in told["hosts"])
    assert {one["pattern"] for one in told["servers"]} == {"always", "diurnal", "sporadic", "churning"}


def test_the_same_seed_gives_the_same_lives_and_blind_spells(plan):
    first, second = AllLives(plan, None), AllLives(plan, None)
    other = draw_plan(CELL, 12, days=14, servers=120, nodes=40, shared=15)

    assert first.changes == second.changes
    assert [first.starts(7).tolist()] == [second.starts(7).tolist()]
    assert blind_spells(plan) == blind_spells(plan) != blind_spells(other)
    assert all(one.from_us < one.to_us for one in blind_spells(plan))
