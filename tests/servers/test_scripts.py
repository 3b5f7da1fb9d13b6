"""Scripts, transactions and proofs: real ElectrumX and the lab's say the same of one real chain, byte for byte."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from electrum_observatory.lab.state import NodeState
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.servers.battery import NO_TRANSACTION, UNUSED_SCRIPTHASH, Opening, Question, request
from tests.servers.conversations import ask_all
from tests.servers.electrumx import VERSIONS, ElectrumX
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.played import APART_S, play, stand_in, state_of
from tests.servers.real_ledger import RealLedger
from tests.servers.visits import endpoint_of

ORDERED_SINCE = "1.19.0"
"""Before, waiting transactions come in the order of a Python set, which nobody can foresee."""


def questions(ledger: RealLedger) -> Iterator[Question]:
    """Ask for the busiest script and for one that only waits, for transactions in a block and in the mempool."""
    busiest, *others = ledger.scripts()
    alone = next(one for one in others if ledger.unconfirmed(one) and not ledger.confirmed(one) and ledger.unspent(one))
    mined, waits = ledger.block(5)[0], ledger.unconfirmed(alone)[0].txid
    for name, script in (("busiest", busiest), ("waiting", alone), ("unused", UNUSED_SCRIPTHASH)):
        for method in ("get_balance", "get_history", "get_mempool", "listunspent", "subscribe"):
            yield _asked(f"{method} {name}", f"blockchain.scripthash.{method}", script)
    for name, txid in (("mined", mined), ("waiting", waits), ("unknown", NO_TRANSACTION)):
        for verbose in (False, True):
            yield _asked(f"get {name} {verbose}", "blockchain.transaction.get", txid, verbose)
        yield _asked(f"get_merkle {name}", "blockchain.transaction.get_merkle", txid, 5)
    for name, params in (
        ("id_from_pos", [5, 0]),
        ("id_from_pos proven", [5, 0, True]),
        ("id_from_pos beyond", [5, 1]),
        ("id_from_pos above", [100_000, 0]),
        ("id_from_pos junk", [5, 0, "x"]),
    ):
        yield _asked(name, "blockchain.transaction.id_from_pos", *params)
    yield _asked("get_merkle above", "blockchain.transaction.get_merkle", mined, 100_000)
    yield _asked("get junk", "blockchain.transaction.get", mined, "x")
    yield _asked("header proven", "blockchain.block.header", 5, 100)
    yield _asked("headers proven", "blockchain.block.headers", 3, 4, 100)
    yield _asked("broadcast undecodable", "blockchain.transaction.broadcast", "00")
    yield _asked("broadcast junk", "blockchain.transaction.broadcast", "zz")
    yield _asked("target beyond 32 bits", "blockchain.estimatefee", 3_000_000_000)
    yield _asked("broadcast null", "blockchain.transaction.broadcast", None)
    for name, package in (
        ("undecodable", ["00"]),
        ("no list", "00"),
        ("no hex", ["zz"]),
        ("number", [5]),
        ("null", None),
    ):
        yield _asked(f"broadcast_package {name}", "blockchain.transaction.broadcast_package", package)
    slow, quick = request("blockchain.scripthash.get_balance", [alone]), request("server.ping", [], number=8)
    yield Question(name="batch", sent=b"[%b,%b]\n" % (slow.strip(), quick.strip()), opening=Opening.PLAIN)


def _asked(name: str, method: str, *params: object) -> Question:
    return Question(name=name, sent=request(method, list(params)), opening=Opening.PLAIN)


@pytest.fixture(scope="session")
def ledger(node: LitecoinNode) -> RealLedger:
    return RealLedger(node)


@pytest.fixture(scope="session")
def full_state(node: LitecoinNode, ledger: RealLedger) -> NodeState:
    return replace(state_of(node), ledger=ledger)


@pytest.fixture(scope="session")
def conversations(electrumx_servers: dict[str, ElectrumX], ledger: RealLedger) -> dict[str, list[Dialogue]]:
    """All questions, each on a connection of its own, by version."""
    endpoints = {endpoint_of(server, Transport.TCP): version for version, server in electrumx_servers.items()}
    asked = asyncio.run(ask_all(endpoints, list(questions(ledger))))
    return {version: asked[endpoint] for endpoint, version in endpoints.items()}


def test_the_labs_stand_in_tells_scripts_and_transactions_as_the_real_server(
    electrumx: ElectrumX, conversations: dict[str, list[Dialogue]], full_state: NodeState
):
    program = stand_in(electrumx, full_state)
    ordered = VERSIONS.index(electrumx.version) >= VERSIONS.index(ORDERED_SINCE)

    found = []
    for number, dialogue in enumerate(conversations[electrumx.version], start=1):
        played = play(dialogue, program.connect(Transport.TCP), number * APART_S)
        name = dialogue.exchanges[1].name
        unforeseen = name == "listunspent busiest" or (
            not ordered and name in {f"{method} busiest" for method in ("get_history", "get_mempool", "subscribe")}
        )
        for exchange, answer in zip(dialogue.exchanges, played, strict=True):
            real = b"".join(line.data for line in exchange.lines)
            if real != answer and not (unforeseen and exchange.name == name):
                found.append(f"{exchange.name} {exchange.sent[:120]!r}\n  real {real[:900]!r}\n  lab  {answer[:900]!r}")

    assert not found, "\n".join(found[:10])
    assert len(conversations[electrumx.version]) > 35
