"""What the tests of a session ask real servers, asked at once: the servers take their time rather than the processor's.

From 1.18 on a padded answer comes a second late, so one after the other these would mostly wait.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.progress import ScanOutcome
from tests.servers.battery import BATTERY, MALFORMED, ROUTINE
from tests.servers.campaign import scan
from tests.servers.conversations import ask_all
from tests.servers.electrumx import ElectrumX
from tests.servers.lies import ask_through_relays
from tests.servers.real_ledger import RealLedger
from tests.servers.script_questions import questions
from tests.servers.visits import FinishedVisit, endpoint_of, visit_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who is asked, and what that takes.

    Attributes:
        servers: By version.
        ledger: Of their node.
        folder: Empty; for data and certificates.
    """

    servers: Mapping[str, ElectrumX]
    ledger: RealLedger
    folder: Path


async def visits(company: Company) -> dict[tuple[str, Transport, bool], FinishedVisit]:
    """Return one visit by version, transport and whether "1.4" was offered alone."""
    done = await visit_all(company.servers.values())
    return {(visit.server.version, visit.transport, visit.plain): visit for visit in done}


async def dialogues(company: Company) -> dict[tuple[str, Transport], list[Dialogue]]:
    """Return the whole battery by version and transport, and over TCP what is malformed too."""
    over_tcp = {endpoint_of(server, Transport.TCP): version for version, server in company.servers.items()}
    over_tls = {endpoint_of(server, Transport.SSL): version for version, server in company.servers.items()}
    plain, secure = await asyncio.gather(
        ask_all(over_tcp, ROUTINE + BATTERY + MALFORMED), ask_all(over_tls, ROUTINE + BATTERY)
    )
    return {(version, Transport.TCP): plain[endpoint] for endpoint, version in over_tcp.items()} | {
        (version, Transport.SSL): secure[endpoint] for endpoint, version in over_tls.items()
    }


async def forged(company: Company) -> dict[tuple[str, Transport, str], list[Dialogue]]:
    """Return the decisive questions through a lying relay, by version, transport and lie."""
    tls = company.folder / "relay"
    tls.mkdir()
    return await ask_through_relays(company.servers, tls)


async def conversations(company: Company) -> dict[str, list[Dialogue]]:
    """Return all questions about scripts, each on a connection of its own, by version."""
    endpoints = {endpoint_of(server, Transport.TCP): version for version, server in company.servers.items()}
    asked = await ask_all(endpoints, list(questions(company.ledger)))
    return {version: asked[endpoint] for endpoint, version in endpoints.items()}


async def finished(company: Company) -> tuple[ScanOutcome, Path]:
    """Return the outcome of a campaign over all of them, and its data folder."""
    data = company.folder / "campaign"
    data.mkdir()
    return await scan(list(company.servers.values()), data), data


ASKED: Mapping[str, Callable[[Company], Coroutine[Any, Any, Any]]] = {
    "visits": visits,
    "dialogues": dialogues,
    "forged": forged,
    "conversations": conversations,
    "finished": finished,
}
"""What there is to ask, by the name of its fixture."""


async def ask_together(company: Company, wanted: list[str]) -> dict[str, Any]:
    """Ask all of these at once; return what came, by name."""
    async with asyncio.TaskGroup() as tasks:
        asked = {name: tasks.create_task(ASKED[name](company)) for name in wanted}
    return {name: task.result() for name, task in asked.items()}
