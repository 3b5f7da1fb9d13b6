"""Two connected litecoinds with different mempools, and three versions of ElectrumX on each."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.electrumx import ElectrumX, launch
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.processes import free_port

VERSIONS = ("1.16.0", "1.19.0", "2.0.0")
"""Three versions whose histograms of one mempool differ: each cuts its bins in its own way (implementations.md 4.1)."""
NODES = ("a", "b")
RELAY_FEES = {"a": "0.00001000", "b": "0.00003000"}
"""``minrelaytxfee`` in LTC/kvB: what pays less than 3 sat/vB is in the first node's mempool only."""
_SMALL_BLOCKS = "blockmaxweight=600000"  # so that blocks leave most of the mempool where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Two nodes, running; not connected to begin with.

    Attributes:
        by_name: The nodes.
        peer: Where the first of them takes connections of peers.
    """

    by_name: dict[str, LitecoinNode]
    peer: str

    def connect(self) -> None:
        """Make them peers, now."""
        *_, other = self.by_name.values()
        other.rpc("addnode", self.peer, "onetry")
        wait_until(lambda: all(node.rpc("getconnectioncount") > 0 for node in self.by_name.values()))

    def part(self) -> None:
        """End their connection."""
        for node in self.by_name.values():
            node.rpc("setnetworkactive", False)
        wait_until(lambda: all(node.rpc("getconnectioncount") == 0 for node in self.by_name.values()))
        for node in self.by_name.values():
            node.rpc("setnetworkactive", True)


@contextlib.contextmanager
def start_nodes(folder: Path) -> Iterator[Nodes]:
    """Start the nodes; they end with the context."""
    ports = {name: free_port() for name in NODES}
    with contextlib.ExitStack() as running:
        nodes: dict[str, LitecoinNode] = {}
        for name in NODES:
            own = ["listen=1", "bind=127.0.0.1", f"port={ports[name]}", f"minrelaytxfee={RELAY_FEES[name]}"]
            nodes[name] = LitecoinNode.start(made(folder / f"litecoind-{name}"), [*own, _SMALL_BLOCKS])
            running.callback(nodes[name].program.end)
        yield Nodes(by_name=nodes, peer=f"127.0.0.1:{ports[NODES[0]]}")


@contextlib.contextmanager
def start_servers(folder: Path, nodes: Nodes, refresh_s: float) -> Iterator[tuple[tuple[str, ElectrumX], ...]]:
    """Start every version on every node and wait until each answers; they end with the context.

    Yields every server with the name of the node that it stands on.
    """
    with contextlib.ExitStack() as running:
        servers: list[tuple[str, ElectrumX]] = []
        for name, node in nodes.by_name.items():
            for version in VERSIONS:
                address = f"127.77.0.{len(servers) + 1}"
                at = made(folder / f"electrumx-{version}-{name}")
                servers.append((name, launch(version, address=address, node=node, folder=at, refresh_s=refresh_s)))
                running.callback(servers[-1][1].program.end)
        for _, server in servers:
            server.program.wait_until(server.is_ready, seconds=60)
        yield tuple(servers)


def wait_until(ready: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Ask again until it is so; raise TimeoutError after the time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("the nodes did not come to be as they were to be")
        time.sleep(0.05)


def made(folder: Path) -> Path:
    """Make a folder and return it."""
    folder.mkdir(parents=True)
    return folder
