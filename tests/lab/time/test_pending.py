"""Lists of pending transactions: of the very mempools that histograms are cut from, seen as each program sees them."""

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.flow import NONE
from electrum_observatory.lab.time.pending import PendingAnswers
from electrum_observatory.lab.time.plans import FeeRegime
from electrum_observatory.lab.time.relay import NEVER
from electrum_observatory.lab.time.rendering import render
from electrum_observatory.lab.time.rounds import Chunk, chunk_of
from electrum_observatory.lab.time.scripts import name_scripts, touching
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING
from electrum_observatory.protocol.watch_questions import PENDING_IDS
from tests.lab.time.flow_worlds import cell
from tests.lab.time.small_worlds import SmallWorld, node_of, servers_of, small_world

UP = AVAILABILITIES.index(Availability.UP)
SCRIPTS = 8
EVERY_S = 1800
OLDEST_S = 12
LISTING = ("electrumx", "electrumx_1_15", "electrumx_1_20", "fulcrum", "fulcrum_1_12")


class World:
    """Half a day of lists: who has what by our own account of the mempools, and what the servers list."""

    def __init__(self, small: SmallWorld):
        self.small = small
        self.plan = replace(small.plan, scripts=name_scripts(small.plan.seed, SCRIPTS))
        self.flow = small.history.flow
        self.touched = touching(self.plan, self.flow)
        self.row = dict(zip(self.touched.txids, self.touched.rows.tolist(), strict=True))
        self.answers = PendingAnswers(self.plan, small.mempools, small.lives)
        self.chunk = self.rounds(0, self.plan.seconds)
        self.said = self.answers.said(self.chunk)
        stretch = small.mempools.stretch(-60, self.plan.seconds + 60)
        self.place = {row: place for place, row in enumerate(stretch.rows.tolist())}
        self.presence = [small.mempools.presence(node, stretch) for node in range(len(self.plan.nodes))]
        self.listing = [server for name in LISTING for server in servers_of(small, name)]

    def rounds(self, from_s: float, to_s: float) -> Chunk:
        return chunk_of(self.plan, from_s=from_s, to_s=to_s, every_s=EVERY_S / 2, pending_s=EVERY_S)

    def asked(self):
        """Rounds and listing servers, where the server has had time to fill its index."""
        for server in self.listing:
            for number in np.flatnonzero(self.said.text_at[:, server] != NOTHING).tolist():
                at = self.chunk.asked_s[number, server]
                started = self.small.lives.starts(server)
                if at - started[np.searchsorted(started, at) - 1] > 200:
                    yield number, server, at

    def lists(self, number: int, server: int) -> list[list[str]]:
        text = self.said.texts[self.said.text_at[number, server]]
        return [[one["tx_hash"] for one in json.loads(line)["result"]] for line in text.splitlines()]

    def listed(self, number: int, server: int) -> set[int]:
        """Rows of the flow that a server lists."""
        return {self.row[txid] for one in self.lists(number, server) for txid in one}


@cache
def world() -> World:
    return World(small_world())


def test_a_share_of_the_transactions_touches_each_script_and_replacements_the_same():
    found = world()
    flow, touched = found.flow, found.touched
    later = np.flatnonzero(flow.replaces[touched.rows] != NONE)
    earlier = np.searchsorted(touched.rows, flow.replaces[touched.rows[later]])

    shares = touched.scripts.sum(axis=0) / len(flow.born_s)

    assert ((shares > 0.0001) & (shares < 0.004)).all()
    assert shares.max() > 2 * shares.min()
    assert len(later) > 5
    assert np.array_equal(touched.rows[earlier], flow.replaces[touched.rows[later]])
    assert np.array_equal(touched.scripts[earlier], touched.scripts[later])
    assert len(set(touched.txids)) == len(touched.rows)
    assert all(len(bytes.fromhex(txid)) == 32 for txid in touched.txids)


def test_what_a_server_lists_is_what_its_node_had_at_the_last_poll():
    found = world()
    rows = np.array([row for row in found.touched.rows.tolist() if row in found.place])
    places = [found.place[row] for row in rows.tolist()]
    checked = 0
    for number, server, at in found.asked():
        presence, listed = found.presence[node_of(found.small, server)], found.listed(number, server)
        enters, leaves = presence.enters[places], presence.leaves[places]
        always = rows[(enters <= at - OLDEST_S) & (at < leaves)]
        never = rows[(enters > at) | (leaves <= at - OLDEST_S)]
        assert listed.issuperset(always.tolist())
        assert listed.isdisjoint(never.tolist())
        checked += len(always)

    assert checked > 10_000


def test_servers_of_one_node_list_the_same_but_for_a_poll():
    found = world()
    by_place: dict[tuple[int, int], list[set[int]]] = {}
    for number, server, _ in found.asked():
        by_place.setdefault((number, node_of(found.small, server)), []).append(found.listed(number, server))

    differing = [len(one ^ lists[0]) for lists in by_place.values() for one in lists[1:]]
    across = [
        len(lists[0] ^ by_place[number, node + 1][0])
        for (number, node), lists in by_place.items()
        if (number, node + 1) in by_place
    ]

    assert np.mean(differing) < np.mean(across) / 5
    assert np.mean(np.array(differing) == 0) > 0.7


def test_a_private_transaction_is_listed_by_servers_of_the_nodes_that_know_it_only():
    found = world()
    private = {row for row in found.touched.rows.tolist() if found.flow.known_to[row, 0] != NONE}
    listed = [
        (row, node_of(found.small, server))
        for number, server, _ in found.asked()
        for row in found.listed(number, server) & private
    ]

    assert listed
    assert all(node in found.flow.known_to[row] for row, node in listed)


def test_a_replaced_transaction_is_listed_until_its_replacement_comes_to_that_node():
    found = world()
    seen = {"earlier": 0, "later": 0}
    for number, server, at in found.asked():
        node, listed = node_of(found.small, server), found.listed(number, server)
        for row in found.touched.rows.tolist():
            earlier = int(found.flow.replaces[row])
            if earlier == NONE or row not in found.place or earlier not in found.place:
                continue
            came = found.presence[node].enters[found.place[row]]
            if came <= at - OLDEST_S:
                assert earlier not in listed
            if came == NEVER or came > at:
                assert row not in listed
            seen["earlier"] += earlier in listed
            seen["later"] += row in listed

    assert min(seen.values()) > 0


def test_what_pays_too_little_is_listed_by_servers_of_nodes_with_a_low_floor_only():
    found = world()
    floors = np.array([node.relay_floor for node in found.plan.nodes])
    counts = {0.1: 0, 1.0: 0}
    for number, server, _ in found.asked():
        cheap = [row for row in found.listed(number, server) if found.flow.rate[row] < 1]
        counts[float(floors[node_of(found.small, server)])] += len(cheap)

    assert set(floors) == {0.1, 1.0}
    assert counts[0.1] > 0
    assert counts[1.0] == 0


@pytest.mark.parametrize(("name", "sorts"), [("fulcrum", True), ("electrumx_1_20", True), ("electrumx", False)])
def test_lists_are_ordered_as_the_build_orders_them(name, sorts):
    found = world()
    servers = servers_of(found.small, name)
    lists = [one for number, server, _ in found.asked() if server in servers for one in found.lists(number, server)]
    long = [one for one in lists if len(one) > 8]

    assert len(long) > 20
    assert {one == sorted(one) for one in long} == {sorts}


def test_a_process_keeps_its_order_from_round_to_round_and_has_its_own():
    found = world()
    first, second, *_ = (
        server for server in servers_of(found.small, "electrumx") if len(found.small.lives.starts(server)) == 1
    )
    numbers = np.flatnonzero(found.said.text_at[:, first] != NOTHING).tolist()
    script = int(found.touched.scripts.sum(axis=0).argmax())
    mine, others = ([found.lists(number, one)[script] for number in numbers] for one in (first, second))

    assert max(map(len, mine)) > 8
    assert all(common(before, after) == common(after, before) for before, after in pairwise(mine))
    assert any(common(one, other) != common(other, one) for one, other in zip(mine, others, strict=True))


def common(one: list[str], other: list[str]) -> list[str]:
    return [txid for txid in one if txid in other]


def test_a_part_of_the_time_gives_the_same_lists_as_the_whole():
    found = world()
    middle = EVERY_S * 8

    parts = [found.rounds(0, middle), found.rounds(middle, found.plan.seconds)]

    texts = []
    for part in parts:
        said = found.answers.said(part)
        texts += [None if at == NOTHING else said.texts[at] for at in said.text_at.ravel().tolist()]
    whole = [None if at == NOTHING else found.said.texts[at] for at in found.said.text_at.ravel().tolist()]
    assert texts == whole


def test_builds_without_the_method_say_so_for_each_script():
    found = world()
    server = servers_of(found.small, "romanz_electrs")[0]
    number = int(np.flatnonzero(found.said.text_at[:, server] != NOTHING)[0])
    lines = found.said.texts[found.said.text_at[number, server]].splitlines()

    assert [json.loads(line)["id"] for line in lines] == list(PENDING_IDS)
    assert all("error" in json.loads(line) for line in lines)


def test_who_hangs_up_over_it_answers_all_else_in_that_round():
    drawn = draw_plan(cell(FeeRegime.QUIET), 5, days=0.1, servers=8, nodes=4, shared=2, scripts=2)
    esplora = small_world().plan.servers[servers_of(small_world(), "blockstream_electrs")[0]]
    build = {name: getattr(esplora, name) for name in ("personality", "implementation", "version", "negotiated")}
    plan = replace(drawn, servers=(replace(drawn.servers[0], **build), *drawn.servers[1:]))
    (part,) = render(plan)
    readings = part.readings
    asked = np.array([Question.PENDING in one.questions for one in readings.rounds])[readings.round_at]
    rows = np.flatnonzero((readings.endpoint_at == 0) & asked & (readings.availability == UP))

    assert len(rows)
    assert (readings.text_at[Question.PENDING][readings.endpoint_at == 0] == NOTHING).all()
    assert all(readings.failures[at].kind is FailureKind.EOF for at in readings.failure_at[rows].tolist())
    assert all((readings.text_at[one][rows] != NOTHING).all() for one in USUAL_QUESTIONS)


def test_a_world_is_the_same_world_with_and_without_scripts():
    plans = [
        draw_plan(cell(FeeRegime.QUIET), 5, days=0.1, servers=8, nodes=4, shared=2, scripts=count) for count in (0, 2)
    ]
    (without,), (asked,) = (render(plan, to_s=2 * 3600.0, processes=1) for plan in plans)

    assert replace(plans[1], scripts=()) == plans[0]
    assert Question.PENDING not in without.readings.text_at
    assert all(one.questions == USUAL_QUESTIONS for one in without.readings.rounds)
    assert [one for one in asked.readings.texts if one in set(without.readings.texts)] == list(without.readings.texts)
    for question in USUAL_QUESTIONS:
        assert np.array_equal(asked.readings.text_at[question], without.readings.text_at[question])
        assert np.array_equal(asked.readings.after_us[question], without.readings.after_us[question])
    assert np.array_equal(asked.readings.availability, without.readings.availability)
    assert [replace(one, questions=USUAL_QUESTIONS) for one in asked.readings.rounds] == list(without.readings.rounds)


def test_rounds_that_ask_come_about_hourly_and_keep_no_step_with_load_balancers():
    plan = draw_plan(cell(), 6, days=7, servers=6, nodes=4, shared=1, scripts=1)

    rounds = chunk_of(plan, from_s=0, to_s=plan.seconds, every_s=300).rounds

    numbers = np.array([one.number - 1 for one in rounds if Question.PENDING in one.questions])
    assert len(numbers) == 7 * 24
    assert np.array_equal(numbers // 12, np.arange(7 * 24))
    assert 0.35 < (numbers % 2).mean() < 0.65


def test_more_scripts_than_a_watch_asks_for_are_refused():
    with pytest.raises(ValueError, match="at most 8"):
        draw_plan(cell(), 6, days=1, servers=6, nodes=4, shared=1, scripts=9)
