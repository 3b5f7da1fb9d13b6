"""The worlds that rows scan: plain healthy networks of any size, with what a row needs planted on top."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.world_file import (
    Bootstrap,
    Chain,
    Gossip,
    Group,
    Mempool,
    Node,
    WorldFile,
)
from electrum_observatory.lab.world_options import Certificate, Listen, Names, NodeChoice, Provider, Recipe, Software

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LISTED_PEERS = 60
"""Mean number of machines in a peer list; the public network's lists have some tens to a few hundred rows."""

_PROGRAMS = ("electrumx_1_16", "electrumx_1_18", "fulcrum_1", "fulcrum_2")
_HOSTED = ("hetzner", "ovh", "digitalocean", "aws", "google", "contabo", "linode", "leaseweb", "scaleway")
_HOMES = ("comcast", "telekom", "free", "telia", "telstra", "bell", "kpn", "swisscom")


def plain_world(machines: int, *, seed: int, bootstrap: int = 20, time_scale: float = 10.0) -> WorldFile:
    """Return a network of healthy machines, each with a TCP and a TLS port.

    Four programs in equal parts, most of them named, self-signed and authority-signed certificates, four bitcoinds. No
    path delays, but one program in four pads its answers and gives them a second late (``time_scale`` divides that,
    and the scanner's deadlines with it). The mempool is small, so that the lab's own work stays small beside the
    scanner's; peer lists have ``LISTED_PEERS`` machines whatever the size of the network.
    """
    group = Group(
        id="many",
        machines=machines,
        software=tuple(Software(personality=one) for one in _PROGRAMS),
        providers=tuple(Provider(provider=one) for one in (*_HOSTED, *_HOMES)),
        names=Names(pattern="electrum.{word}.example", share=0.7),
        certificates=(Certificate(recipe=Recipe.ELECTRUMX), Certificate(recipe=Recipe.CA)),
        nodes=tuple(NodeChoice(node=f"node-{number}") for number in range(4)),
    )
    return WorldFile(
        schema_version=1,
        name=f"bench-{machines}",
        seed=seed,
        time_scale=time_scale,
        chain=Chain(height=1000),
        mempool=Mempool(initial=200, transactions_per_s=0.5),
        nodes={f"node-{number}": Node() for number in range(4)},
        groups=(group,),
        gossip=Gossip(known_share=min(0.85, LISTED_PEERS / machines)),
        bootstrap=Bootstrap(servers=min(bootstrap, machines)),
    )


def held_world(machines: int, *, seed: int, block_interval_s: float) -> WorldFile:
    """Return a plain world for holding: TLS ports only, and a block as often as is asked."""
    world = plain_world(machines, seed=seed, time_scale=1.0)
    (group,) = world.groups
    return replace(
        world,
        name=f"bench-held-{machines}",
        chain=replace(world.chain, block_interval_s=block_interval_s),
        groups=(replace(group, listen=(Listen(ssl=50002),)),),
    )


@asynccontextmanager
async def lab_in(folder: Path, world: WorldFile, *, workers: int) -> AsyncIterator[RunningLab]:
    """Run a world in worker processes and write its overlay and bootstrap list into a folder.

    The seed is the world's own. World time starts at noon of a fixed day, so that every run shows the same servers.
    """
    async with run_lab(replace(world, start=world.start or NOON), now=NOON, workers=workers, folder=folder) as lab:
        yield lab
