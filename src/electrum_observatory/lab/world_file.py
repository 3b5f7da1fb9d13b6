"""The public format of a world: a YAML file that anybody can write, and that ``observatory lab run`` takes.

Reference: docs/lab/world-files.md. Every mapping of the file is one of these frozen classes; unknown keys are refused
with their line (see :mod:`electrum_observatory.lab.world_yaml`). Periods are seconds of world time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

Port = Annotated[int, Field(ge=1, le=65535)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
CLOSED = ConfigDict(extra="forbid")


class Fault(StrEnum):
    """What is wrong with a machine. Ids never change their meaning."""

    DEAD = "dead"  # nothing listens: connections are refused
    SILENT = "silent"  # drops every packet
    MUTE = "mute"  # accepts connections, and TLS, and never says a word
    SLOW = "slow"  # answers, but late: see delay_s
    PLAIN_ON_SSL = "plain_on_ssl"  # the TLS ports speak plain text
    HTTP = "http"  # answers every line as a web server answers nonsense
    RESET = "reset"  # drops a connection right after accepting it


class Placement(StrEnum):
    """How the addresses of a group lie in its providers' blocks."""

    SPREAD = "spread"
    CONSECUTIVE = "consecutive"


class Recipe(StrEnum):
    """How a certificate was made; see docs/lab/world-files.md."""

    ELECTRUMX = "electrumx"  # self-signed as ElectrumX's documentation says: RSA, five years, CN = the host
    BLANK = "blank"  # self-signed, RSA, ten years, every question of openssl left at its default, no CN
    EC = "ec"  # self-signed on P-256, ten years, CN and SAN = the host
    CA = "ca"  # 90 days from the lab's authority, P-256, SAN = the names, chain sent along
    IMAGE = "image"  # made while a public container image was built: CN=electrumx, the same for all its users
    EXPIRED = "expired"  # as ``electrumx``, but it ran out a year before the world starts
    MISMATCHED = "mismatched"  # as ``ca``, but for another name


class Latency(StrEnum):
    """Where the path between scanner and servers runs."""

    NONE = "none"
    FROM_EUROPE = "from_europe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A server program.

    Attributes:
        personality: Id of a personality ("electrumx_1_20").
        version: What it calls itself; None for the personality's own default.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    personality: str
    version: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """A port template: the port per transport, None where it is not offered."""

    __pydantic_config__ = CLOSED
    tcp: Port | None = None
    ssl: Port | None = None
    ws: Port | None = None
    wss: Port | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text an operator chose, or None for the program's default."""

    __pydantic_config__ = CLOSED
    text: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How machines came by their certificates.

    Attributes:
        recipe: See :class:`Recipe`.
        shared: One certificate and key for all machines of the group that have this option.
        common_name: Stands instead of the recipe's own, and as the only alternative name; may hold ``{host}``.
        minted_days_ago: When, before the world's start, the first was made; the others of the group follow seconds
            apart. None: each on a day of its own.
        old_tls: The server speaks TLS 1.0 and nothing newer.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    recipe: Recipe = Recipe.ELECTRUMX
    shared: bool = False
    common_name: str | None = None
    minted_days_ago: Annotated[float, Field(ge=0, le=4000)] | None = None
    old_tls: bool = False
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where addresses are drawn from: a provider of lab/providers.py, or address blocks of your own."""

    __pydantic_config__ = CLOSED
    provider: str
    ipv4: str | None = None
    ipv6: str | None = None
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeChoice:
    """Which bitcoind a machine stands on.

    Attributes:
        node: Id in ``nodes``.
        own: Each machine runs its own node of that policy, instead of all standing on one.
        weight: Share among the options it stands with.
    """

    __pydantic_config__ = CLOSED
    node: str
    own: bool = False
    weight: Weight = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultShare:
    """A fault, and the share of the group's machines that have it."""

    __pydantic_config__ = CLOSED
    fault: Fault
    share: Share
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How the machines of a group are called.

    Attributes:
        pattern: May hold {number}, {word}, {group}, {provider}, {country}; "" where they go by their bare addresses.
        share: Share of the machines that have a name.
        second: Pattern of a second name; "" for none.
        second_share: Share of the named machines that have it.
        announce_addresses: Named machines announce their bare addresses too.
    """

    __pydantic_config__ = CLOSED
    pattern: str = ""
    share: Share = 1.0
    second: str = ""
    second_share: Share = 1.0
    announce_addresses: bool = False


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
    names: Names = Names()
    listen: Annotated[tuple[Listen, ...], Field(min_length=1)] = (Listen(tcp=50001, ssl=50002),)
    banners: tuple[Text, ...] = (Text(),)
    donation_addresses: tuple[Text, ...] = (Text(),)
    certificates: tuple[Certificate, ...] = (Certificate(),)
    nodes: Annotated[tuple[NodeChoice, ...], Field(min_length=1)] = (NodeChoice(node="default", own=True),)
    faults: tuple[FaultShare, ...] = ()
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
    listen: Listen = Listen(tcp=50001, ssl=50002)
    banner: str | None = None
    donation_address: str | None = None
    certificate: Certificate = Certificate()
    node: str = "default"
    fault: Fault | None = None
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 5.0
    announce: bool = True
    listed: bool = True
    local_address: str | None = None
    reverse_dns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The policy of a bitcoind.

    Attributes:
        network: Chain it is on; None for the world's. Another one makes the servers on it foreigners.
        version: As ``getnetworkinfo`` numbers it.
        subversion: As ``getnetworkinfo`` says it.
        relay_fee: ``minrelaytxfee``, BTC/kvB: cheaper transactions never enter its mempool.
        incremental_relay_fee: BTC/kvB; None where the node does not tell.
        mempool_min_fee: BTC/kvB; None for the relay fee.
        estimates: Whether its estimator has seen enough to answer.
        misses: Share of the transactions that never reach it.
        delay_s: Mean time after which transactions and blocks reach it.
    """

    __pydantic_config__ = CLOSED
    network: str | None = None
    version: Annotated[int, Field(ge=10000, le=9999999)] = 280100
    subversion: str = "/Satoshi:28.1.0/"
    relay_fee: Annotated[float, Field(ge=0, lt=1)] = 0.00001
    incremental_relay_fee: Annotated[float, Field(ge=0, lt=1)] | None = 0.00001
    mempool_min_fee: Annotated[float, Field(ge=0, lt=1)] | None = None
    estimates: bool = True
    misses: Share = 0.01
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain. Headers after the genesis are synthetic: linked, without proof of work.

    Attributes:
        height: Height when the world starts.
        block_interval_s: Mean time between blocks, which arrive as a Poisson process.
    """

    __pydantic_config__ = CLOSED
    height: Annotated[int, Field(ge=0, le=100_000)] = 3000
    block_interval_s: Annotated[float, Field(gt=0)] = 600.0


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
