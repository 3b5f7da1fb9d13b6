"""Servers on loopback whose every word is poison, and a store that holds poison wherever a stranger's word goes.

Each word is different, so that a test can tell where it came out.
"""

import asyncio
import itertools
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.campaign import CampaignKind, CampaignState
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.observation import WitnessKind
from electrum_observatory.model.watch import Answer, Availability, Question, Reading
from electrum_observatory.model.watch_ports import WatchSink
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.live import LiveStore
from tests.contract.watch_facts import ENDPOINTS, ROUND_US, START_US, new_watch, nth_round, stint_at
from tests.factories import (
    make_campaign,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_seal,
    make_sighting,
    make_witness,
)

_TRICKS = (
    "=1+1;=2|@SUM(1),-3<script>top.owned=1</script>\"'><img src=x onerror=top.owned=1>"
    "\x00\x1b[31m\x9b1m\x7f\u202e\u200b\u0338\u0338\u0338\u0338\r\nobservatory: forged\t[bold]x[/] `*_\\"
)


class Poison:
    """Hands out words, each with a mark of its own, and remembers them."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.words: list[str] = []

    def __call__(self) -> str:
        """Return a new word."""
        word = f"=px{next(self._count):05}x{_TRICKS}"
        self.words.append(word)
        return word

    def odd(self) -> str:
        """Return a new word with a lone surrogate in it, for where JSON comes from."""
        self.words.append(self() + "\ud800")
        return self.words[-1]

    def into(self, value: Any) -> Any:
        """Return a result with every text in it replaced."""
        if isinstance(value, str):
            return self.odd()
        if isinstance(value, dict):
            return {key: self.into(member) for key, member in value.items()}
        return [self.into(member) for member in value] if isinstance(value, list) else value


_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def poisoned_servers(poison: Poison) -> Iterator[list[str]]:
    """Run the servers and yield them as ``scan`` takes them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers: list[asyncio.Server] = []
    try:
        for number, serve in enumerate((_talkative(poison), _refusing(poison), _prose(poison), _confused(poison)), 1):
            opening = asyncio.start_server(serve, f"127.77.0.{number}", 0, limit=1 << 20)
            servers.append(asyncio.run_coroutine_threadsafe(opening, loop).result(10))
        yield ["{}:{}:t".format(*server.sockets[0].getsockname()) for server in servers]
    finally:
        asyncio.run_coroutine_threadsafe(_close(servers), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()


def _answering(answer: Callable[[dict[str, Any]], dict[str, Any] | bytes]) -> _Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                words = answer(json.loads(line))
                writer.write(words if isinstance(words, bytes) else json.dumps(words).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.transport.abort()

    return serve


def _talkative(poison: Poison) -> _Serve:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        word = poison.odd()
        results: dict[str, Any] = {
            "server.version": [word, "1.4"],
            "server.features": {"server_version": word, "hash_function": poison(), poison(): poison(), "hosts": {}},
            "server.peers.subscribe": [[word, word, [word]], ["192.0.2.7", "named.example.org", ["v1.4", "t", word]]],
            "blockchain.headers.subscribe": {"height": 1, "hex": word},
            "server.ping": None,
            "mempool.get_fee_histogram": [[word, word]],
        }
        return {"jsonrpc": "2.0", "id": request["id"], "result": results.get(request["method"], word)}

    return _answering(answer)


def _refusing(poison: Poison) -> _Serve:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32600, "message": poison.odd()}}

    return _answering(answer)


def _prose(poison: Poison) -> _Serve:
    return _answering(lambda _: f"HTTP/1.1 400 {poison()}\r\n".encode())


def _confused(poison: Poison) -> _Serve:
    return _answering(lambda _: {"jsonrpc": "2.0", "id": poison.odd(), "error": {"code": 1, "message": poison.odd()}})


def poisoned_store(data: Path, poison: Poison, results: dict[str, dict[str, Any]]) -> None:
    """Add a cancelled import whose every text is poison, as far as the store takes it; ``results`` are by probe."""
    asked = make_endpoint(host="asked.example.org", address="198.51.100.66")
    refused = make_endpoint(host="refused.example.org", address="10.0.0.1")
    silent = make_endpoint(host="silent.example.org", port=50001, transport=Transport.TCP, address="198.51.100.67")
    campaign = make_campaign(kind=CampaignKind.IMPORT, note=poison.odd(), config={poison.odd(): [poison.odd()]})
    certificate = make_witness(kind=WitnessKind.CERTIFICATE, data=poison().encode(), label=poison())
    observations = [
        make_observation(
            probe,
            make_connection_result() if probe == "connection" else poison.into(result),
            endpoint=asked,
            witnesses=(make_witness(data=poison().encode(), label=poison()), certificate),
        )
        for probe, result in results.items()
    ]
    observations += [
        make_failed_observation("banner", Stage.REQUEST, FailureKind.BAD_MESSAGE, poison.odd(), endpoint=silent),
        make_failed_observation(detail=poison(), endpoint=silent),
        make_failed_observation(
            "connection",
            Stage.POLICY,
            FailureKind.ADDRESS_REFUSED,
            f"{poison()}; told by {poison()}",
            endpoint=refused,
        ),
        make_observation("features", endpoint=silent, attempt=Attempt.not_applicable(poison.odd())),
    ]
    told = [
        make_sighting(
            host="asked.example.org",
            source=poison(),
            told_by=poison(),
            address_claimed=poison(),
            protocol_claimed=poison.odd(),
        ),
        make_sighting(host="refused.example.org", source=poison(), told_by=poison()),
    ]
    counts = {"endpoints": 3, poison(): 1, f"overflow_{poison()}_told_by_{poison()}": 1}
    with LiveStore.open(data, SystemClock()) as store:
        store.begin_campaign(campaign)
        store.record_many(observations, told)
        store.end_campaign(make_seal(state=CampaignState.CANCELLED, counts=counts))


def poisoned_watch(data: Path, poison: Poison) -> None:
    """Add a watch of a few rounds whose every answer, failure and note is poison."""

    def reading(endpoint: Endpoint) -> Reading:
        answers = {question: Answer(data=_answer(question, poison), after_us=90_000) for question in Question}
        failure = Failure(stage=Stage.REQUEST, kind=FailureKind.BAD_MESSAGE, detail=poison())
        return Reading(endpoint=endpoint, availability=Availability.UP, failure=failure, sent_us=900, answers=answers)

    async def record(sink: WatchSink) -> None:
        watch = replace(new_watch(poison()), network="bitcoin", overlay=None, config={poison(): poison()})
        await sink.begin_stint(watch, stint_at())
        for number in range(1, 7):
            await sink.record_round(nth_round(number), [reading(endpoint) for endpoint in ENDPOINTS])
        await sink.end_stint(START_US + 6 * ROUND_US, 1)

    with LiveStore.open(data, SystemClock()) as store:
        asyncio.run(record(store.watching()))


def _answer(question: Question, poison: Poison) -> bytes:
    """Return a histogram beside which poison stands, or whatever else poison makes of an answer."""
    if question is Question.HISTOGRAM:
        result: object = [[9.0 - one, 60_000 + one] for one in range(8)]
        return json.dumps({"id": 20, "result": result, poison(): poison()}).encode() + b"\n"
    return json.dumps({"id": 21, "result": poison.odd()}).encode() + b"\n"
