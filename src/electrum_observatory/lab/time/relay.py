"""Who hears of what, and when: transactions trickle over a random graph, blocks travel faster.

Announcements wait for the sender's next trickle, exponential with a mean of 2 s towards peers it chose and 5 s towards
those that chose it; what a peer that connected to us announces is fetched 2 s later than elsewhere (``ranges``).
The graph is solved once for a sample of transactions; each node of the world keeps the distribution of its own delays,
and a transaction draws from it by a hash of (node, transaction). So everybody who asks gets the same answer, in any
order, and two servers on one node always agree. Nodes that are peered by hand hear from each other besides.
"""

import math

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.mining import Blocks
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw

NEVER = np.int32(2**30)
"""World second at which nothing happens any more."""

_OTHERS = 300
_SAMPLES = 128
_QUANTILES = 4096
_ROUNDS = 9

Floats = NDArray[np.float64]
Seconds = NDArray[np.int32]
Lots = NDArray[np.uint32]


class Relay:
    """The delays of a world."""

    def __init__(self, plan: WorldPlan) -> None:
        self._plan = plan
        self._salts = [_salt(plan, "node", node.node_id) for node in plan.nodes]
        self._delays = _delays(plan)
        places = {node.node_id: place for place, node in enumerate(plan.nodes)}
        self._peers = [[places[peer] for peer in node.peered_with] for node in plan.nodes]
        self._missed = [np.uint32(node.missed_share * 2**20) for node in plan.nodes]

    def heard(self, node: int, born_s: Floats, lot: Lots) -> Seconds:
        """Return the whole second by which a node has each public transaction; ``NEVER`` where it misses it."""
        found = self._by_itself(node, born_s, lot)
        for peer in self._peers[node]:
            there = self._by_itself(peer, born_s, lot)
            salt = _salt(self._plan, "link", self._plan.nodes[peer].node_id, self._plan.nodes[node].node_id)
            outbound = peer < node  # who was started first is dialled
            mean = RANGES["relay.outbound_mean" if outbound else "relay.inbound_mean"].low
            extra = RANGES["relay.non_preferred"].low if outbound else 0.0
            share = ((mix(lot, salt) >> np.uint32(8)) + 0.5) / 2**24
            came = there + np.ceil(extra - mean * np.log(share)).astype(np.int32)
            found = np.minimum(found, np.where(there == NEVER, NEVER, came))
        return found

    def _by_itself(self, node: int, born_s: Floats, lot: Lots) -> Seconds:
        mixed = mix(lot, self._salts[node])
        at = self._delays[node].take((mixed & np.uint32(_QUANTILES - 1)).astype(np.intp), mode="clip")
        at += born_s
        found: Seconds = np.ceil(at, out=at).astype(np.int32)
        mixed >>= np.uint32(12)
        np.putmask(found, mixed < self._missed[node], NEVER)
        return found

    def delays(self, node: int) -> Floats:
        """Return the quantiles of a node's delay, ascending, in seconds; shape (4096,)."""
        found: Floats = self._delays[node]
        return found

    def blocks(self, node: int, blocks: Blocks) -> Floats:
        """Return the world time at which a node knows a block of each height, whichever of two rivals it was.

        Never before it knows the one below. Nodes behind one relay differ by its jitter only.
        """
        known: Floats = np.maximum.accumulate(np.fmin(*self.rivals(node, blocks)))
        return known

    def rivals(self, node: int, blocks: Blocks) -> tuple[Floats, Floats]:
        """Return when the winner and when the stale block of each height reach a node (NaN where there is none)."""
        source = _salt(self._plan, "blocks from", self._plan.nodes[node].block_source)
        mean = draw("block.travel", self._plan.seed)
        jitter = RANGES["block.shared_relay_jitter"].high
        own = jitter * _share(mix(blocks.miner, _salt(self._plan, "block jitter", self._plan.nodes[node].node_id)))
        first = blocks.found_s - mean * np.log(_share(mix(blocks.miner, source))) + own
        second = blocks.rival_s - mean * np.log(_share(mix(blocks.rival_miner, source))) + own
        return first, second


def mix(lot: Lots, salt: np.uint32) -> Lots:
    """Return 32 bits for each transaction and one salt (the finaliser of MurmurHash3, Appleby)."""
    mixed = lot ^ salt
    mixed ^= mixed >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def _share(mixed: Lots) -> Floats:
    return (mixed.astype(np.float64) + 0.5) / 2.0**32


def _salt(plan: WorldPlan, *names: str) -> np.uint32:
    return np.uint32(stream(plan.seed, *names).getrandbits(32))


def _delays(plan: WorldPlan) -> Floats:
    """Solve the graph for sampled transactions: the times at which each node of the world hears of them."""
    rng = np.random.default_rng(stream(plan.seed, "graph").getrandbits(64))
    own = len(plan.nodes)
    arrivals = _spread(plan, rng, own + _OTHERS)[:, :own]
    places = np.linspace(0, 1, _QUANTILES)
    return np.quantile(arrivals, places, axis=0).T.astype(np.float32).astype(np.float64)


def _spread(plan: WorldPlan, rng: np.random.Generator, count: int) -> Floats:
    """First passage over the graph: S sampled transactions by nodes, seconds from the origin's own announcement."""
    senders, non_preferred, means = _graph(plan, rng, count)
    hop = RANGES["relay.hop"]
    shape = (_SAMPLES, *senders.shape)
    waits = rng.exponential(1.0, shape) * means + rng.uniform(hop.low, hop.high, shape) * 3
    waits = (waits + non_preferred).astype(np.float32)
    arrivals = np.full((_SAMPLES, count), np.inf, dtype=np.float32)
    arrivals[np.arange(_SAMPLES), rng.integers(len(plan.nodes), count, _SAMPLES)] = 0
    for _ in range(_ROUNDS):
        np.minimum(arrivals, (arrivals[:, senders] + waits).min(axis=2), out=arrivals)
    spread: Floats = (arrivals - arrivals.min(axis=1, keepdims=True)).astype(np.float64)
    return spread


def _graph(plan: WorldPlan, rng: np.random.Generator, count: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """For each node its senders, padded: eight that it chose, and some that chose it."""
    outbound = int(RANGES["relay.outbound_peers"].low)
    most = max(node.inbound_peers for node in plan.nodes)
    inbound = np.full(count, most // 2)
    inbound[: len(plan.nodes)] = [node.inbound_peers for node in plan.nodes]
    senders = rng.integers(0, count, (count, outbound + most))
    chosen = np.arange(outbound + most) < outbound
    there = chosen | (np.arange(outbound + most) < outbound + inbound[:, None])
    # A peer that we chose sees us as inbound: it trickles with the longer mean, and we fetch at once.
    mean = np.where(chosen, RANGES["relay.inbound_mean"].low, RANGES["relay.outbound_mean"].low)
    late = np.where(chosen, 0.0, RANGES["relay.non_preferred"].low)
    return senders, np.where(there, late, math.inf), np.broadcast_to(mean, senders.shape)
