"""Visits to the real servers through the scanner's own parts: dialler, session, probes."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.observation import Observation
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.overlay import Overlay
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.resolve import OverlayResolver
from electrum_observatory.scanner.config import ScanConfig
from electrum_observatory.scanner.loop_lag import LoopLag
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.probes.registry import all_probes
from electrum_observatory.scanner.rules import Rules
from electrum_observatory.scanner.visit import Visitor
from tests.factories import make_campaign
from tests.servers.electrumx import REPORTED_HOST, SSL_PORT, TCP_PORT, WS_PORT, ElectrumX

PORTS = {Transport.TCP: TCP_PORT, Transport.SSL: SSL_PORT, Transport.WS: WS_PORT}
TRANSPORTS = tuple(PORTS)
NETWORK = "litecoin-regtest"
LOOPBACK = AddressPolicy(allow=(ip_network("127.0.0.0/8"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedVisit:
    """What one visit learned.

    Attributes:
        server: Who was visited.
        transport: How.
        plain: Whether "1.4" was offered alone instead of the range 1.4–1.6.
        observations: By probe.
    """

    server: ElectrumX
    transport: Transport
    plain: bool
    observations: Mapping[str, Observation]

    def result(self, probe: str) -> Mapping[str, Any]:
        """Return the result of a probe that completed."""
        attempt = self.observations[probe].attempt
        assert attempt.status is AttemptStatus.COMPLETED, attempt
        assert attempt.result is not None
        return attempt.result


def endpoint_of(server: ElectrumX, transport: Transport) -> Endpoint:
    """Return where a server listens."""
    return Endpoint(host=server.address, address=server.address, port=PORTS[transport], transport=transport)


def name_of(server: ElectrumX) -> str:
    """Return the name that DNS has for it here: the one it advertises, where it does."""
    return REPORTED_HOST if server.reported else f"electrumx-{server.version}.example.org"


def resolver_for(servers: Iterable[ElectrumX]) -> OverlayResolver:
    """Return a resolver that knows the servers' names and asks nobody."""
    by_address = {server.address: (name_of(server),) for server in servers}
    names = {name: (address,) for address, (name,) in by_address.items()}
    return OverlayResolver(Overlay(name="real servers", sockets={}, names=names, pointers=by_address))


async def visit_all(servers: Iterable[ElectrumX]) -> list[FinishedVisit]:
    """Visit every server on every transport with either offer, all at once."""
    servers = list(servers)
    clock = SystemClock()
    visitor = Visitor(
        dialer=Dialer(clock=clock, policy=LOOPBACK),
        resolver=resolver_for(servers),
        may_look_up=Rules().may_look_up,
        clock=clock,
        config=ScanConfig(network=NETWORK),
        probes=all_probes(),
    )

    async def visit(server: ElectrumX, transport: Transport, *, plain: bool) -> FinishedVisit:
        notebook = Notebook(
            campaign=make_campaign(network=NETWORK), endpoint=endpoint_of(server, transport), clock=clock, lag=LoopLag()
        )
        await visitor.visit(notebook, plain=plain)
        observations = {one.probe: one for one in notebook.observations}
        return FinishedVisit(server=server, transport=transport, plain=plain, observations=observations)

    async with asyncio.TaskGroup() as tasks:
        visits = [
            tasks.create_task(visit(server, transport, plain=plain))
            for server in servers
            for transport in TRANSPORTS
            for plain in (False, True)
        ]
    return [one.result() for one in visits]
