"""Steadiness is judged within a build, and only where there are enough of it."""

import numpy as np
import pytest

from electrum_observatory.analysis.lifecycle.presence import UP
from electrum_observatory.analysis.lifecycle.stability import FEWEST_OF_A_BUILD, stability
from tests.unit.analysis.lifecycle.tables import endpoints, table


def test_a_build_that_delays_on_purpose_is_compared_with_itself() -> None:
    chance = np.random.default_rng(5)
    servers = 2 * FEWEST_OF_A_BUILD + 1
    ping = chance.gamma(100.0, 300.0, (300, servers))
    ping[:, FEWEST_OF_A_BUILD:] += chance.uniform(0, 1_000_000, (300, servers - FEWEST_OF_A_BUILD))
    builds = {one: "steady" if place < FEWEST_OF_A_BUILD else "padding" for place, one in enumerate(endpoints(servers))}

    found = stability(table(np.full((300, servers), UP), ping_us=ping.astype(np.int64)), builds)

    assert all(abs(one.z) < 4 for one in found)
    assert min(one.spread for one in found[FEWEST_OF_A_BUILD:]) > max(one.spread for one in found[:FEWEST_OF_A_BUILD])


def test_an_unsteady_server_stands_out_within_its_build() -> None:
    chance = np.random.default_rng(6)
    ping = chance.gamma(100.0, 300.0, (300, 12))
    ping[:, 4] *= chance.uniform(0.2, 3.0, 300)
    builds = dict.fromkeys(endpoints(12), "one")

    found = stability(table(np.full((300, 12), UP), ping_us=ping.astype(np.int64)), builds)

    assert max(range(12), key=lambda place: found[place].z) == 4
    assert found[4].z > 5


def test_a_build_with_few_servers_and_one_that_is_unknown_are_compared_with_nobody() -> None:
    ping = np.full((300, 3), 20_000)
    builds = dict.fromkeys(endpoints(2), "rare")

    found = stability(table(np.full((300, 3), UP), ping_us=ping), builds)

    assert [one.z for one in found] == [None, None, None]
    assert [one.of_build for one in found] == [2, 2, 0]
    assert found[2].median_ms == pytest.approx(20.0)


def test_a_handful_of_pings_is_no_measure() -> None:
    (one,) = stability(table(np.full((5, 1), UP)), {})

    assert (one.rounds, one.median_ms, one.spread) == (5, None, None)
