"""A virtual watch as columns: whole, pure, and with its truth beside it."""

import json

import numpy as np
import pytest

from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.life import blind_spells
from electrum_observatory.lab.time.plans import FeeRegime, HardKind
from electrum_observatory.lab.time.rendering import Rendered, render
from electrum_observatory.lab.time.rounds import chunk_of, without
from electrum_observatory.lab.time.truth import truth_of
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING
from electrum_observatory.protocol.watch_questions import requests_of
from tests.lab.time.flow_worlds import cell

UP, UNKNOWN = AVAILABILITIES.index(Availability.UP), AVAILABILITIES.index(Availability.UNKNOWN)
PLAN = draw_plan(cell(FeeRegime.QUIET), 5, days=0.1, servers=16, nodes=7, shared=3)


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    (whole,) = render(PLAN, to_s=2 * 3600.0)
    return whole


def test_every_server_has_a_reading_in_every_round(rendered: Rendered):
    readings = rendered.readings

    assert len(readings.rounds) == 24
    assert [one.number for one in readings.rounds] == list(range(1, 25))
    assert len(readings.endpoint_at) == 24 * len(PLAN.servers)
    assert np.array_equal(np.unique(readings.endpoint_at), np.arange(len(PLAN.servers)))
    assert all(len(column) == len(readings.round_at) for column in readings.text_at.values())


def test_answers_are_reply_lines_with_the_fixed_ids_of_the_questions(rendered: Rendered):
    readings = rendered.readings
    row = int(np.flatnonzero(readings.availability == UP)[0])
    server = PLAN.servers[readings.endpoint_at[row]]

    for question in USUAL_QUESTIONS:
        text = readings.texts[readings.text_at[question][row]]
        ids = [json.loads(line)["id"] for line in text.splitlines()]
        assert ids == [one.request_id for one in requests_of(question, server.negotiated)]


def test_who_does_not_answer_says_why_and_nothing_else(rendered: Rendered):
    readings = rendered.readings
    away = readings.availability != UP

    assert away.any()
    assert (readings.failure_at[away] != NOTHING).all()
    assert all((column[away] == NOTHING).all() for column in readings.text_at.values())
    assert all((column[~away] > 0).all() for column in readings.after_us.values())


def test_what_is_lost_on_the_way_is_seldom_and_looks_like_no_answer(rendered: Rendered):
    readings = rendered.readings
    kinds = np.array([failure.kind for failure in readings.failures])
    late = (readings.failure_at != NOTHING) & (kinds[readings.failure_at] == FailureKind.READ_TIMEOUT)

    assert (readings.availability[late] == UNKNOWN).all()
    assert 0 < late.mean() < 0.0125


def test_replies_take_the_way_of_their_server(rendered: Rendered):
    readings = rendered.readings
    after = readings.after_us[Question.PING]
    came = after != NOTHING
    path_us = np.array([server.path_s for server in PLAN.servers])[readings.endpoint_at] * 1e6

    assert (after[came] >= path_us[came]).all()
    assert np.median((after - path_us)[came]) < 200_000


def test_all_questions_leave_within_five_seconds_of_a_round(rendered: Rendered):
    sent = rendered.readings.sent_us

    assert sent.min() >= 0
    assert sent.max() <= 5_000_000


def test_the_same_plan_gives_the_same_bytes_in_however_many_processes(rendered: Rendered):
    (again,) = render(PLAN, to_s=2 * 3600.0, processes=2)

    assert list(again.readings.texts) == list(rendered.readings.texts)
    assert all(
        np.array_equal(again.readings.text_at[one], rendered.readings.text_at[one])
        and np.array_equal(again.readings.after_us[one], rendered.readings.after_us[one])
        for one in USUAL_QUESTIONS
    )
    assert np.array_equal(again.news.received_at_us, rendered.news.received_at_us)
    assert list(again.news.headers) == list(rendered.news.headers)


def test_a_round_is_the_same_in_whichever_part_it_is_rendered():
    plan = draw_plan(cell(), 6, days=3, servers=6, nodes=4, shared=1)
    whole = chunk_of(plan, from_s=0, to_s=plan.seconds, every_s=420)

    part = chunk_of(plan, from_s=80_000, to_s=100_000, every_s=420)

    first = [one.number for one in whole.rounds].index(part.rounds[0].number)
    rows = slice(first, first + len(part.rounds))
    assert whole.rounds[rows] == part.rounds
    for name in ("at_s", "sent_s", "asked_s", "back_s", "lost", "node_at"):
        assert np.array_equal(getattr(whole, name)[rows], getattr(part, name)), name


def test_there_are_no_rounds_while_nobody_watched():
    plan = draw_plan(cell(), 6, servers=6, nodes=4, shared=1)
    spells = blind_spells(plan)
    planned = chunk_of(plan, from_s=0, to_s=plan.seconds, every_s=300)

    kept = without(planned, spells)

    started = np.array([one.started_at_us for one in kept.rounds])
    lost = sum(spell.to_us - spell.from_us for spell in spells) / 300e6
    assert spells
    assert not any(((started >= spell.from_us) & (started < spell.to_us)).any() for spell in spells)
    assert len(planned.rounds) - len(kept.rounds) == pytest.approx(lost, abs=len(spells))
    assert kept.asked_s.shape == kept.node_at.shape == (len(kept.rounds), 6)


def test_the_truth_names_every_server_its_backends_and_all_that_is_hard():
    truth = truth_of(PLAN)
    written = json.loads(json.dumps(truth.to_json()))

    assert [one["endpoint"] for one in written["servers"]] == [one.endpoint.canonical for one in PLAN.servers]
    assert {node for one in truth.servers for node in one.backends} == {node.node_id for node in PLAN.nodes}
    assert {case["kind"] for case in written["cases"]} <= set(HardKind)
    balanced = [one for one in truth.servers if len(one.backends) > 1]
    assert [one.server for one in balanced] == [
        case.servers[0] for case in truth.cases if case.kind is HardKind.LOAD_BALANCER
    ]
    assert written["backends"][0]["max_mempool_mb"] in range(50, 301)
