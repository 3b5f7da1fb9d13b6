"""A personality of the lab behind a scripted dialer: real programs' replies in virtual time, without a socket."""

import asyncio
from collections.abc import Sequence

from electrum_observatory.lab.personalities.base import Action, Close, Program, Send
from electrum_observatory.lab.state import ServerState
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import Connection, LineReceiver, ReceivedLine
from tests.lab.personality_worlds import header, make_node, make_state, start
from tests.unit.scanner.scripted import GENESIS_HEADER, make_facts

WORLD_STARTED_S = 1_000.0
"""World time at which everybody connects; caches are warm and peers are known by then."""


class LabConnection:
    """One conversation with a program; keeps what was sent."""

    def __init__(self, program: Program, endpoint: Endpoint) -> None:
        self.facts = make_facts(endpoint)
        self.sent: list[bytes] = []
        self.sent_at: list[float] = []
        self.errors: list[bytes] = []
        self._conversation = program.connect(endpoint.transport)
        self._loop = asyncio.get_running_loop()
        self._receiver: LineReceiver | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._buffer = b""
        self._over = False

    def send(self, data: bytes) -> None:
        if self._over:
            raise VisitError(Stage.REQUEST, FailureKind.EOF)
        for line in data.splitlines(keepends=True):
            self.sent.append(line)
            self.sent_at.append(self._loop.time())
            self._act(self._conversation.receive(line, self._now()))

    def hand_over(self, receiver: LineReceiver) -> None:
        self._receiver = receiver

    def abort(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> float:
        return WORLD_STARTED_S + self._loop.time()

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                self._loop.call_later(0.01, self._say, action.data)
            elif isinstance(action, Close):
                self._loop.call_later(0.01, self._close)
        self._plan()

    def _say(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if not self._over and self._receiver is not None:
                if b'"error":' in line and b'"error":null' not in line:
                    self.errors.append(line)
                received_ns = round(self._loop.time() * 1e9)
                self._receiver.line_received(ReceivedLine(data=line + b"\n", received_monotonic_ns=received_ns))

    def _close(self) -> None:
        if not self._over and self._receiver is not None:
            self._over = True
            self._receiver.connection_ended(VisitError(Stage.REQUEST, FailureKind.EOF))

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wake = self._conversation.next_wake
        if wake is not None and not self._over:
            self._timer = self._loop.call_later(max(0.0, wake - self._now()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        if not self._over:
            self._act(self._conversation.wake(self._now()))


class LabDialer:
    """Dials programs by (address, port)."""

    def __init__(self, programs: dict[tuple[str, int], Program]) -> None:
        self.programs = programs
        self.dials: list[tuple[float, Endpoint]] = []
        self.connections: list[LabConnection] = []

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        self.dials.append((asyncio.get_running_loop().time(), endpoint))
        await asyncio.sleep(0.02)
        connection = LabConnection(self.programs[endpoint.address or "", endpoint.port], endpoint)
        self.connections.append(connection)
        return connection


def lab_state() -> ServerState:
    """The small world of the personality tests, on a chain that begins with bitcoin's block 0."""
    genesis = bytes.fromhex(GENESIS_HEADER)
    return make_state(node=make_node(header=lambda height: genesis if height == 0 else header(height)))


def lab_server(personality_id: str) -> Program:
    """Start a program in that world."""
    return start(personality_id, lab_state())
