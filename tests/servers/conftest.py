"""Real servers: ElectrumX in seven versions over one litecoind regtest node, started once for the whole folder."""

import asyncio
import os
import subprocess
from collections.abc import Generator, Iterator

import pytest

from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.battery import BATTERY, MALFORMED, ROUTINE
from tests.servers.conversations import ask_all
from tests.servers.electrumx import VERSIONS, ElectrumX, launch
from tests.servers.guests import PricedCampaign, read_priced_campaign, start_priced_campaign
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.processes import Program, own_network
from tests.servers.visits import TRANSPORTS, FinishedVisit, endpoint_of, visit_all

SHORT_PAUSE_S = 1.2
"""Between two visits of the priced campaign: long enough to tell one from the next."""
LONGEST_PRICED_S = 300.0
SHORT_SILENCE = {"OBSERVATORY_SCAN__DEADLINES__SILENCE_S": "1"}

_running: list[Program] = []


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LitecoinNode]:
    """A litecoind whose chain and mempool stay as they are for the whole session."""
    node = LitecoinNode.start(tmp_path_factory.mktemp("litecoind"))
    _running.append(node.program)
    try:
        node.grow()
        yield node
    finally:
        node.program.end()


@pytest.fixture(scope="session")
def electrumx_servers(node: LitecoinNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ElectrumX]]:
    """All versions by number, each answering."""
    servers: dict[str, ElectrumX] = {}
    try:
        for number, version in enumerate(VERSIONS, start=1):
            folder = tmp_path_factory.mktemp(f"electrumx-{version}")
            servers[version] = launch(version, address=f"{own_network()}{number}", node=node, folder=folder)
            _running.append(servers[version].program)
        for server in servers.values():
            server.program.wait_until(server.is_ready)
        yield servers
    finally:
        for server in servers.values():
            server.program.end()


@pytest.fixture(params=VERSIONS)
def electrumx(request: pytest.FixtureRequest, electrumx_servers: dict[str, ElectrumX]) -> ElectrumX:
    """Each version in turn."""
    return electrumx_servers[request.param]


@pytest.fixture(scope="session")
def visits(electrumx_servers: dict[str, ElectrumX]) -> dict[tuple[str, Transport, bool], FinishedVisit]:
    """One visit by version, transport and whether "1.4" was offered alone."""
    done = asyncio.run(visit_all(electrumx_servers.values()))
    return {(visit.server.version, visit.transport, visit.plain): visit for visit in done}


@pytest.fixture(
    params=[(version, transport, plain) for version in VERSIONS for transport in TRANSPORTS for plain in (False, True)],
    ids=lambda param: f"{param[0]}-{param[1]}-{'1.4' if param[2] else 'range'}",
)
def visit(request: pytest.FixtureRequest, visits: dict[tuple[str, Transport, bool], FinishedVisit]) -> FinishedVisit:
    """Each visit, of either offer."""
    return visits[request.param]


@pytest.fixture(scope="session")
def dialogues(electrumx_servers: dict[str, ElectrumX]) -> dict[tuple[str, Transport], list[Dialogue]]:
    """The whole battery by version and transport, and over TCP what is malformed too."""
    return asyncio.run(_ask_everything(electrumx_servers))


@pytest.fixture(scope="session")
def priced_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """A campaign with servers of its own, in a network namespace, under way."""
    folder = tmp_path_factory.mktemp("priced")
    process = start_priced_campaign(folder, pause_s=SHORT_PAUSE_S, environment={**os.environ, **SHORT_SILENCE})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def priced(priced_process: subprocess.Popen[str]) -> PricedCampaign:
    """The same, done."""
    return read_priced_campaign(priced_process, timeout_s=LONGEST_PRICED_S)


@pytest.fixture(scope="session", autouse=True)
def begun_early(request: pytest.FixtureRequest) -> None:
    """Start what takes longest before all else, where a test asks for it: it waits more than it works."""
    if any("priced_process" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("priced_process")


async def _ask_everything(servers: dict[str, ElectrumX]) -> dict[tuple[str, Transport], list[Dialogue]]:
    over_tcp = {endpoint_of(server, Transport.TCP): version for version, server in servers.items()}
    over_tls = {endpoint_of(server, Transport.SSL): version for version, server in servers.items()}
    plain, secure = await asyncio.gather(
        ask_all(over_tcp, ROUTINE + BATTERY + MALFORMED), ask_all(over_tls, ROUTINE + BATTERY)
    )
    return {(version, Transport.TCP): plain[endpoint] for endpoint, version in over_tcp.items()} | {
        (version, Transport.SSL): secure[endpoint] for endpoint, version in over_tls.items()
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of every log beside a failure."""
    report = yield
    if report.failed:
        report.sections.extend((f"log of {program.name}", program.log_tail()) for program in _running)
    return report
