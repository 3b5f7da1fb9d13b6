"""The lab's stand-in of a real server, over a world that equals the real node, put through the real conversation."""

import random
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.personalities.base import Close, Conversation, Program, Send
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import MempoolTransaction, NodeState, ServerState
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.electrumx import REPORTED_HOST, SSL_PORT, TCP_PORT, ElectrumX
from tests.servers.litecoin_node import LitecoinNode

APART_S = 100.0
"""World time between two conversations, and from the program's start to the first."""
BETWEEN_S = 0.005
"""World time between an answer and the next message."""


def stand_in(server: ElectrumX, node: NodeState) -> Program:
    """Start the personality of a real server's version, configured as it is."""
    personality = PERSONALITIES["electrumx_" + "_".join(server.version.split(".")[:2])]
    state = ServerState(
        node=node,
        banner=server.banner,
        donation_address=server.donation_address,
        hosts={REPORTED_HOST: {Transport.TCP: TCP_PORT, Transport.SSL: SSL_PORT}} if server.reported else {},
        peers=(),
        local_address=server.address,
        local_ports={},
    )
    return personality.start(
        version=server.version, state=lambda _at: state, started_at=0.0, rng=random.Random(server.version)
    )


def state_of(node: LitecoinNode) -> NodeState:
    """Read what a lab needs to know of a real node."""
    headers = [
        bytes.fromhex(node.rpc("getblockheader", node.rpc("getblockhash", height), False))
        for height in range(node.rpc("getblockcount") + 1)
    ]
    network, mempool = node.rpc("getnetworkinfo"), node.rpc("getmempoolinfo")
    return NodeState(
        network=NETWORKS["litecoin-regtest"],
        height=len(headers) - 1,
        header=headers.__getitem__,
        mempool=tuple(_transaction(node, txid, row) for txid, row in node.rpc("getrawmempool", True).items()),
        relay_fee=network["relayfee"],
        incremental_relay_fee=mempool.get("incrementalrelayfee"),
        mempool_min_fee=mempool["mempoolminfee"],
        estimate=lambda _target: None,
        version=network["version"],
        subversion=network["subversion"],
        unbroadcast_count=mempool["unbroadcastcount"],
    )


def _transaction(node: LitecoinNode, txid: str, row: dict[str, Any]) -> MempoolTransaction:
    size = len(node.rpc("getrawtransaction", txid)) // 2
    return MempoolTransaction(
        fee_sat=round(row["fees"]["base"] * 100_000_000), weight=row["weight"], size=size, segwit=size > row["vsize"]
    )


def play(dialogue: Dialogue, conversation: Conversation, began_at: float) -> list[bytes]:
    """Send what was sent; return what comes, joined for each exchange, until the conversation is closed."""
    answers: list[bytes] = []
    now, closed = began_at, False
    for exchange in dialogue.exchanges:
        actions = [] if closed else list(conversation.receive(exchange.sent, now))
        while (wake := conversation.next_wake) is not None and not closed:
            actions += conversation.wake(wake)
            now = wake
        closed = closed or any(isinstance(action, Close) for action in actions)
        answers.append(b"".join(action.data for action in actions if isinstance(action, Send)))
        now += BETWEEN_S
    return answers
