"""Real servers: ElectrumX in seven versions over one litecoind regtest node, started once for the whole folder."""

import asyncio
import os
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.progress import ScanOutcome
from tests.servers.electrumx import VERSIONS, ElectrumX, launch
from tests.servers.guests import PricedCampaign, read_priced_campaign, start_priced_campaign
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.processes import Program, own_network
from tests.servers.real_ledger import RealLedger
from tests.servers.together import ASKED, Company, ask_together
from tests.servers.visits import TRANSPORTS, FinishedVisit
from tests.servers.wired.guests import WiredWatch, read_wired_watch, start_wired_watch

SHORT_PAUSE_S = 1.2
"""Between two visits of the priced campaign: long enough to tell one from the next."""
LONGEST_PRICED_S = 300.0
SHORT_REFRESH_S, SHORT_ROUNDS_S, WATCHED_S = 5.0, 2.5, 80.0
"""A histogram anew every 5 s instead of 500 s, a round twice as often, for some fifteen refreshes."""
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
def ledger(node: LitecoinNode) -> RealLedger:
    """What the node knows of scripts and transactions."""
    return RealLedger(node)


@pytest.fixture(scope="session")
def heard(
    request: pytest.FixtureRequest,
    electrumx_servers: dict[str, ElectrumX],
    ledger: RealLedger,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What the servers said to all that any test of this session asks for, by the name of its fixture."""
    names = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    company = Company(servers=electrumx_servers, ledger=ledger, folder=tmp_path_factory.mktemp("together"))
    return asyncio.run(ask_together(company, [name for name in ASKED if name in names]))


@pytest.fixture(scope="session")
def visits(heard: dict[str, Any]) -> dict[tuple[str, Transport, bool], FinishedVisit]:
    """See ``together.visits``."""
    return heard["visits"]


@pytest.fixture(scope="session")
def dialogues(heard: dict[str, Any]) -> dict[tuple[str, Transport], list[Dialogue]]:
    """See ``together.dialogues``."""
    return heard["dialogues"]


@pytest.fixture(scope="session")
def forged(heard: dict[str, Any]) -> dict[tuple[str, Transport, str], list[Dialogue]]:
    """See ``together.forged``."""
    return heard["forged"]


@pytest.fixture(scope="session")
def conversations(heard: dict[str, Any]) -> dict[str, list[Dialogue]]:
    """See ``together.conversations``."""
    return heard["conversations"]


@pytest.fixture(scope="session")
def finished(heard: dict[str, Any]) -> tuple[ScanOutcome, Path]:
    """See ``together.finished``."""
    return heard["finished"]


@pytest.fixture(
    params=[(version, transport, plain) for version in VERSIONS for transport in TRANSPORTS for plain in (False, True)],
    ids=lambda param: f"{param[0]}-{param[1]}-{'1.4' if param[2] else 'range'}",
)
def visit(request: pytest.FixtureRequest, visits: dict[tuple[str, Transport, bool], FinishedVisit]) -> FinishedVisit:
    """Each visit, of either offer."""
    return visits[request.param]


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


@pytest.fixture(scope="session")
def wired_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """A watch of six servers on two nodes, under way in a network namespace."""
    folder = tmp_path_factory.mktemp("wired")
    process = start_wired_watch(folder, refresh_s=SHORT_REFRESH_S, every_s=SHORT_ROUNDS_S, seconds=WATCHED_S, seed=5)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def wired(wired_process: subprocess.Popen[str]) -> WiredWatch:
    """The same, done."""
    return read_wired_watch(wired_process, seconds=WATCHED_S)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask last of all what the wired watch found.

    It begins with the first test of this folder (``begun_early``), lasts a minute and a half and hardly works, while
    tests run one after the other and mostly work: so those of tests/unit, which come after this folder, run meanwhile
    and nobody waits for the watch. Its rounds need to be on time to about a second, which one busy core of two leaves
    them. Run alone, its tests just wait.
    """
    items.sort(key=lambda item: "wired" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def begun_early(request: pytest.FixtureRequest) -> None:
    """Start what takes longest before all else, where a test asks for it: it waits more than it works."""
    for slow in ("wired_process", "priced_process"):
        if any(slow in item.fixturenames for item in request.session.items):
            request.getfixturevalue(slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of every log beside a failure."""
    report = yield
    if report.failed:
        report.sections.extend((f"log of {program.name}", program.log_tail()) for program in _running)
    return report
