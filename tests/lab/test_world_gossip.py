"""Who lists whom."""

from electrum_observatory.lab.world import World
from tests.lab.world_files import small_file, small_world


def test_servers_know_most_of_the_healthy_and_some_of_the_broken() -> None:
    world = small_world()
    listed = {machine.announced for machine in world.machines if machine.listed}

    known = [{peer.host for peer in world.state(machine.machine_id, 0).peers} for machine in world.machines]

    assert set.union(*known) >= {host for hosts in listed for host in hosts}
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
