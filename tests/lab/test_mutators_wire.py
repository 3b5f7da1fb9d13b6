"""A modified machine on real sockets, in a worker process of its own: what it says, and what the truth says of it."""

import json

from electrum_observatory.lab.process import run_lab
from electrum_observatory.lab.world_options import Modification
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.protocol.messages import encode_request
from tests.lab.world_files import NOON

WORLD = """\
schema_version: 1
name: liar
chain: {height: 110}
servers:
  - id: liar
    software: {personality: fulcrum_2}
    addresses: [88.198.43.21]
    listen: {tcp: 50001}
    modified: [{mutator: lie_about_version, text: Lie 1.0}, {mutator: stale_tip, dose: 0.02}]
"""


async def test_a_machine_that_a_world_file_modifies_lies_on_the_wire_and_the_truth_says_so() -> None:
    async with run_lab(parse_world(WORLD, "liar"), now=NOON, workers=1) as lab:
        dialer = Dialer(
            clock=SystemClock(1.0), policy=AddressPolicy(), overlay=lab.overlay, deadlines=Deadlines(connect=20)
        )
        connection = await dialer.connect(Endpoint.parse("tcp://88.198.43.21:50001@88.198.43.21"))
        connection.send(encode_request(0, "server.version", ["electrum/4.8.1", "1.4"]))
        hello = json.loads((await connection.receive()).data)
        connection.abort()

        assert hello["result"][0] == "Lie 1.0"
        assert lab.truth.machines[0].modified == (
            Modification(mutator="lie_about_version", text="Lie 1.0"),
            Modification(mutator="stale_tip", dose=0.02),
        )
        assert lab.truth.to_json()["machines"][0]["modified"][1] == {
            "mutator": "stale_tip",
            "dose": 0.02,
            "text": None,
        }
