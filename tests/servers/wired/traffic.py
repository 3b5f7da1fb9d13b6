"""Transactions and blocks for two nodes: most go round, some are given to one node only. All pay one public script."""

import random
from dataclasses import dataclass, field

from electrum_observatory.bitcoin.address import AddressKind, encode_address, output_script
from electrum_observatory.bitcoin.networks import NETWORKS
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.wired.wiring import Nodes, wait_until

_BLOCKS = 130  # coinbases mature after 100
_COINS = 150
_COIN = 1.5
_SMALLEST_BYTES, _LARGEST_BYTES = 6_000, 30_000
_RATES_SAT_VB = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 35, 50)
_BEFORE = 150
"""Transactions that wait when the servers start: 2.5 million vB, a dozen bins of the coarsest histogram. With fewer,
two histograms of 100 kvB bins have too few edges in common to say anything."""
_ALONE_SHARE = 0.15
_BLOCK_EVERY = 12
_PAID = 0.0001
_GENERATOR = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
"""The public key of the private key 1."""
PUBLIC_ADDRESS = encode_address(output_script(AddressKind.P2WPKH, _GENERATOR), NETWORKS["litecoin-regtest"])
"""What every transaction pays to."""


@dataclass(slots=True)
class Traffic:
    """Makes the network busy, one step at a time, from a seeded chance.

    Attributes:
        nodes: The nodes.
        chance: Decides everything.
        alone: Transactions that one node only was given, and which.
    """

    nodes: Nodes
    chance: random.Random
    alone: dict[str, str] = field(default_factory=dict)
    _steps: int = 0

    def begin(self) -> None:
        """Mine a chain, give each node's wallet coins to spend, and let transactions wait."""
        self.nodes.connect()
        for node in self.nodes.by_name.values():
            node.rpc("createwallet", "lab")
        first, *others = self.nodes.by_name.values()
        first.rpc("generatetoaddress", _BLOCKS, first.rpc("getnewaddress"))
        for node in self.nodes.by_name.values():
            addresses = [node.rpc("getnewaddress") for _ in range(_COINS)]
            first.rpc("sendmany", "", dict.fromkeys(addresses, _COIN))
        first.rpc("generatetoaddress", 6, first.rpc("getnewaddress"))
        for node in others:
            wait_until(lambda node=node: node.rpc("getblockcount") == first.rpc("getblockcount"))
        for _ in range(_BEFORE):
            self._send(self.chance.choice(list(self.nodes.by_name.values())))
        self._alone()

    def step(self) -> None:
        """Let one thing happen: a block, a transaction for all, or one that only a single node gets to see."""
        self._steps += 1
        node = self.chance.choice(list(self.nodes.by_name.values()))
        if self._steps % _BLOCK_EVERY == 0:
            node.rpc("generatetoaddress", 1, node.rpc("getnewaddress"))
        elif self.chance.random() < _ALONE_SHARE:
            self._alone()
        else:
            self._send(node)

    def _alone(self) -> None:
        """Give a transaction to one node while the two are apart: inventories are told to present peers only."""
        self.nodes.part()
        name = self.chance.choice(list(self.nodes.by_name))
        self.alone[self._send(self.nodes.by_name[name])] = name
        self.nodes.connect()

    def _send(self, node: LitecoinNode) -> str:
        relay_fee = node.rpc("getmempoolinfo")["minrelaytxfee"] * 100_000
        rate = self.chance.choice([rate for rate in _RATES_SAT_VB if rate >= relay_fee])
        size = self.chance.randint(_SMALLEST_BYTES, _LARGEST_BYTES)
        outputs = [{"data": self.chance.randbytes(size).hex()}, {PUBLIC_ADDRESS: _PAID}]
        raw = node.rpc("createrawtransaction", [], outputs)
        funded = node.rpc("fundrawtransaction", raw, {"feeRate": f"{rate / 100_000:.8f}", "lockUnspents": True})
        signed = node.rpc("signrawtransactionwithwallet", funded["hex"])
        return str(node.rpc("sendrawtransaction", signed["hex"], 0))
