"""The transactions of a world: a Poisson process of arrivals, and blocks that take the dearest.

Sizes and fees are assumed, not measured: log-normal weights around a one-input, two-output P2WPKH payment (222 bytes,
561 weight units), one in fourteen without witness, log-normal fee rates. What matters to the lab is that histograms
have many bins, change between refreshes, and differ a little from node to node.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from electrum_observatory.lab.chain import SyntheticChain
from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.state import MempoolTransaction
from electrum_observatory.lab.world_file import Mempool

LEGACY_SHARE = 1 / 14
MEDIAN_WEIGHT = 700.0
WEIGHT_SPREAD = 0.75
LARGEST_WEIGHT = 400_000  # Bitcoin Core policy.h MAX_STANDARD_TX_WEIGHT
SMALLEST_WEIGHT = 400
CHEAPEST_SAT_PER_VB = 0.1
REMEMBERED_BLOCKS = 12
_LOG_MEDIAN_WEIGHT = math.log(MEDIAN_WEIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A transaction that no block has taken yet.

    Attributes:
        transaction: What histograms see of it.
        rate: Fee rate, sat/vB.
        arrived: World time at which the network first saw it.
        lot: 64 random bits; nodes decide by them whether and when they hear of it.
    """

    transaction: MempoolTransaction
    rate: float
    arrived: float
    lot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The time between two blocks.

    Attributes:
        left: What the last block left behind.
        arrivals: What came since, oldest first.
        taken_rates: Fee rates that the last block took, cheapest first.
    """

    left: Sequence[Waiting]
    arrivals: Sequence[Waiting]
    taken_rates: Sequence[float]


class TransactionFlow:
    """The transactions of one chain. Pure: any moment can be asked for, in any order."""

    def __init__(self, chain: SyntheticChain, settings: Mempool, *, seed: int) -> None:
        self._chain = chain
        self._settings = settings
        self._seed = seed
        self._intervals: dict[int, Interval] = {}
        self._newest = -1

    def interval(self, number: int) -> Interval:
        """Return what happened between block ``number`` after the start and the next (0: from the start on)."""
        if number <= self._newest and number not in self._intervals:
            self._intervals.clear()
            self._newest = -1
        while self._newest < number:
            self._advance()
        return self._intervals[number]

    def _advance(self) -> None:
        number = self._newest + 1
        left, taken = self._after_block(number)
        self._intervals[number] = Interval(left=left, arrivals=self._arrivals(number), taken_rates=taken)
        self._newest = number
        self._intervals.pop(number - REMEMBERED_BLOCKS, None)

    def _after_block(self, number: int) -> tuple[Sequence[Waiting], list[float]]:
        if number == 0:
            initial = _initial(self._settings, self._seed)
            return initial, sorted(waiting.rate for waiting in initial)
        before = self._intervals[number - 1]
        waiting = sorted((*before.left, *before.arrivals), key=lambda one: one.rate, reverse=True)
        room = self._settings.block_share * sum(one.transaction.weight for one in waiting)
        taken = 0
        while taken < len(waiting) and room >= waiting[taken].transaction.weight:
            room -= waiting[taken].transaction.weight
            taken += 1
        return waiting[taken:], [one.rate for one in reversed(waiting[:taken])]

    def _arrivals(self, number: int) -> Sequence[Waiting]:
        began, ends = self._chain.arrival(number), self._chain.arrival(number + 1)
        return _arrivals(self._settings, self._seed, number, began, ends)


@lru_cache(maxsize=16)
def _initial(settings: Mempool, seed: int) -> tuple[Waiting, ...]:
    """Draw what waits at the start: the same for every world of these settings and this seed."""
    rng = stream(seed, "initial mempool")
    return tuple(_draw(settings, rng, 0.0) for _ in range(settings.initial))


@lru_cache(maxsize=16)
def _arrivals(settings: Mempool, seed: int, number: int, began: float, ends: float) -> tuple[Waiting, ...]:
    """Draw what comes between two blocks."""
    if not settings.transactions_per_s:
        return ()
    rng = stream(seed, "transactions", number)
    found: list[Waiting] = []
    at = began
    while (at := at + rng.expovariate(settings.transactions_per_s)) < ends:
        found.append(_draw(settings, rng, at))
    return tuple(found)


def _draw(settings: Mempool, rng: random.Random, at: float) -> Waiting:
    log_rate = rng.normalvariate(math.log(settings.median_sat_per_vb), settings.spread)
    rate = max(CHEAPEST_SAT_PER_VB, math.exp(log_rate))
    drawn = math.exp(rng.normalvariate(_LOG_MEDIAN_WEIGHT, WEIGHT_SPREAD))
    weight = int(min(LARGEST_WEIGHT, max(SMALLEST_WEIGHT, drawn)))
    segwit = rng.random() >= LEGACY_SHARE
    if segwit:
        size = math.ceil(weight * rng.uniform(0.30, 0.50))
    else:
        size = math.ceil(weight / 4)
        weight = 4 * size
    transaction = MempoolTransaction(
        fee_sat=math.ceil(rate * math.ceil(weight / 4)), weight=weight, size=size, segwit=segwit
    )
    return Waiting(transaction=transaction, rate=rate, arrived=at, lot=rng.getrandbits(64))
