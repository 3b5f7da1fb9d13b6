"""Innocent oddities that a world file can ask for: several servers behind one address, and servers just started."""

import asyncio
import json

import pytest

from electrum_observatory.lab.process import run_lab
from electrum_observatory.lab.truth import truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.protocol.messages import encode_request
from tests.lab.personality_worlds import ask, start
from tests.lab.world_files import NOON

HELLO = encode_request(0, "server.version", ["test", "1.4"])
TEXT = """
schema_version: 1
name: balanced
chain: {height: 30}
mempool: {initial: 1500, transactions_per_s: 1}
nodes: {core: {}, slow: {delay_s: 40}}
servers:
  - id: cluster
    software: {personality: fulcrum_2_1_1}
    addresses: [88.198.43.21]
    listen: {tcp: 50001}
    node: core
    balanced: [{personality: fulcrum_1_12}, {personality: electrumx_1_17, node: slow}]
  - id: newcomer
    software: {personality: fulcrum_2_1_1}
    addresses: [88.198.43.22]
    node: core
    just_started: true
  - {id: neighbour, software: {personality: fulcrum_2_1_1}, addresses: [88.198.43.23], node: core}
"""


def world() -> World:
    return World.build(parse_world(TEXT, "w.yaml"), now=NOON)


async def test_a_load_balancer_gives_each_connection_the_next_server() -> None:
    async with run_lab(parse_world(TEXT, "w.yaml"), now=NOON, workers=1) as lab:
        dialer = Dialer(clock=SystemClock(1), policy=AddressPolicy(), overlay=lab.overlay, deadlines=Deadlines())
        endpoint = Endpoint(host="88.198.43.21", address="88.198.43.21", port=50001, transport=Transport.TCP)
        names = []
        for _ in range(6):
            connection = await dialer.connect(endpoint)
            async with asyncio.timeout(10):
                connection.send(HELLO)
                names.append(json.loads((await connection.receive()).data)["result"][0])
            connection.abort()

    assert names == ["Fulcrum 2.1.1", "Fulcrum 1.12", "ElectrumX 1.17.0"] * 2


def test_each_server_behind_a_balancer_has_its_own_view_and_stands_in_the_truth() -> None:
    built = world()
    (cluster,) = (machine for machine in truth_of(built).machines if machine.machine == "cluster")
    moments = range(0, 4000, 10)
    tips = [[built.state("cluster", at, backend=backend).node.height for at in moments] for backend in range(3)]

    assert cluster.build is not None
    assert [one.version for one in (cluster.build, *cluster.balanced)] == ["2.1.1", "1.12.0", "1.17.0"]
    assert tips[0] == tips[1] or sum(a != b for a, b in zip(tips[0], tips[1], strict=True)) < 5
    assert tips[0] != tips[2]


def test_a_server_just_started_knows_no_mempool_no_estimate_and_no_peers_for_a_quarter_of_an_hour() -> None:
    built = world()
    newcomer = start("fulcrum_2_1_1", lambda at: built.state("newcomer", at))
    neighbour = start("fulcrum_2_1_1", lambda at: built.state("neighbour", at))

    def answers(process, at: float) -> list[bool]:
        histogram = ask(process, "mempool.get_fee_histogram", at=at)
        estimate = ask(process, "blockchain.estimatefee", 6, at=at)
        return [histogram != [], estimate != -1, ask(process, "server.peers.subscribe", at=at) != []]

    assert answers(newcomer, 300.0) == [False, False, False]
    assert answers(neighbour, 300.0) == [True, True, True]
    assert answers(newcomer, 1000.0) == [True, True, True]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("personality: fulcrum_1_12}", "line 13: unknown personality 'fulcrum_1_12x'"),
        ("node: slow}]", "line 13: no node 'slowx' in nodes"),
    ],
)
def test_a_mistaken_backend_is_named_with_its_line(wrong: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse_world(TEXT.replace(wrong, wrong.replace("}", "x}", 1)), "w.yaml")
