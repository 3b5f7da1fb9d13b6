"""Answers to the byte: a template with numbers exchanged is what the personality itself would say."""

import json
from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.lab.time.answers import AllAnswers
from electrum_observatory.lab.time.reply_lines import LineWriter, NodeFacts, any_node
from electrum_observatory.lab.time.rounds import chunk_of
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.protocol.watch_questions import ESTIMATE_IDS, requests_of
from tests.lab.time.small_worlds import BUILDS, made_up_estimates, small_world


def _writer(name):
    personality, version, negotiated = BUILDS[name]
    return LineWriter(personality=personality, version=version, negotiated=negotiated), negotiated


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("value", [100, 1000, 1016, 2998, 123_456, 10_000_000])
def test_an_estimate_is_written_as_the_personality_writes_it(name, value):
    writer, negotiated = _writer(name)
    node = replace(any_node(), estimate=lambda _target: round(value * 1e-8, 8))
    spoken = b"".join(writer.said(asked, node) for asked in requests_of(Question.ESTIMATES, negotiated))

    assert writer.estimates((value,) * 7) == spoken


@pytest.mark.parametrize("name", BUILDS)
def test_no_estimate_is_an_answer_of_its_own(name):
    lines = _writer(name)[0].estimates((5000, 0, 5000, 5000, 5000, 5000, 0)).splitlines()

    replies = [json.loads(line) for line in lines]
    assert [reply["id"] for reply in replies] == list(ESTIMATE_IDS)
    if name in {"blockstream_electrs", "mempool_electrs"}:
        assert replies[1]["error"] == "cannot estimate fee for 6 blocks"
    else:
        assert replies[1]["result"] == -1
    assert replies[0]["result"] == pytest.approx(0.00005)


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("minimum", [100, 1000, 1999, 34_567])
def test_the_fee_floor_is_written_as_the_personality_writes_it(name, minimum):
    writer, negotiated = _writer(name)
    facts = NodeFacts(relay=100, increment=100, minimum=minimum, version=300_000, full_rbf=True)
    (asked,) = requests_of(Question.FEE_FLOOR, negotiated)

    line = writer.fee_floor(facts)

    assert line == writer.said(asked, any_node(facts))
    result = json.loads(line)["result"]
    told = result["minrelaytxfee"] if negotiated == "1.6" else result
    assert told == pytest.approx(0.000001)
    if negotiated == "1.6":
        assert result["mempoolminfee"] == pytest.approx(minimum * 1e-8)


@pytest.mark.parametrize("name", BUILDS)
def test_tips_and_pings_are_whole_lines_with_the_fixed_ids(name):
    writer, _ = _writer(name)
    header = bytes(range(80))

    tip, ping = json.loads(writer.tip(900_321, header)), json.loads(writer.ping())

    assert tip["id"] == 21
    assert tip["result"] == {"height": 900_321, "hex": header.hex()}
    assert (ping["id"], ping["result"]) == (24, None)
    end = b"\r\n" if name.startswith("fulcrum") else b"\n"
    assert all(line.endswith(b"}" + end) for line in (writer.ping(), writer.tip(1, header)))


def test_every_question_of_a_chunk_is_answered_and_tips_agree_with_the_news():
    world = small_world()
    answers = AllAnswers(world.plan, world.mempools, world.lives, estimates=made_up_estimates(world))
    chunk = chunk_of(world.plan, from_s=0, to_s=14_400, every_s=300)

    said, news = answers.said(chunk), answers.news(chunk)

    shape = (len(chunk.rounds), len(world.plan.servers))
    assert set(said) == {Question.TIP, Question.FEE_FLOOR, Question.ESTIMATES, Question.PING}
    for one in said.values():
        assert one.text_at.shape == shape
        assert (one.text_at >= 0).all()
        assert len(set(one.texts)) == len(one.texts) == one.text_at.max() + 1
    told = {}
    for row in range(len(news.height)):
        at = (news.received_at_us[row] - world.plan.start_us) / 1e6
        told.setdefault(int(news.endpoint_at[row]), []).append((at, int(news.height[row])))
    for server, heard in told.items():
        for number, asked_s in enumerate(chunk.asked_s[:, server]):
            height = json.loads(said[Question.TIP].texts[said[Question.TIP].text_at[number, server]])["result"][
                "height"
            ]
            already = [tip for at, tip in heard if at <= asked_s]
            assert not already or already[-1] <= height


def test_the_same_world_gives_the_same_bytes():
    world = small_world()
    estimates = made_up_estimates(world)
    chunk = chunk_of(world.plan, from_s=7200, to_s=14_400, every_s=300)
    first, second = (
        AllAnswers(world.plan, world.mempools, world.lives, estimates=estimates).said(chunk) for _ in range(2)
    )

    for question, one in first.items():
        assert one.texts == second[question].texts
        assert np.array_equal(one.text_at, second[question].text_at)


def test_what_nobody_hears_is_left_out_and_changes_nothing_else():
    world = small_world()
    answers = AllAnswers(world.plan, world.mempools, world.lives, estimates=made_up_estimates(world))
    chunk = chunk_of(world.plan, from_s=0, to_s=7200, every_s=300)
    heard = np.random.default_rng(5).random(chunk.lost.shape) < 0.5
    heard[:, 0] = False

    every, some = answers.said(chunk), answers.said(chunk, heard)

    for question, one in some.items():
        assert (one.text_at[~heard] == NOTHING).all()
        whole = every[question]
        said = [one.texts[place] for place in one.text_at[heard]]
        assert said == [whole.texts[place] for place in whole.text_at[heard]]
