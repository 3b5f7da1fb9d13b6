"""Software that nobody wrote down stays unknown and is accused of nothing, however familiar parts of it look.

Forks that behave as their parent in all that was asked are read as the parent: nothing in their bytes says otherwise.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from electrum_observatory.analysis.builds.identify import identify
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.unit.analysis.builds.scripted import error, exchange, result

ELECTRUMX_KEYS = ("jsonrpc", "result", "error", "id")
SORTED_KEYS = ("error", "id", "jsonrpc", "result")
ATOMICALS = ("blockchain.atomicals.get_global", [], result({}))
OWN_WORDS = {
    "unknown": error(-32601, "no such method"),
    "beyond": error(1, "height is too high"),
    "hash": error(1, "bad hash"),
}
LIBRARY_WORDS = {
    "unknown": error(-32601, "Method not found"),
    "beyond": error(-1, "bad height"),
    "hash": error(-32602, "Invalid params"),
}
ELECTRUMX_WORDS = {
    "unknown": error(-32601, 'unknown method "no.such"'),
    "beyond": error(1, "height 99,999,999 out of range"),
    "hash": error(1, "zz is not a valid script hash"),
    "ping": error(-32602, "1 argument passed to method server.ping taking at most 0"),
    "tip": result({"hex": "00", "height": 1}),
}
ROMANZ_WORDS = {
    "unknown": error(-32601, "method not found"),
    "beyond": error(1, "no header at 99999999"),
    "hash": error(-32602, "invalid params"),
    "donation": result(None),
}


@dataclass(frozen=True, kw_only=True)
class Invented:
    """A server that does not exist: how it spells a line, what it agrees on, and its words."""

    keys: tuple[str, ...] = ELECTRUMX_KEYS
    separators: tuple[str, str] = (",", ":")
    end: str = "\n"
    ascii_only: bool = True
    small: str = "1e-05"
    agreed: str = "1.4"
    words: dict[str, Any] = field(default_factory=lambda: OWN_WORDS)
    more: tuple[Any, ...] = ()

    def line(self, member: str, value: Any, number: int) -> bytes:
        message = {"jsonrpc": "2.0", member: value, "id": number}
        ordered = {key: message[key] for key in self.keys if key in message}
        text = json.dumps(ordered, separators=self.separators, ensure_ascii=self.ascii_only)
        return (text.replace("1e-05", self.small) + self.end).encode()

    def dialogue(self, name: str) -> Dialogue:
        asked = (
            ("server.version", ["obs", ["1.4", "1.6"]], result([name, self.agreed])),
            ("server.banner", [], result("Willkommen, schön")),
            ("server.donation_address", [], self.words.get("donation", result(""))),
            ("blockchain.headers.subscribe", [], self.words.get("tip", result({"height": 1, "hex": "00"}))),
            ("blockchain.estimatefee", [2], result(0.00001)),
            ("mempool.get_fee_histogram", [], result([])),
            ("no.such", [], self.words["unknown"]),
            ("blockchain.block.header", [99_999_999], self.words["beyond"]),
            ("blockchain.scripthash.get_balance", ["zz"], self.words["hash"]),
            ("server.ping", ["x"], self.words.get("ping", result(None))),
            *self.more,
        )
        exchanges = []
        for number, (method, params, reply) in enumerate(asked):
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            line = self.line(*reply, number)
            exchanges.append(exchange(method, json.dumps(request).encode() + b"\n", line, closed=False, alive=True))
        return Dialogue(transport=Transport.TCP, exchanges=tuple(exchanges))


SERVERS = {
    "java, without a version member": Invented(keys=("result", "error", "id"), words=LIBRARY_WORDS, small="1.0E-5"),
    "java, as Frigate orders": Invented(
        keys=("id", "result", "error", "jsonrpc"), words=LIBRARY_WORDS, ascii_only=False, small="1.0E-5"
    ),
    "go": Invented(keys=("jsonrpc", "id", "result", "error"), agreed="1.4.2"),
    "node": Invented(keys=SORTED_KEYS, ascii_only=False, small="0.00001", words=LIBRARY_WORDS),
    "rust, in its own words": Invented(keys=SORTED_KEYS, ascii_only=False, small="0.00001"),
    "c#": Invented(keys=SORTED_KEYS, end="\r\n", agreed="1.4.2", words=LIBRARY_WORDS, small="1E-05"),
    "python, compact": Invented(agreed="1.4.2"),
    "python, spaced": Invented(separators=(", ", ": "), words=LIBRARY_WORDS),
    "ruby": Invented(separators=(", ", " : ")),
    "perl": Invented(keys=("result", "jsonrpc", "id", "error"), end="\r\n", agreed="1.5"),
}
FORKS = {
    "atomicals": (
        "electrumx",
        Invented(separators=(", ", ": "), agreed="1.4.2", words=ELECTRUMX_WORDS, more=(ATOMICALS,)),
    ),
    "nakamoto": ("romanz_electrs", Invented(keys=SORTED_KEYS, ascii_only=False, small="0.00001", words=ROMANZ_WORDS)),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_software_that_nobody_wrote_down_stays_unknown(kind: str) -> None:
    found = identify([SERVERS[kind].dialogue("Something 1.0")])
    masked = identify([SERVERS[kind].dialogue("Something 1.0")], mask_names=True)

    assert (found.implementation, found.confidence) == (None, 0.0)
    assert (masked.implementation, masked.confidence) == (None, 0.0)
    assert found.contradictions == masked.contradictions == ()


@pytest.mark.parametrize("name", ["ElectrumX 1.16.0", "Fulcrum 2.1.1", "electrs/0.10.0"])
@pytest.mark.parametrize("kind", SERVERS)
def test_a_known_name_makes_it_no_known_software(kind: str, name: str) -> None:
    found = identify([SERVERS[kind].dialogue(name)])

    assert found.implementation is None
    assert all(one.contradiction_id.startswith("claim_") for one in found.contradictions)


@pytest.mark.parametrize("kind", FORKS)
def test_a_fork_that_behaves_as_its_parent_is_read_as_it(kind: str) -> None:
    parent, server = FORKS[kind]

    found = identify([server.dialogue("Something 1.0")])

    assert found.implementation == parent
    assert found.contradictions == ()
