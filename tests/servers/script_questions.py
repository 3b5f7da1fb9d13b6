"""Questions about the scripts, transactions and blocks of a real node."""

from collections.abc import Iterator

from tests.servers.battery import NO_TRANSACTION, UNUSED_SCRIPTHASH, Opening, Question, request
from tests.servers.real_ledger import RealLedger


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
