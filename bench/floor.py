"""``python -m bench.floor PLAN``: client (a), the smallest uvloop program that does the same bytes and nothing else.

It connects, lets uvloop do the TLS, sends the lines of each round in one write, counts newlines until the round is
answered, and drops the connection. It reads no reply, checks nothing, has no deadline and keeps nothing.
"""

import asyncio
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop

from bench.questions import Costs, Plan


class Floor(asyncio.Protocol):
    """One conversation. ``done`` becomes the bytes received, or breaks where the server closed early."""

    def __init__(self, rounds: tuple[tuple[bytes, int], ...], done: asyncio.Future[int]) -> None:
        self._rounds = iter(rounds)
        self._done = done
        self._due = self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        self._due -= data.count(b"\n")
        if self._due <= 0 and not self._done.done():  # below where a new block was announced meanwhile
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("closed before everything was answered"))

    def _ask(self) -> None:
        said = next(self._rounds, None)
        if said is None:
            self._done.set_result(self._received)
            self._transport.abort()
        else:
            self._due = said[1]  # before the write, from which uvloop's TLS may already hand out an answer
            self._transport.write(said[0])


async def converse(plan: Plan) -> int:
    """Ask every server, so many at once; return the bytes received."""
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    rounds = tuple(("".join(lines).encode(), len(lines)) for lines in plan.rounds)
    received = 0

    async def work(servers: Iterator[tuple[str, int, str]]) -> None:
        nonlocal received
        for address, port, host in servers:
            done = loop.create_future()
            await loop.create_connection(
                lambda: Floor(rounds, done),  # noqa: B023  called before the next turn
                address,
                port,
                ssl=context,
                server_hostname=host,
            )
            replies = await done
            received += replies

    servers = iter(plan.servers)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(plan.at_once):
            tasks.create_task(work(servers))
    return received


def main() -> None:
    """Carry the plan out and report the cost."""
    costs = Costs()
    plan = Plan.read(Path(sys.argv[1]))
    received = uvloop.run(converse(plan))
    said = sum(len(line.encode()) for lines in plan.rounds for line in lines)
    costs.report(servers=len(plan.servers), sent=said * len(plan.servers), received=received)


if __name__ == "__main__":
    main()
