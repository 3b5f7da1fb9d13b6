"""News of a block reaches whoever subscribed to headers, once, as each program writes it."""

import functools
import json
import random

import pytest

from electrum_observatory.lab.personalities.base import Close, Conversation, Send
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world import World
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.protocol.messages import Notification, decode_server_message, encode_request
from tests.lab.world_files import small_world

VERSION = encode_request(0, "server.version", ["lab-test", "1.4"])
SUBSCRIBE = encode_request(1, "blockchain.headers.subscribe")
PROGRAMS = {
    "electrumx_1_16": b'{"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": [{"hex": "',
    "electrumx_1_20": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"hex":"',
    "fulcrum_2": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
    "electrs_romanz": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
    "electrs_esplora": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
    "eps": b'{"method": "blockchain.headers.subscribe", "params": [{"hex": "',
    "bwt": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
    "floresta": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
    "frigate": b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":',
}
TELLS_EVERYBODY = "floresta"
BEFORE = 10.0


def connected(world: World, program: str) -> Conversation:
    personality = PERSONALITIES[program]
    process = personality.start(
        version=personality.default_version,
        state=functools.partial(world.state, "alone"),
        started_at=0.0,
        rng=random.Random(1),
    )
    conversation = process.connect(Transport.TCP)
    conversation.receive(VERSION, BEFORE)
    return conversation


def let_pass(conversation: Conversation, until: float) -> list[bytes]:
    """Wake it whenever it wants; return the lines it says."""
    said: list[bytes] = []
    while (wake := conversation.next_wake) is not None and wake <= until:
        said += [action.data for action in conversation.wake(wake) if isinstance(action, Send)]
    return said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_subscriber_hears_of_every_tip_once_as_the_program_writes_it(program: str) -> None:
    world = small_world()
    conversation = connected(world, program)
    conversation.receive(SUBSCRIBE, BEFORE)

    said = let_pass(conversation, 4000.0)

    heights = [world.state("alone", at / 2).node.height for at in range(int(2 * BEFORE), 2 * 3999)]
    told = [json.loads(line)["params"][0] for line in said]
    assert [one["height"] for one in told] == sorted(set(heights) - {heights[0]})
    assert [one["hex"] for one in told] == [world.state("alone", 0).node.header(one["height"]).hex() for one in told]
    assert said[0].startswith(PROGRAMS[program])
    assert isinstance(decode_server_message(said[0]), Notification)


def test_floresta_tells_whoever_has_said_anything() -> None:
    said = let_pass(connected(small_world(), TELLS_EVERYBODY), 4000.0)

    assert said
    assert said[0].startswith(PROGRAMS[TELLS_EVERYBODY])


@pytest.mark.parametrize("program", sorted(set(PROGRAMS) - {TELLS_EVERYBODY}))
def test_who_did_not_subscribe_hears_nothing(program: str) -> None:
    conversation = connected(small_world(), program)

    assert let_pass(conversation, 4000.0) == []
    assert conversation.next_wake is None


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_new_tip_is_told_when_the_server_has_polled_and_not_before(program: str) -> None:
    world = small_world()
    conversation = connected(world, program)
    conversation.receive(SUBSCRIBE, BEFORE)
    due = conversation.next_wake
    assert due is not None

    assert conversation.wake(due - 0.5) == []
    assert [action for action in conversation.wake(due) if not isinstance(action, Close)]
    assert world.state("alone", due).node.height > world.state("alone", due - 0.5).node.height
