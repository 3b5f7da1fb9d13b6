"""A whole lab: every planted endpoint is there, the broken ones are broken as said, and nothing outlives its parent."""

import asyncio
import collections
import contextlib
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import jsonschema
import pytest
import pytest_asyncio

from electrum_observatory.lab.process import LabError, RunningLab, run_lab, write_lab
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import Fate
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import StoreError, VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.connection import Connection
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.limits import Deadlines
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.strangers import old_versions_may_help
from electrum_observatory.protocol.messages import Reply, decode_server_message, encode_request
from tests.lab.world_files import NOON, small_file

VERSION = encode_request(0, "server.version", ["lab-test", ["1.4", "1.6"]])
PLAIN_VERSION = encode_request(0, "server.version", ["lab-test", "1.4"])
AT_ONCE = 40
SCHEMAS = Path(__file__).parents[2] / "schemas/lab"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab() -> AsyncIterator[RunningLab]:
    async with run_lab(small_file(), now=NOON, workers=1) as running:
        yield running


def dialer(overlay: Overlay) -> Dialer:
    return Dialer(
        clock=SystemClock(overlay.time_scale), policy=AddressPolicy(), overlay=overlay, deadlines=Deadlines(connect=20)
    )


async def connected(by: Dialer, endpoint: str) -> Connection:
    """Connect as a campaign does: with old TLS where it fails without."""
    try:
        return await by.connect(Endpoint.parse(endpoint))
    except VisitError as error:
        if not old_versions_may_help(error.failure):
            raise
    return await by.connect(Endpoint.parse(endpoint), legacy_tls=True)


async def ask(running: RunningLab, endpoint: str, request: bytes = VERSION, *, by: Dialer | None = None) -> Reply:
    connection = await connected(by or dialer(running.overlay), endpoint)
    try:
        async with asyncio.timeout(30):
            connection.send(request)
            reply = decode_server_message((await connection.receive()).data)
    finally:
        connection.abort()
    assert isinstance(reply, Reply), reply
    return reply


async def failure(running: RunningLab, endpoint: str) -> FailureKind:
    with pytest.raises(VisitError) as caught:
        await ask(running, endpoint)
    return caught.value.failure.kind


async def test_every_live_endpoint_answers_over_its_transport(lab: RunningLab) -> None:
    live = lab.truth.endpoints(announced_only=False)

    by = dialer(lab.overlay)
    answers = {endpoint: await ask(lab, endpoint, by=by) for endpoint in sorted(live)}

    assert {endpoint.partition(":")[0] for endpoint in live} == {"tcp", "ssl", "ws", "wss"}
    assert all(reply.error is None for reply in answers.values())


async def test_the_overlay_covers_every_socket_and_nothing_else(lab: RunningLab) -> None:
    planted = {
        (endpoint.address, endpoint.port)
        for machine in lab.truth.machines
        for endpoint in (Endpoint.parse(one.endpoint) for one in machine.endpoints)
    }

    covered = set(lab.overlay.sockets) | {place for place in planted if place[0] in lab.overlay.silent}
    assert covered == planted
    assert all(real.startswith("127.") for real, _ in lab.overlay.sockets.values())
    assert lab.overlay.names["electrum.alone.example"] == ("88.198.43.21",)
    assert lab.overlay.pointers["88.198.43.21"] == ("mail.alone.example",)
    assert Overlay.from_json(lab.overlay.to_json()) == lab.overlay


async def test_tls_shows_the_certificate_that_the_truth_names(lab: RunningLab) -> None:
    by = dialer(lab.overlay)

    for machine in lab.truth.machines:
        encrypted = [one.endpoint for one in machine.endpoints if one.endpoint.startswith("ssl")]
        if machine.machine not in ("alone", "company-2", "image-1", "farm-3"):
            continue
        connection = await connected(by, encrypted[0])
        connection.abort()
        tls = connection.facts.tls
        assert tls is not None
        assert hashlib.sha256(tls.chain[0]).hexdigest() == machine.certificate_sha256
        assert (tls.version == "TLSv1") == tls.legacy == (machine.machine == "image-1")


@pytest.mark.parametrize(
    ("fate", "kinds"),
    [
        (Fate.REFUSES, {FailureKind.CONNECT_REFUSED}),
        (Fate.DROPS, {FailureKind.CONNECT_TIMEOUT}),
        (Fate.SPEAKS_PLAIN_TEXT, {FailureKind.PLAIN_TEXT_ON_TLS}),
        (Fate.SPEAKS_HTTP, {FailureKind.HTTP_REPLY}),
        (Fate.RESETS, {FailureKind.CONNECTION_RESET, FailureKind.EOF}),
    ],
)
async def test_broken_machines_are_broken_as_said(lab: RunningLab, fate: Fate, kinds: set[FailureKind]) -> None:
    endpoints = lab.truth.endpoints(fate)

    assert endpoints
    assert {await failure(lab, endpoint) for endpoint in endpoints} <= kinds


async def test_a_mute_machine_accepts_and_says_nothing(lab: RunningLab) -> None:
    connection = await dialer(lab.overlay).connect(Endpoint.parse(min(lab.truth.endpoints(Fate.STAYS_MUTE))))
    connection.send(VERSION)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await connection.receive()
    connection.abort()


async def test_a_server_of_another_chain_shows_its_own_genesis(lab: RunningLab) -> None:
    abroad = "tcp://88.198.43.22:50001@88.198.43.22"
    reply = await ask(lab, abroad, encode_request(1, "blockchain.block.header", [0]))

    assert abroad in lab.truth.endpoints(Fate.ANSWERS_FOR_ANOTHER_CHAIN)
    assert reply.result == lab.world.state("abroad", 0).node.header(0).hex()


async def test_electrumx_lists_at_most_two_peers_per_slash_16_of_those_it_knows(lab: RunningLab) -> None:
    request = encode_request(0, "server.peers.subscribe")

    reply = await ask(lab, "tcp://electrum.alone.example:50001@88.198.43.21", request)

    known = buckets(peer.address for peer in lab.world.state("alone", 0).peers)
    listed = buckets(row[0] for row in reply.result)
    assert max(known.values()) > 2
    assert max(listed.values()) == 2


def buckets(addresses: Iterable[str]) -> collections.Counter[str]:
    return collections.Counter(one.rpartition(".")[0].rpartition(".")[0] for one in addresses if one.count(".") == 3)


async def test_the_lab_keeps_its_own_book_of_visitors(lab: RunningLab) -> None:
    before = len(await lab.arrivals())

    await ask(lab, "tcp://electrum.alone.example:50001@88.198.43.21")
    await ask(lab, "wss://electrum.alone.example:50004@88.198.43.21")

    arrivals = (await lab.arrivals())[before:]
    assert [(one.machine, one.transport) for one in arrivals] == [("alone", Transport.TCP), ("alone", Transport.WSS)]


async def test_the_book_counts_what_each_visitor_asked_and_was_refused(lab: RunningLab) -> None:
    before = len(await lab.arrivals())
    connection = await connected(dialer(lab.overlay), "tcp://electrum.alone.example:50001@88.198.43.21")

    for number, method in enumerate(("server.banner", "no.such.method", "blockchain.headers.subscribe", "nor.this")):
        connection.send(encode_request(number, method, []))
        await connection.receive()
    (arrival,) = (await lab.arrivals())[before:]
    connection.abort()

    assert (arrival.requests, arrival.errors, arrival.left_s) == (4, 2, None)


async def test_the_book_says_when_a_visitor_left(lab: RunningLab) -> None:
    before = len(await lab.arrivals())

    await ask(lab, "tcp://electrum.alone.example:50001@88.198.43.21")
    async with asyncio.timeout(30):
        arrival = (await lab.arrivals())[before]
        while arrival.left_s is None:  # the lab hears of it a moment later
            arrival = (await lab.arrivals())[before]

    assert arrival.left_s >= arrival.at_s


async def test_files_are_written_for_other_processes(lab: RunningLab, tmp_path: Path) -> None:
    write_lab(lab, tmp_path / "new")

    assert Overlay.from_json(json.loads((tmp_path / "new/overlay.json").read_text())) == lab.overlay
    assert json.loads((tmp_path / "new/truth.json").read_text()) == json.loads(json.dumps(lab.truth.to_json()))
    for name in ("overlay", "truth"):
        written = json.loads((tmp_path / f"new/{name}.json").read_text())
        jsonschema.validate(written, json.loads((SCHEMAS / f"{name}.json").read_text()))
        assert written["schema_version"] == 1
    assert (tmp_path / "new/bootstrap.txt").read_text().splitlines()[-1] == "gone.example:50002:s"


async def test_the_demo_comes_up_whole() -> None:
    async with run_lab(load_scenario(Scenario.DEMO), now=NOON) as running:
        gate, by = asyncio.Semaphore(AT_ONCE), dialer(running.overlay)
        refused: list[str] = []

        async def visit(endpoint: str) -> None:
            async with gate:
                if (await ask(running, endpoint, PLAIN_VERSION, by=by)).error is not None:
                    refused.append(endpoint)

        async with asyncio.TaskGroup() as visits:
            for endpoint in running.truth.endpoints(announced_only=False):
                visits.create_task(visit(endpoint))

        assert refused == []
        assert len(await running.arrivals()) >= len(running.truth.endpoints(announced_only=False))


async def test_a_folder_that_cannot_be_written_is_named(lab: RunningLab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StoreError, match=r"file: the files of the lab cannot be written there: File exists"):
        write_lab(lab, tmp_path / "file")
    with pytest.raises(StoreError, match=r"below: the files of the lab cannot be written there: Not a directory"):
        write_lab(lab, tmp_path / "file" / "below")


async def test_a_worker_that_dies_is_noticed() -> None:
    async with run_lab(small_file(), now=NOON, workers=1) as running:
        os.kill(running.worker_pids[0], signal.SIGKILL)

        with pytest.raises(LabError, match="died"):
            async with asyncio.timeout(20):
                await running.wait()


PARENT = """
import asyncio, sys
from electrum_observatory.lab.process import run_lab
from tests.lab.world_files import NOON, small_file

async def main():
    async with run_lab(small_file(), now=NOON, workers=1) as lab:
        print(*lab.overlay.sockets["88.198.43.21", 50001], flush=True)
        await lab.wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_workers_die_with_their_parent(how: signal.Signals) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    address, port = (await parent.stdout.readline()).decode().split()
    reader, writer = await asyncio.open_connection(address, int(port))

    parent.send_signal(how)
    await parent.wait()

    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
