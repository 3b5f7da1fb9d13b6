"""Who lists whom."""

import dataclasses

import numpy as np
import pytest

from electrum_observatory.lab.chance import draws, marks
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_file import Gossip
from tests.lab.world_files import NOON, small_file, small_world


def test_servers_know_most_of_the_healthy_and_some_of_the_broken() -> None:
    world = small_world()
    known = [{peer.host for peer in world.state(machine.machine_id, 0).peers} for machine in world.machines]

    assert set.union(*known) >= {host for machine in world.machines if machine.healthy for host in machine.announced}
    assert len({frozenset(one) for one in known}) > len(known) / 2


def test_peers_carry_the_ports_and_addresses_that_were_announced() -> None:
    world = small_world()
    peers = {peer.host: peer for machine in world.machines for peer in world.state(machine.machine_id, 0).peers}
    alone = peers["electrum.alone.example"]

    assert (alone.address, alone.tcp_port, alone.ssl_port) == ("88.198.43.21", 50001, 50002)
    assert alone.protocol_max == "1.4.2"
    assert {peer.address for peer in peers.values() if ":" in peer.host} == {host for host in peers if ":" in host}


def test_onions_are_names_without_addresses() -> None:
    world: World = small_world()
    onions = [peer for m in world.machines for peer in world.state(m.machine_id, 0).peers if peer.host in world.onions]

    assert onions
    assert all(peer.address == peer.host and peer.host.endswith(".onion") for peer in onions)


def test_who_does_not_announce_itself_tells_no_hosts() -> None:
    text_file = small_file()
    assert text_file.groups[0].announce
    world = small_world()

    assert world.state("alone", 0).hosts.keys() == {"electrum.alone.example"}
    assert world.state("farm-1", 0).hosts.keys() == set(world.machine("farm-1").addresses)


@pytest.mark.parametrize("scenario", Scenario)
def test_from_the_bootstrap_list_every_healthy_machine_can_be_found(scenario: Scenario) -> None:
    world = World.build(load_scenario(scenario), now=NOON)
    by_host = {host: machine.machine_id for machine in world.machines for host in machine.announced}
    healthy = {machine.machine_id for machine in world.machines if machine.healthy}
    found = {by_host[entry.host] for entry in world.bootstrap}
    ask = list(found)

    while ask:
        asked = world.machine(ask.pop())
        if not asked.personality.startswith("fulcrum"):
            continue  # ElectrumX samples what it knows, electrs knows nobody: whoever needs luck does not count
        told = {by_host[peer.host] for peer in world.state(asked.machine_id, 0).peers if peer.host in by_host}
        ask += (told - found) & healthy
        found |= told

    assert healthy <= found


def test_a_draw_for_a_pair_depends_on_nobody_else() -> None:
    hosts = [f"{number}.example" for number in range(2000)]

    drawn = draws(7, "knows", "m-1", among=marks(hosts))

    assert draws(7, "knows", "m-1", among=marks(hosts[500:501])) == drawn[500:501]
    assert not np.array_equal(draws(7, "knows", "m-2", among=marks(hosts)), drawn)
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert all(abs((drawn < share).mean() - share) < 0.05 for share in (0.1, 0.5, 0.9))


def test_where_few_are_known_the_lists_are_short_and_differ() -> None:
    file = dataclasses.replace(small_file(), gossip=Gossip(known_share=0.1))
    world = World.build(file, now=NOON)
    known = [len(world.state(machine.machine_id, 0).peers) for machine in world.machines]

    hosts = sum(len(machine.announced) for machine in world.machines)
    assert 0 < sum(known) / len(known) < 0.2 * hosts
    assert len(set(known)) > 3
