"""Hostile machines in anybody's world file: refused where they cannot be, told in the truth, left out of lists."""

import asyncio

import pytest

from electrum_observatory.lab.process import run_lab
from electrum_observatory.lab.truth import Fate, truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.errors import InputError
from tests.lab.world_files import NOON

WORLD = """\
schema_version: 1
name: mixed
chain: {{height: 50}}
mempool: {{initial: 10}}
servers:
  - id: honest
    software: {{personality: fulcrum_2}}
    addresses: [88.198.43.21]
  - id: foul
    software: {{personality: {personality}}}
    addresses: [88.199.43.21]
    listen: {listen}
gossip: {{known_share: 1.0, stale_share: 1.0}}
"""


def world_text(personality: str = "hostile_never_ending_line", listen: str = "{tcp: 50001, ssl: 50002}") -> str:
    return WORLD.format(personality=personality, listen=listen)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (world_text("hostile_kindness"), r"mixed\.yaml, line 10: unknown personality 'hostile_kindness'"),
        (world_text("never_ending_line"), r"line 10: unknown personality 'never_ending_line'"),
        (
            world_text(listen="{ws: 50003}"),
            r"line 12: hostile_never_ending_line is played on tcp, ssl only",
        ),
        (
            world_text("hostile_websocket_ping_storm"),
            r"line 12: hostile_websocket_ping_storm is played on ws only",
        ),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parse_world(text, "mixed.yaml")


def test_the_truth_says_who_plays_foul_and_no_list_starts_with_them() -> None:
    world = World.build(parse_world(world_text(), "mixed.yaml"), now=NOON)

    truth = truth_of(world)
    assert truth.endpoints(Fate.PLAYS_FOUL) == {
        "tcp://88.199.43.21:50001@88.199.43.21",
        "ssl://88.199.43.21:50002@88.199.43.21",
    }
    assert "88.199.43.21" not in world.bootstrap_text
    assert [peer.host for peer in world.state("honest", 0).peers if peer.host == "88.199.43.21"], "gossip knows them"


async def test_a_running_lab_plays_them_and_keeps_book_of_their_visitors() -> None:
    async with run_lab(parse_world(world_text(), "mixed.yaml"), now=NOON, workers=1) as lab:
        address, port = lab.overlay.sockets["88.199.43.21", 50001]
        reader, writer = await asyncio.open_connection(address, port)

        writer.write(b"anything\n")
        megabyte = await reader.readexactly(1_000_000)
        writer.close()

        assert b"\n" not in megabyte
        assert [one.machine for one in await lab.arrivals()] == ["foul"]
