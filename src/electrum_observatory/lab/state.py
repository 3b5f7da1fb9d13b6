"""What a world says of one server at one moment: all that a personality may know when it answers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from electrum_observatory.bitcoin.networks import Network
from electrum_observatory.lab.ledger import EMPTY_LEDGER, Ledger
from electrum_observatory.model.endpoint import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class MempoolTransaction:
    """One unconfirmed transaction, as far as histograms look.

    Attributes:
        fee_sat: Fee in satoshi.
        weight: BIP 141 weight.
        size: Serialised bytes, witness included.
        segwit: Whether it has a witness.
    """

    fee_sat: int
    weight: int
    size: int
    segwit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """One bitcoind at one moment.

    Attributes:
        network: Its chain.
        height: Height of its tip.
        header: Height to the 80 bytes of that header; defined from 0 to ``height``.
        mempool: Its unconfirmed transactions.
        relay_fee: ``minrelaytxfee`` in BTC/kvB.
        incremental_relay_fee: In BTC/kvB; None where the node does not tell.
        mempool_min_fee: In BTC/kvB.
        estimate: Target in blocks to BTC/kvB; None where the node has no estimate.
        version: As ``getnetworkinfo`` numbers it (280100).
        subversion: As ``getnetworkinfo`` says it ("/Satoshi:28.1.0/").
        unbroadcast_count: ``unbroadcastcount`` of ``getmempoolinfo``.
        full_rbf: ``fullrbf`` of ``getmempoolinfo``; None where the node does not tell.
        ledger: Its transactions and scripts.
        estimates_fees: Whether its fee estimator is switched on; a node that takes blocks only refuses to estimate.
    """

    network: Network
    height: int
    header: Callable[[int], bytes]
    mempool: Sequence[MempoolTransaction]
    relay_fee: float
    incremental_relay_fee: float | None
    mempool_min_fee: float
    estimate: Callable[[int], float | None]
    version: int
    subversion: str
    unbroadcast_count: int = 0
    full_rbf: bool | None = None
    ledger: Ledger = EMPTY_LEDGER
    estimates_fees: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerState:
    """One peer that a server knows to be good, as it would list it.

    Attributes:
        host: Advertised name or address.
        address: Its identity address; the host itself for onions.
        protocol_max: What it announced.
        tcp_port: None where it offers none.
        ssl_port: None where it offers none.
    """

    host: str
    address: str
    protocol_max: str
    tcp_port: int | None
    ssl_port: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """One server at one moment.

    Attributes:
        node: The bitcoind behind it, as the server's last poll saw it.
        banner: The operator's banner text (may hold ``$SERVER_VERSION`` and its kind); None for the program's default.
        donation_address: The operator's; None for the program's default.
        hosts: What the operator announces: host to {transport: port}; empty where nothing was configured.
        peers: The peers it knows, in a stable order; the personality samples and orders them as its program does.
        local_address: The address its sockets are bound to (Fulcrum and romanz announce it when nothing is configured).
        local_ports: Ports it listens on, by transport.
        time_scale: Divides every period of the program (padding delay, refresh).
        next_tip_at: World time of the poll at which it will next see another tip; infinite for never.
    """

    node: NodeState
    banner: str | None
    donation_address: str | None
    hosts: dict[str, dict[Transport, int]]
    peers: Sequence[PeerState]
    local_address: str
    local_ports: dict[Transport, int]
    time_scale: float = field(default=1.0)
    next_tip_at: float = field(default=math.inf)
