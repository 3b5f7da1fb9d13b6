"""Columns of the uptime image: like absences side by side."""

import numpy as np

from electrum_observatory.analysis.lifecycle.presence import UNKNOWN, UP
from electrum_observatory.analysis.lifecycle.similarity import by_similarity, jaccard_of_absences
from electrum_observatory.model.watch_ports import NOTHING
from tests.unit.analysis.lifecycle.tables import presence


def test_servers_that_were_away_together_stand_together_and_those_never_away_come_last() -> None:
    chance = np.random.default_rng(3)
    patterns = chance.random((200, 4)) < 0.1
    states = np.full((200, 14), UP)
    for place in range(12):
        states[patterns[:, place % 4], place] = UNKNOWN

    order = by_similarity(presence(states))

    families = [place % 4 for place in order[:12]]
    assert sorted(order[12:]) == [12, 13]
    assert all(len(set(families[start : start + 3])) == 1 for start in range(0, 12, 3))


def test_hosts_that_were_always_there_are_not_alike_for_it() -> None:
    away = np.zeros((10, 2), dtype=bool)

    distances = jaccard_of_absences(np.ones((10, 2), dtype=bool), away)

    assert distances[0, 1] == 1.0


def test_rounds_that_asked_only_one_of_two_say_nothing_about_the_pair() -> None:
    states = np.array([[UNKNOWN, NOTHING], [UNKNOWN, UNKNOWN], [UP, UP]])
    one = presence(states)

    distances = jaccard_of_absences(one.asked, one.asked & ~one.up)

    assert distances[0, 1] == 0.0
