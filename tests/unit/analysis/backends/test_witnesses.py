"""Every signal opens to what it rests on: rounds and texts, news, transactions."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from electrum_observatory.analysis.backends.block import Signal
from electrum_observatory.analysis.backends.material import material_of
from electrum_observatory.analysis.backends.study import BackendStudy, study_material
from electrum_observatory.analysis.backends.witnesses import MOST_WITNESSES, TELLERS, Witness, opened, witnesses_of
from electrum_observatory.bitcoin.header import parse_header
from electrum_observatory.datasets.watch.table import WatchTable, table_of
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.backends.planted import Planted, nodes_of, plant
from tests.unit.analysis.backends.told import news_of, told_columns, with_pending

NODES = nodes_of(40, 5, 3)
ROUNDS, RACES = 60, 12
QUARTER_HOUR_US = 900_000_000
SOME_PAIRS = ((0, 1), (0, 2), (3, 4), (6, 8), (0, 3), (1, 20), (20, 30))

Study = tuple[BackendStudy, WatchTable]


@pytest.fixture(scope="module")
def studied() -> Study:
    planted = plant(Planted(nodes=NODES, rounds=ROUNDS, told=1.0, ages_s=2.0, noise=0.0002), 1)
    columns = with_pending(told_columns(planted), NODES)
    table = table_of(columns, news_of(columns, NODES, races=RACES))
    material, chance = material_of(table), np.random.default_rng(5)
    node, moment = np.array(NODES)[None, :], np.arange(ROUNDS)[:, None]
    up = np.ones((ROUNDS, len(NODES)), bool)
    for shared in range(5):
        up[10 + 9 * shared : 12 + 9 * shared, 3 * shared : 3 * shared + 3] = False
    coincides = chance.random((ROUNDS, len(NODES))) < 0.4
    material = replace(
        material,
        up=up,
        at_us=np.arange(ROUNDS) * QUARTER_HOUR_US,
        minimum=2_000.0 + 100 * ((7 * node + moment) % 50),
        content=np.where(coincides, node * ROUNDS + moment, 10**6 + np.arange(up.size).reshape(up.shape)),
    )
    return study_material(material), table


def _of(told: tuple[Witness, ...], signal: Signal) -> list[Witness]:
    return [one for one in told if one.signal is signal]


def test_every_signal_has_a_way_to_its_witnesses() -> None:
    assert set(TELLERS) == set(Signal)


def test_estimates_that_speak_against_a_pair_open_to_what_differs(studied: Study) -> None:
    study, table = studied
    codes = study.material.estimates
    pair = (0, 3)
    agreed = (codes[:, :, 0] == codes[:, :, 3]) & (codes[:, :, 0] != NOTHING)
    assert study.weighed[Signal.ESTIMATES].bits[pair] < 0
    once = codes.copy()
    once[0, 0, 3] = once[0, 0, 0]  # as chance has it now and then

    told = _of(
        witnesses_of(replace(study, material=replace(study.material, estimates=once)), table, *pair), Signal.ESTIMATES
    )
    together = _of(witnesses_of(study, table, 0, 1), Signal.ESTIMATES)

    assert told
    assert all(one.words.startswith("not equal for ") for one in told)
    assert f"; equal in {agreed[0].sum() + 1} of {ROUNDS} such rounds" in told[0].words
    assert all(one.words.startswith("equal for ") for one in together)


def test_whatever_earned_bits_opens_to_witnesses(studied: Study) -> None:
    study, table = studied
    prepared = opened(study)
    earned: set[Signal] = set()
    for pair in SOME_PAIRS:
        told = witnesses_of(study, table, *pair, prepared)
        for signal, weighed in study.weighed.items():
            if weighed.bits[pair]:
                earned.add(signal)
                assert _of(told, signal), f"{signal} of {pair}"

    assert earned == set(Signal)


def test_witnesses_of_answers_name_the_round_and_the_stored_texts(studied: Study) -> None:
    study, table = studied

    facts = _of(witnesses_of(study, table, 0, 1), Signal.CONTESTED)

    for fact in facts:
        assert fact.round_number is not None
        moment = fact.round_number - table.rounds[0].number
        for machine, digest in enumerate(fact.texts):
            text = table.texts[table.text_at[Question.PENDING][moment, machine]]
            assert digest == hashlib.sha256(text).hexdigest()[:16]


def test_transactions_that_few_share_come_first_and_differences_are_told(studied: Study) -> None:
    study, table = studied

    together = _of(witnesses_of(study, table, 0, 1), Signal.CONTESTED)
    apart = _of(witnesses_of(study, table, 0, 3), Signal.CONTESTED)

    assert 0 < len(together) <= MOST_WITNESSES
    assert all("both list it" in one.words or "neither lists it" in one.words for one in together)
    assert any("only the first lists it" in one.words or "only the second lists it" in one.words for one in apart)
    word = together[0].words
    txid = word.split()[1].rstrip(":")
    assert study.material.contested is not None
    row = list(study.material.contested.txids).index(txid)
    assert f"{(study.material.contested.seen[row] == 1).sum()} of 40 machines have it" in word


def test_races_tell_height_blocks_and_moments(studied: Study) -> None:
    study, table = studied
    news = study.material.news
    assert news is not None

    same = _of(witnesses_of(study, table, 0, 1), Signal.RACES)
    other = _of(witnesses_of(study, table, 0, 3), Signal.RACES)

    assert len(same) == len(other) == MOST_WITNESSES
    assert all("both told block" in one.words for one in same)
    assert any(", and " in one.words for one in other)
    row = int(np.flatnonzero((news.height == 900_000) & (news.endpoint_at == 0))[0])
    first = next(one for one in same if "900000" in one.words)
    assert first.round_number == table.rounds[0].number  # the first of the two in which both told that height
    text = table.texts[table.text_at[Question.TIP][0, 1]]
    assert first.texts[1] == hashlib.sha256(text).hexdigest()[:16]
    assert parse_header(news.headers[news.header_at[row]]).block_hash in first.words


def test_blocks_that_one_server_invents_do_not_crowd_out_races(studied: Study) -> None:
    study, table = studied
    news = study.material.news
    assert news is not None
    invented = np.where(news.endpoint_at == 39, 2 * (news.height - 900_000) + 1, news.header_at)
    lied_to = replace(study, material=replace(study.material, news=replace(news, header_at=invented)))

    told = _of(witnesses_of(lied_to, table, 0, 1), Signal.RACES)

    assert len(told) == MOST_WITNESSES
    assert {one.words.split(":")[0] for one in told} <= {f"height {900_000 + race}" for race in range(RACES)}


def test_without_news_or_transactions_there_are_no_such_witnesses(studied: Study) -> None:
    study, table = studied
    bare = replace(study.material, news=None, pending=None, contested=None, column=np.array([NOTHING]))

    told = witnesses_of(replace(study, material=bare), table, 0, 1)

    assert not _of(told, Signal.RACES)
    assert not _of(told, Signal.CONTESTED)
