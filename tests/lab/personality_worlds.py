"""A small, fixed world for personality tests: three blocks, one mempool in three fee groups, one peer."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab.personalities.base import Close, Conversation, Program, Send
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import MempoolTransaction, NodeState, PeerState, ServerState
from electrum_observatory.model.endpoint import Transport


def header(height: int) -> bytes:
    """Eighty equal bytes: no real header, but one per height."""
    return bytes([height % 251]) * 80


def transactions(count: int, fee_sat: int) -> list[MempoolTransaction]:
    """Equal segwit transactions: 1500 bytes, weight 4024 (1006 vB; 1000 in the old ElectrumX reckoning)."""
    return [MempoolTransaction(fee_sat=fee_sat, weight=4024, size=1500, segwit=True)] * count


MEMPOOL = transactions(60, 20_000) + transactions(50, 5_000) + transactions(30, 1_000)


def estimate(target: int) -> float | None:
    """High for the next block, none for a week."""
    if target == 1:
        return 0.0002
    return None if target == 1008 else 0.00001016


def make_node(**overrides: Any) -> NodeState:
    values: dict[str, Any] = {
        "network": NETWORKS["bitcoin"],
        "height": 2,
        "header": header,
        "mempool": MEMPOOL,
        "relay_fee": 0.00001,
        "incremental_relay_fee": 0.00001,
        "mempool_min_fee": 0.00001,
        "estimate": estimate,
        "version": 280100,
        "subversion": "/Satoshi:28.1.0/",
    }
    return NodeState(**(values | overrides))


def make_state(**overrides: Any) -> ServerState:
    values: dict[str, Any] = {
        "node": make_node(),
        "banner": None,
        "donation_address": None,
        "hosts": {"lab.example": {Transport.TCP: 50001, Transport.SSL: 50002}},
        "peers": (
            PeerState(
                host="peer.example", address="198.51.100.7", protocol_max="1.4.2", tcp_port=50001, ssl_port=50006
            ),
        ),
        "local_address": "192.0.2.1",
        "local_ports": {Transport.TCP: 50001},
    }
    return ServerState(**(values | overrides))


def with_node(state: ServerState, **overrides: Any) -> ServerState:
    return replace(state, node=replace(state.node, **overrides))


def start(
    personality_id: str,
    state: ServerState | Callable[[float], ServerState] | None = None,
    *,
    version: str | None = None,
    seed: int = 1,
) -> Program:
    """Start one process at world time 0."""
    personality = PERSONALITIES[personality_id]
    fixed = make_state() if state is None else state
    return personality.start(
        version=version or personality.default_version,
        state=fixed if callable(fixed) else lambda _at: fixed,
        started_at=0.0,
        rng=random.Random(seed),
    )


def exchange(conversation: Conversation, *lines: str | bytes, at: float = 10.0) -> tuple[bytes, bool]:
    """Send lines one after the other, two seconds apart; return all bytes that came, and whether the server closed."""
    received, closed = b"", False
    for number, line in enumerate(lines):
        now = at + 2.0 * number
        sent = line.encode() if isinstance(line, str) else line
        actions = list(conversation.receive(sent + b"\n", now))
        while (wake := conversation.next_wake) is not None and wake < now + 2.0:
            actions += conversation.wake(wake)
        received += b"".join(action.data for action in actions if isinstance(action, Send))
        closed = closed or any(isinstance(action, Close) for action in actions)
    return received, closed


def call(conversation: Conversation, method: str, *params: Any, at: float = 10.0) -> Any:
    """Ask for one method with id 1; return the decoded reply."""
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    received, _ = exchange(conversation, line, at=at)
    return json.loads(received)


def ask(process: Program, method: str, *params: Any, at: float = 10.0) -> Any:
    """Connect, shake hands with 1.4, ask for one method; return its result."""
    conversation = process.connect(Transport.TCP)
    call(conversation, "server.version", "test", "1.4", at=at)
    return call(conversation, method, *params, at=at + 3.0)["result"]
