"""A campaign over real servers, through the real engine into the real store."""

from pathlib import Path
from random import Random

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.scanner.campaign import new_campaign
from electrum_observatory.scanner.config import Budgets, ScanConfig
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.engine import Engine, Rules
from electrum_observatory.scanner.progress import ScanOutcome
from electrum_observatory.store.live import LiveStore
from tests.servers.electrumx import ElectrumX
from tests.servers.visits import LOOPBACK, NETWORK, TRANSPORTS, endpoint_of, resolver_for

_TARGET_LETTERS = {Transport.TCP: "t", Transport.SSL: "s", Transport.WS: "ws"}


async def scan(servers: list[ElectrumX], data_dir: Path) -> ScanOutcome:
    """Scan every server on every transport into a data folder."""
    clock = SystemClock()
    # They are our own servers, so nobody needs ten seconds between two connections.
    config = ScanConfig(network=NETWORK, budgets=Budgets(spacing_s=0, connections_at_once=5))
    endpoints = [endpoint_of(server, transport) for server in servers for transport in TRANSPORTS]
    targets = [f"{one.host}:{one.port}:{_TARGET_LETTERS[one.transport]}" for one in endpoints]
    with LiveStore.open(data_dir, clock) as store:
        engine = Engine(
            campaign=new_campaign(config=config, clock=clock, rng=Random(1)),
            config=config,
            sources=[typed_targets(targets, NETWORKS[NETWORK])],
            rules=Rules(addresses=LOOPBACK),
            dialer=Dialer(clock=clock, policy=LOOPBACK),
            resolver=resolver_for(servers),
            sink=store,
            clock=clock,
        )
        return await engine.run()
