"""A small chain with real, easy work and real transactions, and servers that answer from it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from electrum_observatory.analysis.truth.reading import Heard
from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.header import parse_header, serialise_header
from electrum_observatory.bitcoin.merkle import merkle_root
from electrum_observatory.bitcoin.networks import ProofOfWork
from electrum_observatory.bitcoin.proof_of_work import proves_work
from electrum_observatory.bitcoin.reference import ChainReference, FrozenScript, FrozenTransaction
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.lab.merkle import transaction_branch
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport

BITS = 0x207FFFFF
TIP = 60
PAID_AT = (5, 20, 40)
"""Heights of the blocks that pay to the scripts."""

SCRIPTS = {kind: b"\x51" + kind.value.encode() for kind in AddressKind}
HASHES = {kind: scripthash(script) for kind, script in SCRIPTS.items()}


def transaction(height: int, number: int, script: bytes, value: int = 1000) -> bytes:
    """Return a legacy transaction with one input from nowhere and one output."""
    spent = hashlib.sha256(f"{height}/{number}".encode()).digest()
    body = b"\x01\x00\x00\x00\x01" + spent + b"\x00\x00\x00\x00\x00\xff\xff\xff\xff\x01"
    return body + value.to_bytes(8, "little") + bytes([len(script)]) + script + b"\x00\x00\x00\x00"


def txid(raw: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex()


def mine(height: int, previous: str, root: str, salt: int = 0) -> bytes:
    for nonce in range(1 << 20):
        raw = serialise_header(
            version=4, previous_hash=previous, merkle_root=root, timestamp=height * 600 + salt, bits=BITS, nonce=nonce
        )
        if proves_work(raw, ProofOfWork.SHA256D, BITS):
            return raw
    raise AssertionError("no nonce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    header: bytes
    transactions: tuple[bytes, ...]

    @property
    def txids(self) -> list[str]:
        return [txid(raw) for raw in self.transactions]


@cache
def chain(tip: int = TIP, *, fork_at: int | None = None) -> tuple[Block, ...]:
    """Every block holds five transactions, in some blocks one to the script of each kind of address.

    A fork has other blocks from a height on.
    """
    blocks: list[Block] = []
    previous = "00" * 32
    for height in range(tip + 1):
        elsewhere = b"" if height in PAID_AT else b"\x52"
        raws = tuple(transaction(height, n, elsewhere + script) for n, script in enumerate(SCRIPTS.values()))
        salt = 1 if fork_at is not None and height >= fork_at else 0
        header = mine(height, previous, merkle_root([txid(raw) for raw in raws]), salt)
        blocks.append(Block(header=header, transactions=raws))
        previous = parse_header(header).block_hash
    return tuple(blocks)


def history(kind: AddressKind) -> list[dict[str, Any]]:
    place = list(AddressKind).index(kind)
    return [{"tx_hash": chain()[height].txids[place], "height": height} for height in PAID_AT]


def coins(kind: AddressKind) -> list[dict[str, Any]]:
    return [{**entry, "tx_pos": 0, "value": 1000} for entry in history(kind)]


def status(entries: Sequence[Mapping[str, Any]]) -> str | None:
    text = "".join(f"{entry['tx_hash']}:{entry['height']}:" for entry in entries)
    return hashlib.sha256(text.encode()).hexdigest() if entries else None


@cache
def reference(*, known: bool = True) -> ChainReference:
    """What is known of it beforehand; without ``known`` no script's history is."""
    blocks = chain()
    hashes = {height: parse_header(blocks[height].header).block_hash for height in (0, 10, 30)}
    return ChainReference(
        network_id="regtest",
        checkpoint_height=30,
        checkpoint_hash=hashes[30],
        checkpoints=hashes,
        easiest_bits=BITS,
        header_roots={8: merkle_root([parse_header(block.header).block_hash for block in blocks[:9]])},
        frozen_transactions=tuple(
            FrozenTransaction(txid=found, height=10, position=place) for place, found in enumerate(blocks[10].txids)
        ),
        frozen_scripts=tuple(
            FrozenScript(
                name=kind.value,
                scripthash=HASHES[kind],
                kind=kind,
                history=tuple((entry["tx_hash"], entry["height"]) for entry in history(kind)) if known else (),
            )
            for kind in AddressKind
        ),
    )


Asked = tuple[str, list[Any], dict[str, Any]]
"""Method, parameters, and the reply's result or error."""


def result(method: str, params: list[Any], value: Any) -> Asked:
    return method, params, {"result": value}


def error(method: str, params: list[Any], message: str, code: int = 1) -> Asked:
    return method, params, {"error": {"code": code, "message": message}}


def dialogue(*asked: Asked) -> Dialogue:
    exchanges = [
        Exchange(
            name=f"{method}#{number}",
            sent=json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n",
            lines=(Line(data=json.dumps({"jsonrpc": "2.0", "id": number, **reply}).encode() + b"\n"),),
        )
        for number, (method, params, reply) in enumerate(asked)
    ]
    return Dialogue(transport=Transport.TCP, exchanges=tuple(exchanges))


def heard(server: str, *asked: Asked, visit: str = "v1", at_s: float | None = 0.0) -> Heard:
    return Heard(server=server, visit=visit, at_s=at_s, dialogue=dialogue(*asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that answers everything truthfully, apart from what is overridden."""

    name: str
    blocks: tuple[Block, ...] = field(default_factory=chain)
    histories: Mapping[AddressKind, list[dict[str, Any]]] = field(default_factory=dict)

    def tip(self) -> Asked:
        height = len(self.blocks) - 1
        return result("blockchain.headers.subscribe", [], {"hex": self.blocks[-1].header.hex(), "height": height})

    def header(self, height: int) -> Asked:
        return result("blockchain.block.header", [height], self.blocks[height].header.hex())

    def headers(self, start: int, count: int) -> Asked:
        text = "".join(block.header.hex() for block in self.blocks[start : start + count])
        return result("blockchain.block.headers", [start, count], {"hex": text, "count": count, "max": 2016})

    def proven_header(self, height: int, cp_height: int) -> Asked:
        hashes = [parse_header(block.header).block_hash for block in self.blocks[: cp_height + 1]]
        proof = {
            "header": self.blocks[height].header.hex(),
            "branch": transaction_branch(hashes, height),
            "root": merkle_root(hashes),
        }
        return result("blockchain.block.header", [height, cp_height], proof)

    def merkle(self, height: int, position: int) -> Asked:
        txids = self.blocks[height].txids
        proof = {"block_height": height, "merkle": transaction_branch(txids, position), "pos": position}
        return result("blockchain.transaction.get_merkle", [txids[position], height], proof)

    def id_from_pos(self, height: int, position: int) -> Asked:
        txids = self.blocks[height].txids
        return result("blockchain.transaction.id_from_pos", [height, position, False], txids[position])

    def raw(self, height: int, position: int) -> Asked:
        block = self.blocks[height]
        return result("blockchain.transaction.get", [block.txids[position]], block.transactions[position].hex())

    def history(self, kind: AddressKind) -> Asked:
        entries = self.histories.get(kind, history(kind))
        return result("blockchain.scripthash.get_history", [HASHES[kind]], entries)

    def script(self, kind: AddressKind) -> list[Asked]:
        entries = self.histories.get(kind, history(kind))
        held = [{**entry, "tx_pos": 0, "value": 1000} for entry in entries]
        return [
            self.history(kind),
            result("blockchain.scripthash.listunspent", [HASHES[kind]], held),
            result(
                "blockchain.scripthash.get_balance", [HASHES[kind]], {"confirmed": 1000 * len(held), "unconfirmed": 0}
            ),
            result("blockchain.scripthash.subscribe", [HASHES[kind]], status(entries)),
        ]

    def everything(self) -> list[Asked]:
        """Answer one question of every sort."""
        scripts = [asked for kind in AddressKind for asked in self.script(kind)]
        return [
            self.tip(),
            self.header(0),
            self.header(10),
            self.headers(20, 5),
            self.proven_header(5, 8),
            self.merkle(10, 2),
            self.id_from_pos(10, 2),
            self.raw(10, 2),
            *scripts,
        ]

    def heard(self, *asked: Asked, visit: str = "v1", at_s: float | None = 0.0) -> Heard:
        """What was heard of it in a visit, which always begins with its tip."""
        return heard(self.name, self.tip(), *asked, visit=visit, at_s=at_s)


def honest(count: int) -> list[Server]:
    return [Server(name=f"server-{number}") for number in range(count)]
