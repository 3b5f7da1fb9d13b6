"""The bitcoinds of a world: what each knows of the chain and of the waiting transactions, and what it estimates."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import overload

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.lab import world_file
from electrum_observatory.lab.chain import SyntheticChain
from electrum_observatory.lab.chance import stream, uniform
from electrum_observatory.lab.ledger_view import LedgerView
from electrum_observatory.lab.mempool import TransactionFlow
from electrum_observatory.lab.state import MempoolTransaction, NodeState
from electrum_observatory.lab.transactions import Transaction

SAT_PER_VB = 0.00001
"""One sat/vB in BTC/kvB."""

_MIX = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_BUCKET_STEP = 1.05  # bitcoind policy/fees.h FEE_SPACING
_HORIZONS = (12, 48, 1008)  # bitcoind's short, medium and long horizons, in blocks
_DRIFT_BLOCKS = 6
_LEDGER_SPACING = 0.35
"""Share of the time between two blocks that passes from one waiting transaction of the ledger to the next."""


class LazyMempool(Sequence[MempoolTransaction]):
    """The transactions of a node at one moment, counted out only when somebody looks."""

    __slots__ = ("_count", "_items")

    def __init__(self, count: Callable[[], list[MempoolTransaction]]) -> None:
        self._count = count
        self._items: list[MempoolTransaction] | None = None

    def _all(self) -> list[MempoolTransaction]:
        if self._items is None:
            self._items = self._count()
        return self._items

    @overload
    def __getitem__(self, index: int) -> MempoolTransaction: ...
    @overload
    def __getitem__(self, index: slice) -> list[MempoolTransaction]: ...
    def __getitem__(self, index: int | slice) -> MempoolTransaction | list[MempoolTransaction]:
        """Return one transaction, or a slice of them."""
        return self._all()[index]

    def __iter__(self) -> Iterator[MempoolTransaction]:
        """Iterate in order of arrival."""
        return iter(self._all())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())


class SyntheticNode:
    """One bitcoind. Pure: any moment can be asked for."""

    def __init__(
        self,
        node_id: str,
        policy: world_file.Node,
        chain: SyntheticChain,
        flow: TransactionFlow,
        *,
        network: str,
        seed: int,
    ) -> None:
        self.node_id = node_id
        self.network = policy.network or network
        self._policy = policy
        self._chain = chain
        self._flow = flow
        self._seed = seed
        self._salt = stream(seed, "node", node_id).getrandbits(64) | 1
        self._slowest_s = self._travel(0)
        self._misses = policy.misses * 2**24

    def state(self, at: float, *, shelf: str = "") -> NodeState:
        """Return what it says at a world time; times before the start count as the start.

        ``shelf`` names the server whose memory holds the waiting transactions, in an order of its own.
        """
        mined = self._mined(max(0.0, at))
        height = self._chain.height(0.0) + mined
        policy = self._policy
        floor = policy.relay_fee if policy.mempool_min_fee is None else policy.mempool_min_fee
        return NodeState(
            network=NETWORKS[self.network],
            height=height,
            header=self._chain.header,
            mempool=LazyMempool(lambda: self._mempool(mined, at)),
            relay_fee=policy.relay_fee,
            incremental_relay_fee=policy.incremental_relay_fee,
            mempool_min_fee=floor,
            estimate=lambda target: self._estimate(target, mined, floor),
            estimates_fees=policy.fee_estimation,
            version=policy.version,
            subversion=policy.subversion,
            ledger=LedgerView(self._chain.ledger, height=height, waiting=lambda: self._waiting(mined, at), shelf=shelf),
        )

    def next_tip_at(self, at: float) -> float:
        """Return the first world time after ``at`` at which it has another tip."""
        number = self._mined(max(0.0, at)) + 1
        found = math.inf
        while self._chain.arrival(number) < found:
            found = min(found, self._chain.arrival(number) + self._travel(self._mix(number)))
            number += 1
        return found

    def _mined(self, at: float) -> int:
        """Blocks since the start that have reached this node; each takes its own time to travel."""
        mined = self._chain.mined(at)
        while mined and self._chain.arrival(mined) + self._travel(self._mix(mined)) > at:
            mined -= 1
        return mined

    def _mempool(self, mined: int, at: float) -> list[MempoolTransaction]:
        interval = self._flow.interval(mined)
        floor = self._policy.relay_fee / SAT_PER_VB
        return [
            one.transaction
            for group in (interval.left, interval.arrivals)
            for one in group
            if one.rate >= floor and self._has_heard(one.lot, one.arrived, at)
        ]

    def _has_heard(self, lot: int, arrived: float, at: float) -> bool:
        reached_all = arrived == 0 or arrived + self._slowest_s <= at
        if reached_all and not self._misses:
            return True
        mixed = self._mix(lot)
        if mixed >> 40 < self._misses:
            return False
        return reached_all or arrived + self._travel(mixed) <= at

    def _waiting(self, mined: int, at: float) -> list[Transaction]:
        """Return the waiting transactions of the ledger that it has: each needs those whose outputs it spends."""
        began, ends = self._chain.arrival(mined), self._chain.arrival(mined + 1)
        coming = self._chain.blocks.waiting_for(self._chain.height(0.0) + mined + 1)
        missing: set[bytes] = set()
        found: list[Transaction] = []
        for number, one in enumerate(coming):
            arrived = began + (ends - began) * number * _LEDGER_SPACING
            lot = int.from_bytes(one.txid[:8])
            if self._has_heard(lot, arrived, at) and missing.isdisjoint(coin.txid for coin in one.spent):
                found.append(one)
            else:
                missing.add(one.txid)
        return found

    def _mix(self, lot: int) -> int:
        mixed = ((lot ^ self._salt) * _MIX) & _MASK
        return mixed ^ (mixed >> 29)

    def _travel(self, lot: int) -> float:
        share = ((lot & 0xFFFFFFFF) + 0.5) / 2**32
        return -self._policy.delay_s * math.log(share)

    def _estimate(self, target: int, mined: int, floor: float) -> float | None:
        """Return BTC/kvB: a quantile of what the last block took, in 5 % buckets, coloured by the node's history."""
        rates = self._flow.interval(mined).taken_rates
        able = self._policy.estimates and self._policy.fee_estimation
        if not able or not rates or not 1 <= target <= _HORIZONS[-1]:
            return None
        horizon = next(limit for limit in _HORIZONS if target <= limit)
        quantile = min(0.95, max(0.0, 0.62 - 0.13 * math.log(max(target, 2))))
        drift = (uniform(self._seed, "estimate", self.node_id, horizon, mined // _DRIFT_BLOCKS) - 0.5) * 0.4
        rate = rates[int(quantile * len(rates))] * math.exp(drift)
        bucket = _BUCKET_STEP ** round(math.log(rate) / math.log(_BUCKET_STEP))
        return round(max(bucket * SAT_PER_VB, floor), 8)
