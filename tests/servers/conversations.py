"""Questions put to real servers through the product's own network code; what comes back are dialogues."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import VisitError
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.connection import Connection
from electrum_observatory.net.dial import Dialer
from tests.servers.battery import Opening, Question, request, version
from tests.servers.visits import LOOPBACK

RAW_TRANSPORTS = (Transport.TCP, Transport.SSL)
PATIENCE_S = 20.0
PING_ID = "afterwards"
_NOTIFICATION = re.compile(rb'"method":')


async def ask_all(endpoints: Iterable[Endpoint], questions: Sequence[Question]) -> dict[Endpoint, list[Dialogue]]:
    """Put every question to every endpoint, each on a connection of its own, all at once."""
    dialer = Dialer(clock=SystemClock(), policy=LOOPBACK)
    async with asyncio.TaskGroup() as tasks:
        asked = {
            endpoint: [tasks.create_task(_dialogue(dialer, endpoint, question)) for question in questions]
            for endpoint in endpoints
        }
    return {endpoint: [task.result() for task in tasks] for endpoint, tasks in asked.items()}


async def _dialogue(dialer: Dialer, endpoint: Endpoint, question: Question) -> Dialogue:
    connection = await dialer.connect(endpoint)
    try:
        exchanges = []
        if question.opening is not Opening.BARE:
            exchanges.append(await _exchange(connection, f"{question.name} opening", version(question.opening), 1))
        exchanges.append(await _exchange(connection, question.name, question.sent, question.lines))
        if not exchanges[-1].closed:
            ping = request("server.ping", [], number=PING_ID)
            afterwards = await _exchange(connection, f"{question.name} ping", ping, 1)
            if afterwards.lines:
                exchanges.append(afterwards)
            else:  # it was over before the ping came
                exchanges[-1] = replace(exchanges[-1], closed=True)
    finally:
        connection.abort()
    return Dialogue(transport=endpoint.transport, exchanges=_with_hindsight(exchanges), origin=str(endpoint))


async def _exchange(connection: Connection, name: str, sent: bytes, expected: int) -> Exchange:
    """Send one message and read the lines that answer it; notifications may come before an answer and do not count."""
    lines: list[Line] = []
    closed = False
    sent_ns = SystemClock().monotonic_ns()
    try:
        connection.send(sent)
        async with asyncio.timeout(PATIENCE_S):
            while sum(not _NOTIFICATION.search(line.data) for line in lines) < expected:
                received = await connection.receive()
                lines.append(Line(data=received.data, after_ms=(received.received_monotonic_ns - sent_ns) / 1e6))
    except VisitError:
        closed = True
    return Exchange(name=name, sent=sent, lines=tuple(lines), closed=closed)


def _with_hindsight(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Say of each exchange whether the connection answered something later."""
    answered = [bool(one.lines) for one in exchanges]
    return tuple(replace(one, alive_after=any(answered[place + 1 :])) for place, one in enumerate(exchanges))
