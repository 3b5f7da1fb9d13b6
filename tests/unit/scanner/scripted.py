"""Connections, dialers and resolvers that follow a script: bytes in, bytes out, no socket anywhere."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.connection import Connection, ConnectionFacts, LineReceiver, ReceivedLine, TlsFacts

GENESIS_HEADER = (
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e"
    "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)
GENESIS_HASH = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"

Answer = Callable[[dict[str, Any]], "Sequence[Any]"]


def reply(request_id: Any, result: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "result": result, "id": request_id}).encode() + b"\n"


def error_reply(request_id: Any, code: int, message: str) -> bytes:
    error = {"code": code, "message": message}
    return json.dumps({"jsonrpc": "2.0", "error": error, "id": request_id}).encode() + b"\n"


class CLOSE:
    """Put among the lines of an answer: the server closes here."""


class Pause(float):
    """Put among the lines of an answer: that many seconds pass."""


class OneRead(tuple[bytes, ...]):
    """Put among the lines of an answer: these lines come at once, before anybody can act on the first."""

    __slots__ = ()


class ScriptedConnection:
    """Answers each request with what the script says; keeps what was sent."""

    def __init__(self, answer: Answer, *, facts: ConnectionFacts | None = None, greeting: Sequence[Any] = ()) -> None:
        self.facts = facts or make_facts()
        self.sent: list[dict[str, Any]] = []
        self.aborted = False
        self._receiver: LineReceiver | None = None
        self._next: asyncio.TimerHandle | None = None
        self._answer = answer
        self._script: deque[Any] = deque(greeting)

    def send(self, data: bytes) -> None:
        for line in data.splitlines():
            message = json.loads(line)
            self.sent.append(message)
            self._script += self._answer(message)
        self._say_on()

    def hand_over(self, receiver: LineReceiver) -> None:
        self._receiver = receiver
        self._say_on()

    def _say_on(self, after_s: float = 0.0) -> None:
        if self._next is None and self._script and self._receiver is not None:
            self._next = asyncio.get_running_loop().call_later(after_s, self._say)

    def _say(self) -> None:
        assert self._receiver is not None
        self._next = None
        item = self._script.popleft()
        if item is CLOSE:
            self._script.clear()
            self._receiver.connection_ended(VisitError(Stage.REQUEST, FailureKind.EOF))
        elif isinstance(item, Pause):
            self._say_on(item)
        elif not self.aborted:
            for line in item if isinstance(item, OneRead) else (item,):
                self._receiver.line_received(self.line(line))
        self._say_on()

    def line(self, data: bytes) -> ReceivedLine:
        now_ns = round(asyncio.get_running_loop().time() * 1e9)
        return ReceivedLine(data=data, received_monotonic_ns=now_ns)

    def abort(self) -> None:
        self.aborted = True
        if self._next is not None:
            self._next.cancel()

    def methods(self) -> list[str]:
        return [message["method"] for message in self.sent]


def make_facts(endpoint: Endpoint | None = None, **overrides: Any) -> ConnectionFacts:
    from tests.factories import make_endpoint

    where = endpoint or make_endpoint()
    tls = TlsFacts(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", legacy=False, chain=(b"not a certificate",))
    values: dict[str, Any] = {"endpoint": where, "connect_ms": 20.0}
    if where.transport.encrypted:
        values |= {"tls_ms": 45.0, "tls": tls}
    return ConnectionFacts(**(values | overrides))


RESULTS: Mapping[str, Any] = {
    "server.version": ["ElectrumX 1.16.0", "1.4.2"],
    "server.ping": None,
    "server.features": {"hosts": {}, "genesis_hash": GENESIS_HASH, "server_version": "ElectrumX 1.16.0"},
    "server.banner": "Welcome",
    "server.donation_address": "",
    "server.peers.subscribe": [],
    "blockchain.headers.subscribe": {"hex": GENESIS_HEADER, "height": 0},
    "blockchain.block.header": GENESIS_HEADER,
    "blockchain.relayfee": 1e-05,
    "blockchain.estimatefee": 2e-05,
    "mempool.get_fee_histogram": [[2, 40_000], [1, 50_000]],
}


def server(**results: Any) -> Answer:
    """A well-behaved server; ``server(**{"server.banner": …})`` overrides single results. Unknown methods: -32601."""
    table = {**RESULTS, **results}

    def answer(message: dict[str, Any]) -> Sequence[Any]:
        method = message["method"]
        if method not in table:
            return [error_reply(message["id"], -32601, f'unknown method "{method}"')]
        value = table[method]
        return value(message) if callable(value) else [reply(message["id"], value)]

    return answer


class ScriptedDialer:
    """Hands out scripted connections by (address or host, port); keeps every dial with its time."""

    def __init__(
        self,
        answers: Mapping[tuple[str, int], Answer | VisitError | BaseException],
        *,
        connect_s: float = 0.02,
    ) -> None:
        self.answers = answers
        self.dials: list[tuple[float, Endpoint]] = []
        self.connections: list[ScriptedConnection] = []
        self._connect_s = connect_s

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        self.dials.append((asyncio.get_running_loop().time(), endpoint))
        await asyncio.sleep(self._connect_s)
        script = self.answers.get((endpoint.address or endpoint.host, endpoint.port))
        if script is None:
            raise VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)
        if isinstance(script, VisitError):
            failure = script.failure
            raise VisitError(failure.stage, failure.kind, failure.detail)
        if isinstance(script, BaseException):
            raise script
        connection = ScriptedConnection(script, facts=make_facts(endpoint))
        self.connections.append(connection)
        return connection

    def dialled(self) -> list[str]:
        return [endpoint.canonical for _, endpoint in self.dials]


class ScriptedResolver:
    """Answers from two tables; a VisitError in a table is raised."""

    def __init__(self, names: Mapping[str, Any] | None = None, pointers: Mapping[str, Any] | None = None) -> None:
        self.names = names or {}
        self.pointer_table = pointers or {}
        self.asked: list[str] = []

    async def addresses(self, host: str) -> tuple[str, ...]:
        self.asked.append(host)
        await asyncio.sleep(0.01)
        found = self.names.get(host)
        if found is None:
            raise VisitError(Stage.RESOLVE, FailureKind.NAME_NOT_FOUND)
        if isinstance(found, VisitError):
            raise found
        return tuple(found)

    async def pointers(self, address: str) -> tuple[str, ...]:
        await asyncio.sleep(0.01)
        return tuple(self.pointer_table.get(address, ()))
