"""Lines that tell programs apart, put to real servers byte by byte: the battery of the field reference, §9.a by hand.

It is no probe of the product: each question has a connection of its own and waits for its own answer, so that nothing
but the server decides what is seen. A question on which no answer comes is followed by a ping, which tells silence from
death.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNUSED_SCRIPTHASH = "d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c45"
NO_TRANSACTION = "0" * 64


class Opening(StrEnum):
    """What comes before a question on its connection."""

    RANGE = "range"
    PLAIN = "plain"
    BARE = "bare"


OFFERS: dict[Opening, Any] = {Opening.RANGE: ["1.4", "1.6"], Opening.PLAIN: "1.4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        name: As the reference numbers it.
        sent: Its line, terminator included.
        opening: What comes before it.
        lines: How many lines answer it at ElectrumX; 0 where it keeps silent.
    """

    name: str
    sent: bytes
    opening: Opening = Opening.RANGE
    lines: int = 1


def request(method: str, params: list[Any], *, number: Any = 7) -> bytes:
    """Spell a request as the reference does."""
    return json.dumps({"id": number, "method": method, "params": params, "jsonrpc": "2.0"}).encode() + b"\n"


def version(opening: Opening) -> bytes:
    """Return the line that opens a connection."""
    return request("server.version", ["obs/1.0", OFFERS[opening]], number=0)


def _call(name: str, method: str, *params: Any, opening: Opening = Opening.RANGE) -> Question:
    return Question(name=name, sent=request(method, list(params)), opening=opening)


def _raw(name: str, line: str, *, opening: Opening = Opening.RANGE, lines: int = 1) -> Question:
    return Question(name=name, sent=line.encode() + b"\n", opening=opening, lines=lines)


def _version_line(*params: Any) -> str:
    return request("server.version", ["obs/1.0", *params], number=0).decode().rstrip()


_FIRST_DIALECT = '{"jsonrpc":"1.0","id":0,"method":"server.version","params":["obs/1.0","1.4"]}'

ROUTINE = (
    _call("P11", "blockchain.relayfee"),
    _call("P11-plain", "blockchain.relayfee", opening=Opening.PLAIN),
    _call("P14", "server.features"),
    _call("P15", "server.peers.subscribe"),
    _call("P16", "server.donation_address"),
    _call("P17", "server.banner"),
    _call("P18", "mempool.get_fee_histogram"),
    _call("estimatefee 2", "blockchain.estimatefee", 2),
    _call("headers.subscribe", "blockchain.headers.subscribe"),
)
"""What wallets ask; P1 is the opening of all."""

BATTERY = (
    _raw("P2", '{"id":0,"method":"server.version","params":["obs/1.0",["1.4","1.6"]]}', opening=Opening.BARE),
    _raw("P3", '{"id":7,"method":"server.ping","params":[]}'),
    _raw("P4", '{"id":7,"method":"server.ping","params":[],"jsonrpc":"2.0","x":1}'),
    _call("P5", "no.such"),
    _call("P6", "blockchain.block.header", 99999999),
    _call("P7", "blockchain.block.header", 4294967296),
    _call("P8", "blockchain.scripthash.get_balance", "zz"),
    _raw("P9", '{"id":1.0,"method":"server.ping","params":[],"jsonrpc":"2.0"}'),
    _raw("P10", '{"id":"é","method":"server.ping","params":[],"jsonrpc":"2.0"}'),
    _call("P12", "blockchain.estimatefee", 2000),
    _call("P13", "blockchain.estimatefee", 2, "economical"),
    _call("P19", "blockchain.scripthash.unsubscribe", UNUSED_SCRIPTHASH, opening=Opening.PLAIN),
    _call("P20", "blockchain.scripthash.get_first_use", UNUSED_SCRIPTHASH),
    _call("P21", "blockchain.transaction.get", NO_TRANSACTION),
    _call("P22", "blockchain.block.headers", 0, 1),
    _raw(
        "P23",
        '[{"id":1,"method":"server.ping","params":[],"jsonrpc":"2.0"},'
        '{"id":2,"method":"server.ping","params":[],"jsonrpc":"2.0"}]',
    ),
    _call("P24", "server.ping", "x"),
    _call("P25", "mempool.get_info"),
    _raw("ping first", '{"id":7,"method":"server.ping","params":[],"jsonrpc":"2.0"}', opening=Opening.BARE),
    _raw("null id", '{"id":null,"method":"server.ping","params":[],"jsonrpc":"2.0"}', lines=0),
)
"""Beyond what wallets ask; two rows (the request before the handshake, the id null) are of §2.1 and §2.2."""

DECISIVE = tuple(
    question
    for question in ROUTINE + BATTERY
    if question.name in {"P5", "P6", "P13", "P14", "P17", "P18", "P24", "ping first"}
)
"""What tells the releases of ElectrumX apart, and where a program names itself."""

MALFORMED = (
    _raw("number", "5"),
    _raw("null", "null"),
    _raw("string", '"x"'),
    _raw("not JSON", "hello there"),
    _raw("empty line", ""),
    _raw("empty object", "{}", lines=0),
    _raw("version 1.0", '{"jsonrpc":"1.0","id":7,"method":"server.ping","params":[]}'),
    _raw("method missing", '{"jsonrpc":"2.0","id":7,"params":[]}', lines=0),
    _raw("method null", '{"jsonrpc":"2.0","id":7,"method":null,"params":[]}'),
    _call("method empty", ""),
    _raw("params text", '{"jsonrpc":"2.0","id":7,"method":"server.banner","params":"x"}'),
    _raw("params null", '{"jsonrpc":"2.0","id":7,"method":"server.banner","params":null}'),
    _raw("params named", '{"jsonrpc":"2.0","id":7,"method":"blockchain.block.header","params":{"height":1}}'),
    _raw("params misnamed", '{"jsonrpc":"2.0","id":7,"method":"blockchain.block.header","params":{"x":1}}'),
    _raw("params missing", '{"jsonrpc":"2.0","id":7,"method":"blockchain.block.header"}'),
    _call("too few", "blockchain.block.header"),
    _call("too many", "blockchain.block.header", 1, 0, 0),
    _call("scripthash too long", "blockchain.scripthash.get_balance", UNUSED_SCRIPTHASH + "00"),
    _call("scripthash number", "blockchain.scripthash.get_balance", 123),
    _call("scripthash list", "blockchain.scripthash.get_balance", ["x"]),
    _call("scripthash unused", "blockchain.scripthash.get_history", UNUSED_SCRIPTHASH),
    _call("height negative", "blockchain.block.header", -1),
    _call("height text", "blockchain.block.header", "5"),
    _call("height fraction", "blockchain.block.header", 1.5),
    _raw("height infinite", '{"jsonrpc":"2.0","id":7,"method":"blockchain.block.header","params":[Infinity]}'),
    _call("checkpoint too high", "blockchain.block.header", 1, 99999999),
    _call("headers beyond", "blockchain.block.headers", 10**9, 3),
    _call("headers fewer than none", "blockchain.block.headers", 0, -5),
    _call("transaction malformed", "blockchain.transaction.get", "zz"),
    _call("position beyond", "blockchain.transaction.id_from_pos", 100, 5000),
    _call("merkle of none", "blockchain.transaction.get_merkle", NO_TRANSACTION, 1),
    _call("mode in upper case", "blockchain.estimatefee", 2, "ECONOMICAL"),
    _call("mode junk", "blockchain.estimatefee", 2, "JUNK"),
    _call("version again", "server.version", "obs/1.0", "1.4"),
    _call("address", "blockchain.address.get_balance", "x"),
    _raw("empty batch", "[]"),
    _raw("batch with a bad element", '[{"jsonrpc":"2.0","id":1,"method":"server.ping","params":[]},5]'),
    _raw("batch of notifications", '[{"jsonrpc":"2.0","method":"server.ping","params":[]}]', lines=0),
    _raw("id list", '{"jsonrpc":"2.0","id":[1],"method":"server.ping","params":[]}'),
    _raw("id beyond 64 bits", '{"jsonrpc":"2.0","id":18446744073709551616,"method":"server.ping","params":[]}'),
    _raw("digits in a text", request("no.such", ["0" * 5000]).decode().rstrip()),
    _raw("id twice", '{"jsonrpc":"2.0","id":6,"id":7,"method":"server.ping","params":[]}'),
    _raw("not a number", '{"jsonrpc":"2.0","id":7,"method":"blockchain.block.header","params":[NaN]}'),
    _raw("byte order mark", '\ufeff{"jsonrpc":"2.0","id":7,"method":"server.ping","params":[]}'),
    _raw("a response", '{"jsonrpc":"2.0","id":77,"result":1}', lines=0),
    _raw("version third argument", _version_line("1.4", "x"), opening=Opening.BARE),
    _raw("version unsupported", _version_line("9.9"), opening=Opening.BARE),
    _raw("version reversed", _version_line(["1.6", "1.4"]), opening=Opening.BARE),
    _raw("version as a number", _version_line(1.4), opening=Opening.BARE),
    _raw("version of the first dialect", _FIRST_DIALECT, opening=Opening.BARE),
)
"""Rows of §2.1 and §2.2: what no wallet sends."""
