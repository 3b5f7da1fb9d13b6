"""A few scripted servers, a sink that remembers, and a monitor over both in virtual time."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import StoreError, VisitError
from electrum_observatory.model.failure import FailureKind, Side, Stage
from electrum_observatory.model.watch import (
    Availability,
    Blindness,
    BlindSpell,
    Question,
    Reading,
    Round,
    Stint,
    TipNews,
    Watch,
)
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.scanner.watching.config import Cadences, WatchingConfig
from electrum_observatory.scanner.watching.monitor import Monitor
from tests.factories import make_endpoint
from tests.unit.scanner.scripted import GENESIS_HEADER, make_facts, server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

CADENCE_S = 300.0
Answer = Callable[[dict[str, Any]], Sequence[bytes]]


def endpoint(number: int) -> Endpoint:
    return make_endpoint(host=f"s{number}.example", address=f"198.51.100.{number + 1}")


def news(height: Any, **tip: Any) -> bytes:
    params = [{"hex": GENESIS_HEADER, "height": height} | tip]
    return json.dumps({"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": params}).encode() + b"\n"


def no_answer(_message: dict[str, Any]) -> Sequence[bytes]:
    return []


class Line:
    """A connection that answers as its server says at that moment, a hundredth of a second later."""

    def __init__(self, owner: "FakeServer") -> None:
        self.facts = make_facts(owner.endpoint)
        self.sent: list[dict[str, Any]] = []
        self.writes: list[tuple[float, str]] = []
        self.over = False
        self.dead = False
        self._owner = owner
        self._receiver: Any = None

    def hand_over(self, receiver: Any) -> None:
        self._receiver = receiver

    def send(self, data: bytes) -> None:
        if self.over:
            raise VisitError(Stage.REQUEST, FailureKind.EOF)
        message = json.loads(data)
        self.sent.append(message)
        self.writes.append((asyncio.get_running_loop().time(), message["method"]))
        for line in self._owner.answer(message):
            self.say(line, self._owner.delay_s)

    def say(self, line: bytes, after_s: float = 0.0) -> None:
        asyncio.get_running_loop().call_later(after_s, self._say, line)

    def end(self, kind: FailureKind = FailureKind.EOF) -> None:
        if not self.over:
            self.over = True
            self._receiver.connection_ended(VisitError(Stage.REQUEST, kind))

    def abort(self) -> None:
        self.over = True

    def _say(self, line: bytes) -> None:
        if not (self.over or self.dead or self._owner.cut_off):
            at_ns = round(asyncio.get_running_loop().time() * 1e9)
            self._receiver.line_received(ReceivedLine(data=line, received_monotonic_ns=at_ns))

    def methods(self) -> list[str]:
        return [message["method"] for message in self.sent]


class FakeServer:
    """Whoever dials it gets a connection, unless ``down`` says why not; ``cut_off`` keeps its words from arriving."""

    def __init__(self, endpoint: Endpoint, answer: Answer | None = None) -> None:
        self.endpoint = endpoint
        self.answer: Answer = answer or server()
        self.delay_s = 0.01
        self.down: FailureKind | None = None
        self.cut_off = False
        self.lines: list[Line] = []
        self.dialled_at: list[float] = []

    @property
    def line(self) -> Line:
        return self.lines[-1]

    def stop(self, kind: FailureKind = FailureKind.CONNECT_REFUSED) -> None:
        self.down = kind
        if self.lines:
            self.line.end()

    def hang(self) -> None:
        self.cut_off, self.down = True, FailureKind.CONNECT_TIMEOUT

    def come_back(self) -> None:
        self.cut_off, self.down = False, None


class FakeDialer:
    def __init__(self, servers: Sequence[FakeServer]) -> None:
        self._servers = {one.endpoint: one for one in servers}
        self._now = self.most_at_once = 0

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Line:
        where = self._servers[endpoint]
        where.dialled_at.append(asyncio.get_running_loop().time())
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await asyncio.sleep(10.0 if where.down is FailureKind.CONNECT_TIMEOUT else 0.05)
        finally:
            self._now -= 1
        if where.down is not None:
            ours = where.down.side is Side.OURS
            raise VisitError(Stage.POLICY if ours else Stage.CONNECT, where.down)
        where.lines.append(Line(where))
        return where.line


class MemorySink:
    """Remembers everything in the order in which it came."""

    def __init__(self) -> None:
        self.rounds: list[tuple[Round, Sequence[Reading]]] = []
        self.news: list[TipNews] = []
        self.spells: list[BlindSpell] = []
        self.beats_us: list[int] = []
        self.stints: list[str] = []
        self.full = False
        self.round_came = asyncio.Event()

    async def begin_stint(self, watch: Watch, stint: Stint) -> None:
        self.stints.append("begun")

    async def record_round(self, made: Round, readings: Sequence[Reading]) -> None:
        if self.full:
            raise StoreError("the disk is full")
        self.rounds.append((made, readings))
        self.round_came.set()

    async def record_news(self, news: Sequence[TipNews]) -> None:
        self.news += news

    async def record_blind(self, spell: BlindSpell) -> None:
        self.spells.append(spell)

    async def heartbeat(self, at_us: int, monotonic_ns: int) -> None:
        self.beats_us.append(at_us)

    async def end_stint(self, at_us: int, monotonic_ns: int) -> None:
        self.stints.append("ended")

    def states(self, number: int) -> Mapping[str, Availability]:
        """Return the availability by host in the round of this number."""
        _, readings = self.rounds[number - 1]
        return {reading.endpoint.host: reading.availability for reading in readings}

    def reading(self, number: int, of: FakeServer) -> Reading:
        _, readings = self.rounds[number - 1]
        (found,) = [reading for reading in readings if reading.endpoint == of.endpoint]
        return found

    def why_blind(self) -> list[Blindness]:
        return [spell.why for spell in self.spells]


class SteppedClock(VirtualClock):
    """A clock whose wall may be set."""

    step_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.step_us


def make_config(**overrides: Any) -> WatchingConfig:
    values: dict[str, Any] = {"jitter_s": 0.0, "lag_every_s": 3_600.0}
    return WatchingConfig(**(values | overrides))


def every(seconds: float) -> Cadences:
    return Cadences(**{f"{question}_s": seconds for question in Question})


class Scene:
    """Servers, and a monitor that watches them."""

    def __init__(self, servers: int | Sequence[FakeServer] = 1, *, network: str = "bitcoin", **config: Any) -> None:
        self.servers = (
            [FakeServer(endpoint(number)) for number in range(servers)] if isinstance(servers, int) else list(servers)
        )
        self.dialer = FakeDialer(self.servers)
        self.sink = MemorySink()
        self.options: dict[str, Any] = {}
        self._network = network
        self._config = make_config(**config)

    @property
    def first(self) -> FakeServer:
        return self.servers[0]

    def play(self, script: Callable[["Scene"], Awaitable[None]], **options: Any) -> "Scene":
        """Run the monitor for as long as the script goes on."""

        async def main() -> None:
            self._build(**options)
            task = asyncio.create_task(self.monitor.run())
            try:
                await script(self)
            finally:
                task.cancel()
                await asyncio.wait([task])
            if not task.cancelled():
                task.result()

        run_virtually(main())
        return self

    def play_rounds(self, rounds: int) -> "Scene":
        return self.play(lambda scene: scene.rounds(rounds))

    def play_once(self, **options: Any) -> "Scene":
        async def main() -> None:
            self._build(**options)
            await self.monitor.once()

        run_virtually(main())
        return self

    async def rounds(self, number: int) -> None:
        """Wait until so many rounds were made in all."""
        while len(self.sink.rounds) < number:
            self.sink.round_came.clear()
            await self.sink.round_came.wait()

    def _build(self, **options: Any) -> None:
        self.clock = SteppedClock()
        now_us = self.clock.now_us()
        watch = Watch(
            watch_id="20261120T221500Z-local-0a1b2c",
            vantage="local",
            network=self._network,
            started_at_us=now_us,
            config={},
            config_sha256="00" * 32,
        )
        stint = Stint(started_at_us=now_us, started_monotonic_ns=0, boot_id=self.clock.boot_id, tool_version="0")
        self.monitor = Monitor(
            watch=watch,
            stint=stint,
            dialer=self.dialer,
            sink=self.sink,
            clock=self.clock,
            rng=random.Random(5),
            config=self._config,
            **options,
        )
        self.monitor.set_watched([one.endpoint for one in self.servers])


def with_results(**results: Any) -> Answer:
    return server(**{name.replace("__", "."): value for name, value in results.items()})


def replaced(answer: Answer, method: str, by: Answer) -> Answer:
    """Answer one method differently."""
    return lambda message: by(message) if message["method"] == method else answer(message)
