"""The world of all builds: every program is in it, its truth names each, and each machine answers as its build does."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache

from bench.rows import ROWS
from bench.running import run_row
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import Truth, truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.model.endpoint import Transport

WIDE = {"fulcrum_1", "fulcrum_2", "electrs_romanz"}
"""Personalities that cover several builds: here only under a version that no narrower one has by itself."""


@cache
def world() -> World:
    return World.build(load_scenario(Scenario.BUILDS_300), now=datetime(2026, 11, 21, tzinfo=UTC))


@cache
def truth() -> Truth:
    return truth_of(world())


def test_it_has_three_hundred_machines_of_every_program_and_build():
    played = Counter(machine.personality for machine in world().machines)

    assert len(world().machines) == 300
    assert set(played) == set(PERSONALITIES)
    assert min(count for name, count in played.items() if name not in WIDE) >= 3


def test_its_machines_speak_on_tcp_tls_and_websocket_in_many_networks():
    spoken = Counter(transport for machine in world().machines for transport in machine.ports)
    networks = {machine.addresses[0].rpartition(".")[0].rpartition(".")[0] for machine in world().machines}

    assert min(spoken[transport] for transport in (Transport.TCP, Transport.SSL)) > 180
    assert min(spoken[transport] for transport in (Transport.WS, Transport.WSS)) > 30
    assert len(networks) > 40


def test_its_truth_names_the_program_the_version_and_the_state_of_the_source():
    builds = {machine.personality: machine.build for machine in truth().machines}
    checkout = builds["electrumx_1_18_git_2025_11"]
    release = builds["electrumx_1_18"]

    assert all(build is not None for build in builds.values())
    assert checkout is not None
    assert release is not None
    assert (checkout.implementation, checkout.version, checkout.checkout) == ("electrumx", "1.18.0", "2025-11-07")
    assert (release.implementation, release.version, release.checkout) == ("electrumx", "1.18.0", None)
    assert {build.implementation for build in builds.values() if build} == {
        *("electrumx", "bsv_electrumx", "fulcrum", "romanz_electrs", "blockstream_electrs", "mempool_electrs"),
        *("eps", "bwt", "floresta", "frigate"),
    }


async def test_the_small_twin_names_every_program_and_has_each_version_in_its_range() -> None:
    (row,) = (row for row in ROWS if row.name == "builds")

    outcome = await run_row(row, small=True)

    assert not outcome.error, outcome.error
    assert outcome.missed() == []
