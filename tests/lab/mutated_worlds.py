"""Small worlds with modified servers, started without sockets."""

import functools
import json
import random
from collections.abc import Sequence
from typing import Any

from electrum_observatory.lab.driving import Message, drive, request
from electrum_observatory.lab.mutators.starting import start_program
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_options import Modification
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.lab.world_files import NOON

WALLET = request(0, "server.version", ["electrum/4.8.1", ["1.4", "1.6"]])
SCANNER = request(0, "server.version", ["observatory/1.0", ["1.4", "1.6"]])

_WORLD = """\
schema_version: 1
name: modified
chain: {{height: 130}}
mempool: {{initial: 600, transactions_per_s: {per_s}}}
servers:
  - id: subject
    software: {{personality: {personality}}}
    addresses: [88.198.43.21]
    names: [electrum.subject.example]
    modified: {modified}
"""


def world_of(personality: str, *modified: Modification, seed: int = 1, per_s: float = 0.5) -> World:
    """Build a world of one machine with these modifications; so many transactions come a second."""
    listed = json.dumps([{"mutator": one.mutator, "dose": one.dose, "text": one.text} for one in modified])
    text = _WORLD.format(personality=personality, modified=listed, per_s=per_s)
    return World.build(parse_world(text, "x"), seed=seed, now=NOON)


def started(world: World, machine_id: str = "subject") -> Program:
    """Start a machine's program as the wire rendering does."""
    machine = world.machine(machine_id)
    return start_program(
        PERSONALITIES[machine.personality],
        machine.modified,
        version=machine.version,
        state=functools.partial(world.state, machine_id),
        started_at=-1000.0,
        rng=random.Random(1),
        seed=world.seed,
        machine=machine_id,
    )


def talk(
    program: Program,
    *messages: Message,
    at: float = 100.0,
    transport: Transport = Transport.TCP,
    hello: Message = SCANNER,
) -> Dialogue:
    """Shake hands and put the messages."""
    return drive(program, [hello, *messages], at=at, transport=transport)[0]


def asked(
    program: Program, method: str, params: Sequence[Any] = (), *, at: float = 100.0, hello: Message = SCANNER
) -> Any:
    """Return the whole decoded reply to one question."""
    exchange = talk(program, request(7, method, params), at=at, hello=hello).exchanges[1]
    return next(reply for line in exchange.lines if "method" not in (reply := json.loads(line.data)))
