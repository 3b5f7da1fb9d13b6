"""Histograms as a virtual watch reads them: the node's own transactions, cut and written as the program does."""

import json
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import MempoolTransaction
from electrum_observatory.lab.time.drawing_servers import BUILDS
from electrum_observatory.lab.time.histogram_said import HistogramAnswers
from electrum_observatory.lab.time.histogram_texts import empty_text, layout_of
from electrum_observatory.lab.time.histogram_views import Views, rhythm_of
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.plans import FeeRegime, ServerPlan, WorldPlan
from electrum_observatory.lab.time.rounds import Chunk, Said, chunk_of
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.protocol.dialect import unpad
from electrum_observatory.protocol.watch_questions import requests_of
from tests.lab.personality_worlds import call, exchange, make_node, make_state, start
from tests.lab.time.flow_worlds import AlwaysUp, small_history, small_mempools, small_plan

HOURS = (3600.0, 3 * 3600.0)


def every_build(plan: WorldPlan) -> WorldPlan:
    """The plan with one server of each build on its first two nodes, then more of the first."""
    made = []
    for place, build in enumerate([*BUILDS, BUILDS[0]]):
        personality = PERSONALITIES[build.personality]
        made.append(
            replace(
                plan.servers[place],
                personality=build.personality,
                implementation=personality.implementation,
                version=personality.default_version,
                negotiated=build.negotiated,
                nodes=(plan.nodes[place % 2].node_id,),
            )
        )
    return replace(plan, servers=tuple(made))


def said_of(plan: WorldPlan, mempools: Mempools, lives: AlwaysUp, *, every_s: float = 300) -> tuple[Chunk, Said]:
    chunk = chunk_of(plan, from_s=HOURS[0], to_s=HOURS[1], every_s=every_s)
    return chunk, HistogramAnswers(plan, mempools, lives).said(chunk)


def text(said: Said, row: int, server: int) -> bytes:
    return said.texts[said.text_at[row, server]]


def transactions_at(mempools: Mempools, node: int, second: int) -> list[MempoolTransaction]:
    flow = mempools.history.flow
    stretch = mempools.stretch(second - 1, second + 1)
    presence = mempools.presence(node, stretch)
    rows = stretch.rows[(presence.enters <= second) & (presence.leaves > second)]
    return [
        MempoolTransaction(
            fee_sat=int(flow.fee_sat[row]),
            weight=int(flow.weight[row]),
            size=int(flow.size[row]),
            segwit=bool(flow.segwit[row]),
        )
        for row in rows
    ]


@pytest.mark.parametrize("regime", [FeeRegime.QUIET, FeeRegime.CALM])
def test_every_build_says_what_its_program_would_of_the_transactions_of_its_node(regime: FeeRegime):
    plan, mempools = every_build(small_plan(regime)), small_mempools(regime)
    lives = AlwaysUp()
    chunk, said = said_of(plan, mempools, lives)
    row = 7

    for number, server in enumerate(plan.servers):
        node = plan.node_number(server.nodes[0])
        shown = Views(plan, mempools, lives).shown(number, node, chunk.asked_s[:, number])
        mempool = transactions_at(mempools, node, int(shown.second[row]))
        personality = start(server.personality, make_state(node=make_node(mempool=mempool)), version=server.version)
        conversation = personality.connect(Transport.SSL)
        call(conversation, "server.version", "watch", server.negotiated)
        (request,) = requests_of(Question.HISTOGRAM, server.negotiated)
        line = {"jsonrpc": "2.0", "id": request.request_id, "method": request.method, "params": []}
        received, _ = exchange(conversation, json.dumps(line), at=20.0)
        assert len(mempool) > 50
        assert text(said, row, number) == unpad(received).line, server.personality


def test_servers_of_one_node_and_one_algorithm_agree_byte_for_byte_where_they_show_one_instant():
    plan, mempools = small_plan(), small_mempools()
    twins = tuple(
        replace(
            server,
            personality="fulcrum_2_1_1",
            implementation="fulcrum",
            version="2.1.1",
            zmq=True,
            nodes=(plan.nodes[0].node_id,),
        )
        for server in plan.servers[:12]
    )
    others = tuple(replace(server, nodes=(plan.nodes[1].node_id,)) for server in twins[6:])
    plan = replace(plan, servers=twins[:6] + others)
    lives = AlwaysUp()
    chunk, said = said_of(plan, mempools, lives, every_s=20)
    views = Views(plan, mempools, lives)
    seconds = np.stack([views.shown(number, number // 6, chunk.asked_s[:, number]).second for number in range(12)], 1)

    equal = [
        (bool(said.text_at[row, one] == said.text_at[row, other]), other < 6)
        for row in range(len(seconds))
        for one in range(6)
        for other in range(one + 1, 12)
        if seconds[row, one] == seconds[row, other]
    ]
    count = Counter(equal)
    assert count[True, True] > 200
    assert count[False, True] == 0
    assert count[False, False] > 5 * count[True, False]


def test_a_server_shows_nothing_until_it_has_read_the_mempool():
    plan, mempools = small_plan(), small_mempools()
    _, said = said_of(plan, mempools, AlwaysUp(started_s=HOURS[0] - 1), every_s=30)

    empty = [text(said, 0, number) == empty_text(layout_of(one.personality)) for number, one in enumerate(plan.servers)]
    later = [
        text(said, 10, number) == empty_text(layout_of(one.personality)) for number, one in enumerate(plan.servers)
    ]
    assert all(empty)
    assert not any(later)


def test_electrumx_shows_one_histogram_for_two_minutes_and_drifts_against_the_clock():
    plan = every_build(small_plan())
    server = next(number for number, one in enumerate(plan.servers) if one.personality == "electrumx_1_20")
    views = Views(plan, small_mempools(), AlwaysUp())
    asked = np.arange(HOURS[0], HOURS[1], 1.0)

    changes = np.flatnonzero(np.diff(views.shown(server, server % 2, asked).second))
    periods = np.diff(changes)
    ages = asked - views.shown(server, server % 2, asked).second
    assert 120 < periods.mean() < 123
    assert ages.min() >= 0
    assert ages.max() < 120 + 2.5 + 5 + 2


def test_fulcrum_cuts_anew_right_after_a_block():
    plan, mempools = small_plan(), small_mempools()
    server = replace(plan.servers[0], personality="fulcrum_1_9", implementation="fulcrum", version="1.9.1", zmq=True)
    plan = replace(plan, servers=(server,))
    views = Views(plan, mempools, AlwaysUp())
    blocks = mempools.block_s[0][:-1]
    block = float(blocks[(blocks > HOURS[0]) & (blocks < HOURS[1])][0])

    after = views.shown(0, 0, np.array([block + 3.0, block + 4.0])).second
    assert rhythm_of(server).refresh_s == 30
    assert (after >= block - 3).all()


def test_a_load_balancer_shows_its_two_nodes_in_turn():
    plan, mempools = small_plan(FeeRegime.CALM), small_mempools(FeeRegime.CALM)
    lonely: ServerPlan = replace(plan.servers[0], nodes=(plan.nodes[0].node_id,))
    balanced = replace(lonely, nodes=(plan.nodes[0].node_id, plan.nodes[1].node_id))
    chunk, said = said_of(replace(plan, servers=(balanced,)), mempools, AlwaysUp())
    _, alone = said_of(replace(plan, servers=(lonely,)), mempools, AlwaysUp())

    same = np.array([text(said, row, 0) == text(alone, row, 0) for row in range(len(chunk.rounds))])
    first = chunk.node_at[:, 0] == 0
    assert same[first].all()
    assert not same[~first].any()
    assert 0 < first.sum() < len(first)


def test_the_same_world_says_the_same_bytes_and_another_seed_others():
    plan = small_plan()
    first, again = (
        said_of(plan, mempools, AlwaysUp())[1] for mempools in (small_mempools(), Mempools(plan, small_history()))
    )
    _, other = said_of(small_plan(seed=6), small_mempools(seed=6), AlwaysUp())

    assert list(first.texts) == list(again.texts)
    assert np.array_equal(first.text_at, again.text_at)
    assert set(first.texts).isdisjoint(
        set(other.texts) - {empty_text(layout_of(one.personality)) for one in plan.servers}
    )


def test_chance_is_not_left_to_the_process():
    state = random.getstate()

    said_of(small_plan(), small_mempools(), AlwaysUp())

    assert random.getstate() == state


def test_histograms_that_nobody_hears_are_left_out_and_change_no_other():
    plan, mempools = every_build(small_plan()), small_mempools()
    answers = HistogramAnswers(plan, mempools, AlwaysUp())
    chunk = chunk_of(plan, from_s=HOURS[0], to_s=HOURS[1], every_s=600)
    heard = np.random.default_rng(5).random(chunk.lost.shape) < 0.5
    heard[:, 0] = False

    every, some = answers.said(chunk), answers.said(chunk, heard)

    assert (some.text_at[~heard] == NOTHING).all()
    said = [some.texts[place] for place in some.text_at[heard]]
    assert said == [every.texts[place] for place in every.text_at[heard]]
