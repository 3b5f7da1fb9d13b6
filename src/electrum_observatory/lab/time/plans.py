"""What a world in time is made of, as plain values: cells, nodes, servers, hard cases.

World time is seconds from ``WorldPlan.start_us``; what was before the watch has negative times. A plan says what there
is; ``flow`` says what happens; ``mempools`` and the rest say what each node and each server makes of it. All of them
are pure: a plan and its seed decide every byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from electrum_observatory.model.endpoint import Endpoint


class FeeRegime(StrEnum):
    """How dear space in blocks is."""

    QUIET = "quiet"
    CALM = "calm"
    BUSY = "busy"


class Overlap(StrEnum):
    """How alike the mempools of independent nodes are."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class UptimeSpread(StrEnum):
    """How different the uptimes of the nodes are."""

    WIDE = "wide"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One condition of the table in which worlds are scored.

    Attributes:
        regime: None: regimes take turns, a spell of a day or more each.
        overlap: Missing and private shares.
        uptimes: Of the nodes.
    """

    regime: FeeRegime | None
    overlap: Overlap
    uptimes: UptimeSpread


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSpell:
    """A time of one fee regime.

    Attributes:
        regime: Which.
        from_s: World time.
        to_s: World time.
        level: Median fee rate that transactions offer, sat/vB.
        demand: Arriving virtual bytes over what blocks can carry.
    """

    regime: FeeRegime
    from_s: float
    to_s: float
    level: float
    demand: float


class Software(StrEnum):
    """Whose node software."""

    CORE = "core"
    KNOTS = "knots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """A stop of a node.

    Attributes:
        at_s: When it stopped.
        down_s: How long it was away.
        reloads: Whether it read its mempool back from the disk.
    """

    at_s: float
    down_s: float
    reloads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """One bitcoind.

    Attributes:
        node_id: Its name in the truth.
        software: Whose.
        version: As ``getnetworkinfo`` numbers it (280100).
        relay_floor: ``minrelaytxfee`` in sat/vB: 1 or 0.1.
        full_rbf: Whether it lets an unsignalling transaction be replaced.
        takes_data: False for Knots, which refuses tokens and inscriptions by default.
        takes_large_data: Core 30 and later: OP_RETURN of any length.
        max_mempool_mb: ``maxmempool``.
        usage_per_vbyte: Memory that a virtual byte takes in it.
        missed_share: Of the public transactions, those it never hears of.
        inbound_peers: How many connect to it.
        started_s: When its process was started, before ``restarts``; negative.
        mempool_since_s: When its mempool was last empty: long before, where each start read it back from the disk.
        restarts: Later stops, by time.
        peered_with: Nodes of this world it is connected to by hand.
        block_source: Where its blocks come from first; nodes of one source hear of a block almost together.
        mempool_from: Node from whose data folder it was started at ``copied_at_s``, mempool included.
        fee_file_from: Node whose ``fee_estimates.dat`` it was given at ``copied_at_s``.
        copied_at_s: When; None where nothing was copied.
    """

    node_id: str
    software: Software
    version: int
    relay_floor: float
    full_rbf: bool
    takes_data: bool
    takes_large_data: bool
    max_mempool_mb: int
    usage_per_vbyte: float
    missed_share: float
    inbound_peers: int
    started_s: float
    mempool_since_s: float
    restarts: tuple[Restart, ...]
    peered_with: tuple[str, ...] = ()
    block_source: str = ""
    mempool_from: str | None = None
    fee_file_from: str | None = None
    copied_at_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """One Electrum server.

    Attributes:
        server_id: Its name in the truth; also the machine's.
        endpoint: What is dialled.
        personality: Id of the build in ``lab.personalities.registry``.
        implementation: The program ("electrumx", "fulcrum", "romanz_electrs", "blockstream_electrs", …).
        version: The version that this build calls itself.
        negotiated: Protocol version that a watch gets from it.
        nodes: The bitcoind behind it; two where a load balancer deals the rounds out to two servers of this build.
        operator: Who runs it.
        provider: Where it stands.
        path_s: Time there and back.
        loss: Share of the questions that get lost on the way, there or back.
        zmq: Whether bitcoind tells it of blocks at once (Fulcrum).
    """

    server_id: str
    endpoint: Endpoint
    personality: str
    implementation: str
    version: str
    negotiated: str
    nodes: tuple[str, ...]
    operator: str
    provider: str
    path_s: float
    loss: float
    zmq: bool = False


class HardKind(StrEnum):
    """What is hard about a case, and whether a link between its servers would be right."""

    PEERED_NODES = "peered_nodes"
    SHARED_BLOCK_RELAY = "shared_block_relay"
    COPIED_DATA_FOLDER = "copied_data_folder"
    COPIED_FEE_FILE = "copied_fee_file"
    MIXED_IMPLEMENTATIONS = "mixed_implementations"
    LOAD_BALANCER = "load_balancer"
    CROSSED_OPERATORS = "crossed_operators"
    OPERATOR_OF_SEVERAL_NODES = "operator_of_several_nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class HardCase:
    """A case that a careless method gets wrong.

    Attributes:
        kind: Which.
        nodes: The nodes it is about.
        servers: All servers on them, or the one it is about.
    """

    kind: HardKind
    nodes: tuple[str, ...]
    servers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPlan:
    """A world in time.

    Attributes:
        name: For files and tables.
        seed: Its chance.
        cell: Under which conditions.
        start_us: UTC microseconds of world time 0.
        seconds: How long it lasts from there.
        spells: Fee regimes, without a gap, from before world time 0.
        nodes: Every bitcoind.
        servers: Every server.
        hard_cases: What is hard in it.
        parameters: Every value that was drawn once for the whole world, by its name in ``ranges``.
        scripts: Public scripts whose pending transactions the watch asks for, as script hashes; usually none.
    """

    name: str
    seed: int
    cell: Cell
    start_us: int
    seconds: int
    spells: tuple[FeeSpell, ...]
    nodes: tuple[NodePlan, ...]
    servers: tuple[ServerPlan, ...]
    hard_cases: tuple[HardCase, ...]
    parameters: Mapping[str, float]
    scripts: tuple[str, ...] = ()

    def node_number(self, node_id: str) -> int:
        """Return a node's place in ``nodes``. Raises ValueError for no node of this world."""
        return next(number for number, node in enumerate(self.nodes) if node.node_id == node_id)
