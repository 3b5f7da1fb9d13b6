"""What two nodes say of themselves while they are watched: mempool, tip, fees; one line of JSON for each change.

Transactions are written out once, when a node first has them; afterwards lines name them. So a recording stays small
and says exactly what each node's mempool held at each look. ``lab`` replays such files (docs/lab/time.md).
"""

import json
import time
from dataclasses import dataclass, field
from typing import IO, Any

from tests.servers.litecoin_node import LitecoinNode
from tests.servers.wired.wiring import Nodes

FORMAT = "electrum-observatory-node-outputs"
TARGETS = (2, 6, 12, 24, 144, 504, 1008)


@dataclass(slots=True)
class NodeRecorder:
    """Looks at the nodes when told to and writes what changed."""

    nodes: Nodes
    output: IO[str]
    began: float = field(default_factory=time.monotonic)
    _known: set[str] = field(default_factory=set)
    _held: dict[str, set[str]] = field(default_factory=dict)
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the first line."""
        self._write({"format": FORMAT, "version": 1, "nodes": list(self.nodes.by_name), "program": self._program()})

    def look(self) -> None:
        """Write what has changed at each node since the last look."""
        for name, node in self.nodes.by_name.items():
            mempool = node.rpc("getrawmempool", True)
            held = self._held.setdefault(name, set())
            added, removed = sorted(mempool.keys() - held), sorted(held - mempool.keys())
            self._held[name] = set(mempool)
            for txid in added:
                self._introduce(node, txid, mempool[txid])
            said = _said(node)
            news = {key: value for key, value in said.items() if self._said.get(name, {}).get(key) != value}
            self._said[name] = said
            if added or removed or news:
                moment = round(time.monotonic() - self.began, 3)
                self._write({"at_s": moment, "node": name, "added": added, "removed": removed, **news})

    def _introduce(self, node: LitecoinNode, txid: str, entry: dict[str, Any]) -> None:
        if txid in self._known:
            return
        self._known.add(txid)
        size = node.rpc("getrawtransaction", txid, True)["size"]
        fee_sat = round(entry["fees"]["base"] * 100_000_000)
        self._write({"txid": txid, "weight": entry["weight"], "size": size, "fee_sat": fee_sat})

    def _program(self) -> str:
        first = next(iter(self.nodes.by_name.values()))
        return str(first.rpc("getnetworkinfo")["subversion"])

    def _write(self, line: dict[str, Any]) -> None:
        self.output.write(json.dumps(line, separators=(",", ":")) + "\n")


def _said(node: LitecoinNode) -> dict[str, Any]:
    pool, best = node.rpc("getmempoolinfo"), node.rpc("getbestblockhash")
    estimates = {target: node.rpc("estimatesmartfee", target).get("feerate", -1) for target in TARGETS}
    return {
        "height": node.rpc("getblockcount"),
        "header": node.rpc("getblockheader", best, False),
        "relay_fee": pool["minrelaytxfee"],
        "mempool_min_fee": pool["mempoolminfee"],
        "estimates": estimates,
    }
