"""The public format of a world: a YAML file that anybody can write, and that ``observatory lab run`` takes.

Reference: docs/lab/world-files.md. Every mapping of the file is one of these frozen classes; unknown keys are refused
with their line (see :mod:`electrum_observatory.lab.world_yaml`). Periods are seconds of world time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from electrum_observatory.lab.world_options import (
    BARE_ADDRESSES,
    CLOSED,
    SELF_SIGNED,
    USUAL_PORTS,
    Backend,
    Certificate,
    Fault,
    FaultShare,
    Listen,
    Modification,
    Names,
    NodeChoice,
    Placement,
    Provider,
    Share,
    Slug,
    Software,
    Text,
)


class Latency(StrEnum):
    """Where the path between scanner and servers runs."""

    NONE = "none"
    FROM_EUROPE = "from_europe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Machines made from one template. Each list of weighted options is dealt out in those proportions.

    Attributes:
        id: Prefix of its machines' ids.
        machines: How many.
        operator: Who runs all of them; None: each has an operator of its own.
        family: Id of the deployment family they form; None for none.
        software: Programs.
        providers: Where their addresses come from.
        placement: How the addresses lie in the providers' blocks.
        ipv6_share: Share of machines that have an IPv6 address beside their IPv4 one.
        names: See :class:`Names`.
        listen: Port templates.
        banners: Banner texts.
        donation_addresses: Donation addresses.
        certificates: How they came by certificates.
        nodes: Their bitcoinds.
        faults: What is wrong with some of them.
        modified: How all of them differ from the programs that they run.
        balanced: Further servers behind each machine's address; connections are dealt out in turn.
        just_started: Whether their programs start with the world: for a quarter of an hour they know no mempool, no
            fee estimate and no peers.
        announce: Whether they tell their hosts and ports in ``server.features``.
        listed: Whether other servers list them as peers.
    """

    __pydantic_config__ = CLOSED
    id: Slug
    machines: Annotated[int, Field(ge=1, le=5000)]
    operator: Slug | None = None
    family: Slug | None = None
    software: Annotated[tuple[Software, ...], Field(min_length=1)]
    providers: Annotated[tuple[Provider, ...], Field(min_length=1)]
    placement: Placement = Placement.SPREAD
    ipv6_share: Share = 0.0
    names: Names = BARE_ADDRESSES
    listen: Annotated[tuple[Listen, ...], Field(min_length=1)] = (USUAL_PORTS,)
    banners: tuple[Text, ...] = (Text(),)
    donation_addresses: tuple[Text, ...] = (Text(),)
    certificates: tuple[Certificate, ...] = (SELF_SIGNED,)
    nodes: Annotated[tuple[NodeChoice, ...], Field(min_length=1)] = (NodeChoice(node="default", own=True),)
    faults: tuple[FaultShare, ...] = ()
    modified: tuple[Modification, ...] = ()
    balanced: tuple[Backend, ...] = ()
    just_started: bool = False
    announce: bool = True
    listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One machine, spelled out.

    Attributes:
        id: Its id.
        software: Its program.
        addresses: Its public addresses, the one peers give first; IPv4 or IPv6.
        names: Host names that resolve to all of its addresses.
        operator: Who runs it; None: an operator of its own.
        family: Id of its deployment family; None for none.
        listen: Its ports.
        banner: None for the program's default.
        donation_address: None for the program's default.
        certificate: How it came by its certificate.
        node: Id in ``nodes`` of the bitcoind it stands on.
        fault: What is wrong with it; None for nothing.
        delay_s: How late a ``slow`` one answers.
        modified: How it differs from the program that it runs.
        balanced: Further servers behind its address; connections are dealt out in turn.
        just_started: Whether its program starts with the world; see :class:`Group`.
        announce: Whether it tells its hosts and ports in ``server.features``.
        listed: Whether other servers list it as a peer.
        local_address: Address its sockets are bound to, as it would see it; None for the first public one.
        reverse_dns: Names that reverse DNS gives its addresses.
    """

    __pydantic_config__ = CLOSED
    id: Slug
    software: Software
    addresses: Annotated[tuple[str, ...], Field(min_length=1)]
    names: tuple[str, ...] = ()
    operator: Slug | None = None
    family: Slug | None = None
    listen: Listen = USUAL_PORTS
    banner: str | None = None
    donation_address: str | None = None
    certificate: Certificate = SELF_SIGNED
    node: str = "default"
    fault: Fault | None = None
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 5.0
    modified: tuple[Modification, ...] = ()
    balanced: tuple[Backend, ...] = ()
    just_started: bool = False
    announce: bool = True
    listed: bool = True
    local_address: str | None = None
    reverse_dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The policy of a bitcoind.

    Attributes:
        network: Chain it is on; None for the world's. Another one makes the servers on it foreigners.
        forks_at: Height from which its blocks are those of another chain with the same genesis, named like this policy;
            None: it is on the network's own.
        version: As ``getnetworkinfo`` numbers it.
        subversion: As ``getnetworkinfo`` says it.
        relay_fee: ``minrelaytxfee``, BTC/kvB: cheaper transactions never enter its mempool.
        incremental_relay_fee: BTC/kvB; None where the node does not tell.
        mempool_min_fee: BTC/kvB; None for the relay fee.
        estimates: Whether its estimator has seen enough to answer.
        fee_estimation: Whether it has an estimator at all; a node that takes blocks only refuses the question.
        misses: Share of the transactions that never reach it.
        delay_s: Mean time after which transactions and blocks reach it.
    """

    __pydantic_config__ = CLOSED
    network: str | None = None
    forks_at: Annotated[int, Field(ge=1)] | None = None
    version: Annotated[int, Field(ge=10000, le=9999999)] = 280100
    subversion: str = "/Satoshi:28.1.0/"
    relay_fee: Annotated[float, Field(ge=0, lt=1)] = 0.00001
    incremental_relay_fee: Annotated[float, Field(ge=0, lt=1)] | None = 0.00001
    mempool_min_fee: Annotated[float, Field(ge=0, lt=1)] | None = None
    estimates: bool = True
    fee_estimation: bool = True
    misses: Share = 0.01
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain. Blocks after the genesis are synthetic: linked, with transactions and regtest's easy proof of work.

    Attributes:
        height: Height when the world starts.
        block_interval_s: Mean time between blocks, which arrive as a Poisson process.
        busiest_history: How many transactions the busiest script has, once the chain is high enough.
    """

    __pydantic_config__ = CLOSED
    height: Annotated[int, Field(ge=0, le=100_000)] = 3000
    block_interval_s: Annotated[float, Field(gt=0)] = 600.0
    busiest_history: Annotated[int, Field(ge=0, le=200_000)] = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Mempool:
    """The unconfirmed transactions that the network sees.

    Attributes:
        transactions_per_s: Mean rate of the Poisson process they arrive by.
        initial: How many there are when the world starts.
        block_share: Share of the waiting weight that a block takes, dearest first.
        median_sat_per_vb: Median of their fee rates (log-normal).
        spread: Standard deviation of the logarithm of their fee rates.
    """

    __pydantic_config__ = CLOSED
    transactions_per_s: Annotated[float, Field(ge=0, le=100)] = 2.5
    initial: Annotated[int, Field(ge=0, le=50_000)] = 1500
    block_share: Share = 0.7
    median_sat_per_vb: Annotated[float, Field(gt=0)] = 4.0
    spread: Annotated[float, Field(ge=0, le=5)] = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Gossip:
    """Who knows whom.

    Attributes:
        known_share: Mean share of the healthy peers that a server lists; servers differ around it.
        stale_share: Share of the broken ones that it still lists.
        onions: How many made-up onion peers are known, as names only.
        onion_peers: Onion peers spelled out.
    """

    __pydantic_config__ = CLOSED
    known_share: Share = 0.85
    stale_share: Share = 0.3
    onions: Annotated[int, Field(ge=0, le=1000)] = 0
    onion_peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """The list a scanner starts from.

    Attributes:
        servers: How many healthy machines are drawn into it, named and listed ones first.
        lines: Further lines of ``host:port:t|s``, known to nobody or not.
    """

    __pydantic_config__ = CLOSED
    servers: Annotated[int, Field(ge=0)] = 8
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFile:
    """A whole world.

    Attributes:
        schema_version: 1.
        name: Its name, as campaigns record it.
        description: For people.
        network: Id of the chain.
        seed: Chance, unless the caller gives another.
        time_scale: How many seconds of world time pass in a second.
        start: World time zero; None for the day on which the lab is started.
        latency: Path delays. They are real milliseconds, never divided by ``time_scale``.
        chain: See :class:`Chain`.
        mempool: See :class:`Mempool`.
        nodes: Node policies by id; ``default`` is there even if not given.
        servers: Machines spelled out.
        groups: Machines made from templates.
        gossip: See :class:`Gossip`.
        bootstrap: See :class:`Bootstrap`.
    """

    __pydantic_config__ = CLOSED
    schema_version: Literal[1]
    name: Slug
    description: str = ""
    network: str = "bitcoin"
    seed: int = 1
    time_scale: Annotated[float, Field(gt=0, le=100_000)] = 1.0
    start: datetime | None = None
    latency: Latency = Latency.NONE
    chain: Chain = Chain()
    mempool: Mempool = Mempool()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    servers: tuple[Server, ...] = ()
    groups: tuple[Group, ...] = ()
    gossip: Gossip = Gossip()
    bootstrap: Bootstrap = Bootstrap()


WORLD_FILE: TypeAdapter[WorldFile] = TypeAdapter(WorldFile)
"""Reads and writes world files as plain data."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the format, as checked in at schemas/lab/world.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **WORLD_FILE.json_schema()}
