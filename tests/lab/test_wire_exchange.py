"""A conversation on a real connection: order, delays, wakes and endings."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence

import pytest

from electrum_observatory.lab.exchange import WorldClock
from electrum_observatory.lab.personalities.base import Action, Close, Send, StateSource
from electrum_observatory.lab.visits import VisitorBook
from electrum_observatory.lab.wire import rendered
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world
from electrum_observatory.model.endpoint import Transport
from tests.lab.world_files import NOON

SCALE = 1000.0
WORLD = """
schema_version: 1
name: one
time_scale: 1000
latency: {latency}
servers:
  - id: one
    software: {{personality: fulcrum_2}}
    addresses: [88.198.43.21]
    listen: {{tcp: 50001}}
    fault: {fault}
    delay_s: 30
"""


class ScriptedConversation:
    """Echoes at once; on ``later`` speaks again 20 and 40 world seconds on; on ``bye`` says so and closes."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._due: list[float] = []

    def receive(self, line: bytes, at: float) -> Sequence[Action]:
        self.times.append(at)
        if line == b"bye\n":
            return [Send(data=b"good"), Send(data=b" bye\n"), Close()]
        if line == b"later\n":
            self._due += [at + 20, at + 40]
        return [Send(data=b"heard " + line)]

    def wake(self, at: float) -> Sequence[Action]:
        self.times.append(at)
        assert at >= self._due.pop(0)
        return [Send(data=b"woke\n")]

    @property
    def next_wake(self) -> float | None:
        return self._due[0] if self._due else None


class Script:
    id = "fulcrum_2"
    default_version = "1"

    def __init__(self) -> None:
        self.conversations: list[ScriptedConversation] = []

    def start(self, *, version: str, state: StateSource, started_at: float, rng: random.Random) -> "Script":
        assert state(started_at).local_ports == {Transport.TCP: 50001}
        return self

    def connect(self, transport: Transport) -> ScriptedConversation:
        self.conversations.append(ScriptedConversation())
        return self.conversations[-1]


@contextlib.asynccontextmanager
async def visiting(
    script: Script, *, fault: str = "null", latency: str = "none"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    world = World.build(parse_world(WORLD.format(fault=fault, latency=latency), "w.yaml"), now=NOON)
    clock = WorldClock(origin=asyncio.get_running_loop().time(), scale=SCALE)
    async with rendered(world, {script.id: script}, clock, ["one"], visitors=VisitorBook()) as (socket,):
        reader, writer = await asyncio.open_connection(world.machine("one").loopback, socket.port)
        try:
            async with asyncio.timeout(10):
                yield reader, writer
        finally:
            writer.close()


@pytest.mark.parametrize(("fault", "latency"), [("null", "none"), ("slow", "none"), ("null", "from_europe")])
async def test_answers_come_in_order_whatever_the_path(fault: str, latency: str) -> None:
    async with visiting(Script(), fault=fault, latency=latency) as (reader, writer):
        writer.write(b"one\ntwo\nthree\nbye\n")

        assert await reader.read(-1) == b"heard one\nheard two\nheard three\ngood bye\n"


async def test_a_program_acts_by_itself_when_its_time_comes() -> None:
    script = Script()

    async with visiting(script) as (reader, writer):
        writer.write(b"later\n")
        lines = [await reader.readline() for _ in range(3)]

    times = script.conversations[0].times
    assert lines == [b"heard later\n", b"woke\n", b"woke\n"]
    assert times[1] - times[0] >= 20
    assert times[2] - times[0] >= 40


async def test_world_time_never_goes_back() -> None:
    script = Script()

    async with visiting(script) as (reader, writer):
        for _ in range(5):
            writer.write(b"later\n")
            await reader.readline()
        while len(script.conversations[0].times) < 15:
            await reader.readline()

    times = script.conversations[0].times
    assert times == sorted(times)


async def test_a_slow_server_s_answer_takes_its_world_seconds() -> None:
    async with visiting(Script(), fault="slow") as (reader, writer):
        before = asyncio.get_running_loop().time()
        writer.write(b"one\n")
        await reader.readline()

        assert asyncio.get_running_loop().time() - before >= 30 / SCALE


async def test_a_visitor_who_leaves_takes_his_wakes_along() -> None:
    script = Script()
    async with visiting(script) as (reader, writer):
        writer.write(b"later\n")
        await reader.readline()
        writer.transport.abort()

    assert len(script.conversations) == 1
