"""Who seems to live where, and under what name."""

import collections
import ipaddress
import random

import pytest

from electrum_observatory.enrich.places import PlaceBook
from electrum_observatory.lab.providers import PROVIDERS, KnownProvider
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import Fate, truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.errors import InputError
from electrum_observatory.net.policy import AddressPolicy
from tests.lab.world_files import NOON, small_world

RESERVED = (".example", ".test", ".invalid")


@pytest.fixture(scope="module")
def big() -> World:
    return World.build(load_scenario(Scenario.NETWORK_300), now=NOON)


@pytest.fixture(scope="module")
def book() -> PlaceBook:
    return PlaceBook.open()


def test_no_address_is_given_twice(big: World) -> None:
    addresses = [address for machine in big.machines for address in machine.addresses]

    assert len(addresses) == len(set(addresses))


def test_every_address_could_be_dialled_on_the_public_network(big: World) -> None:
    policy = AddressPolicy()

    refused = [a for machine in big.machines for a in machine.addresses if policy.refusal(a) is not None]

    assert refused == []


def test_addresses_lie_in_their_provider_s_blocks(big: World) -> None:
    for machine in big.machines:
        blocks = PROVIDERS[machine.provider].blocks
        networks = [ipaddress.ip_network(cidr) for block in blocks for cidr in (block.ipv4, block.ipv6) if cidr]
        for address in machine.addresses:
            assert any(ipaddress.ip_address(address) in network for network in networks)


def test_names_end_in_reserved_domains_only(big: World) -> None:
    assert all(name.endswith(RESERVED) for name in big.names)
    assert all(pointer.endswith(RESERVED) for pointers in big.pointers.values() for pointer in pointers)


def test_no_domain_holds_more_hosts_than_a_scanner_takes(big: World) -> None:
    announced = [host for machine in big.machines for host in machine.announced if host.endswith(RESERVED)]
    domains = collections.Counter(".".join(host.split(".")[-2:]) for host in announced)

    assert max(domains.values()) < 100


def test_each_machine_has_a_loopback_address_of_its_own(big: World) -> None:
    loopbacks = [ipaddress.ip_address(machine.loopback) for machine in big.machines]

    assert len(set(loopbacks)) == len(big.machines)
    assert all(loopback.is_loopback for loopback in loopbacks)


def test_options_are_dealt_in_the_stated_proportions(big: World) -> None:
    community = [machine for machine in big.machines if machine.machine_id.startswith("community-")]
    software = collections.Counter(machine.personality for machine in community)

    assert software["fulcrum_2"] == round(200 * 8 / 29)
    assert sum(machine.fault is not None for machine in community) == 30


def test_the_demo_has_all_programs_and_operators() -> None:
    truth = truth_of(World.build(load_scenario(Scenario.DEMO), now=NOON))

    assert len({machine.personality for machine in truth.machines}) == 8
    assert sum(len(machines) > 1 for machines in truth.operators.values()) >= 3
    assert 50 <= len(truth.machines) <= 70
    assert truth.endpoints(Fate.REFUSES)
    assert truth.endpoints(Fate.DROPS)


def test_aliases_are_endpoints_of_one_machine() -> None:
    truth = truth_of(small_world())
    farm = next(machine for machine in truth.machines if machine.machine == "farm-1")

    hosts = {one.endpoint.split("@")[1] for one in farm.endpoints}

    assert len(hosts) == 2
    assert len(farm.endpoints) == 4


def test_the_bootstrap_list_names_healthy_servers_and_the_file_s_own_lines() -> None:
    world = small_world()

    lines = world.bootstrap_text.splitlines()

    assert len(lines) == 4
    assert lines[-1] == "gone.example:50002:s"
    assert all(line.endswith((":s", ":t")) for line in lines)


@pytest.mark.parametrize(
    ("providers", "names", "complaint"),
    [
        ("[{provider: nowhere}]", "{}", "unknown provider 'nowhere'"),
        ("[{provider: own, ipv4: 10.0.0.0/30}]", "{}", "is full"),
        ("[{provider: own, ipv4: tomato}]", "{}", "'tomato' is no address block"),
        ("[{provider: ovh}]", '{pattern: "{colour}.example"}', "the name pattern '{colour}.example' does not work"),
    ],
)
def test_a_world_that_cannot_be_built_says_why(providers: str, names: str, complaint: str) -> None:
    text = (
        "schema_version: 1\nname: w\ngroups:\n"
        f"  - {{id: g, machines: 9, software: [{{personality: fulcrum_2}}], providers: {providers}, names: {names}}}\n"
    )

    with pytest.raises(InputError) as caught:
        World.build(parse_world(text, "w.yaml"), now=NOON)

    assert complaint in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.provider_id)
def test_the_place_tables_know_the_provider_s_blocks_as_its_own(provider: KnownProvider, book: PlaceBook) -> None:
    rng = random.Random(provider.provider_id)

    for block in provider.blocks:
        for cidr in filter(None, (block.ipv4, block.ipv6)):
            network = ipaddress.ip_network(cidr)
            places = [book.look_up(str(network[rng.randrange(network.num_addresses)])) for _ in range(12)]
            assert sum(place.asn in provider.asns for place in places) >= 10, cidr
            assert network.version == 6 or sum(place.country == block.country for place in places) >= 10, cidr
