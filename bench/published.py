"""``python -m bench.published PLAN``: client (b), the same questions asked the way published crawlers ask.

One new connection per request, asyncio's streams, json both ways. It is kinder than the crawlers were: where a server
answers nothing but ``server.version`` on a fresh connection (ElectrumX since 1.19), it says that first from then on, so
that it too ends with the server's full set of answers.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.questions import Costs, Plan

_TIMEOUT_S = 30.0
_LONGEST_LINE = 16_000_000


class Published:
    """Asks servers; counts the bytes of lines both ways."""

    def __init__(self, plan: Plan) -> None:
        self.sent = self.received = 0
        self._questions = [json.loads(line) for lines in plan.rounds for line in lines]
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE

    async def work(self, servers: Iterator[tuple[str, int, str]]) -> None:
        for server in servers:
            answers = await self._ask_all(server)
            assert len(answers) == len(self._questions)

    async def _ask_all(self, server: tuple[str, int, str]) -> list[Any]:
        answers: list[Any] = []
        hello: list[Any] = []
        for question in self._questions:
            try:
                answers.append(await self._ask(server, [*hello, question]))
            except ConnectionError:
                hello = [self._questions[0]]
                answers.append(await self._ask(server, [*hello, question]))
        return answers

    async def _ask(self, server: tuple[str, int, str], questions: list[Any]) -> Any:
        address, port, host = server
        opening = asyncio.open_connection(address, port, ssl=self._context, server_hostname=host, limit=_LONGEST_LINE)
        reader, writer = await asyncio.wait_for(opening, _TIMEOUT_S)
        try:
            for question in questions:
                line = (json.dumps(question) + "\n").encode()
                writer.write(line)
                await writer.drain()
                reply = await asyncio.wait_for(reader.readline(), _TIMEOUT_S)
                if not reply:
                    raise ConnectionError("closed without an answer")
                answer = json.loads(reply)
                self.sent += len(line)
                self.received += len(reply)
            return answer
        finally:
            writer.close()


async def converse(plan: Plan) -> Published:
    """Ask every server, so many at once."""
    client = Published(plan)
    servers = iter(plan.servers)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(plan.at_once):
            tasks.create_task(client.work(servers))
    return client


def main() -> None:
    """Carry the plan out and report the cost."""
    costs = Costs()
    plan = Plan.read(Path(sys.argv[1]))
    client = asyncio.run(converse(plan))
    costs.report(servers=len(plan.servers), sent=client.sent, received=client.received)


if __name__ == "__main__":
    main()
