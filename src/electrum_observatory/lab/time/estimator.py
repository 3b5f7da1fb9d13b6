"""The fee estimators of many bitcoinds at once: ``CBlockPolicyEstimator`` of Core's ``policy/fees.cpp``.

A node counts, by bucket of fee rate, how many blocks the transactions of its own mempool took to be confirmed; so what
it estimates depends on its history and on which transactions it happened to hear of.

Its liberties are small. Transactions leave a mempool when the next block comes, not between blocks; of two branches
only the one that won is walked (Core walks the one it saw first); sums are taken in another order, which moves a rate
by 1e-12 of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.estimator_counters import (
    HORIZONS,
    LONG,
    Counts,
    HorizonCounters,
    bucket_bounds,
    buckets_of,
    merged,
    rate_sums,
    tally,
)
from electrum_observatory.lab.time.estimator_lookup import Lookup, Questions
from electrum_observatory.lab.time.estimator_margins import Margins
from electrum_observatory.lab.time.estimator_smart import smart_fees
from electrum_observatory.lab.time.estimator_waiting import Waiting
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS

OLDEST_HISTORY_BLOCKS = 6048
_AGES = range(24, LONG.longest, 24)
"""Ages for which waiting is counted block by block, besides those of the targets; others are worked out from these."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transactions:
    """Transactions to which one thing happens between two blocks, or in one.

    Attributes:
        rates: Fee rates in whole sat/kvB.
        entered: Heights of the tip when they reached the network.
        tracked: Transaction by node: whether the node took it into its mempool as it came, in time and without
            unconfirmed parents.
    """

    rates: Counts
    entered: Counts
    tracked: NDArray[np.bool_]


class FeeEstimators:
    """The estimators of nodes that share their buckets. They begin at a height, switched off."""

    def __init__(self, nodes: int, *, height: int, cheapest: int, targets: Sequence[int] = ESTIMATE_TARGETS) -> None:
        """Make them, without any history.

        Args:
            nodes: How many.
            height: Of the tip.
            cheapest: Upper bound of the cheapest bucket in sat/kvB: 100 from Core 30 on, before 1000.
            targets: What may be asked for, in blocks.
        """
        self._bounds = bucket_bounds(cheapest)
        self._questions = Questions(np.maximum(targets, 2))  # asked for 1, bitcoind answers for 2
        buckets = len(self._bounds)
        self._horizons = [HorizonCounters(horizon, nodes=nodes, buckets=buckets) for horizon in HORIZONS]
        asked = self._questions
        self._margins = Margins(asked.horizons, asked.blocks, asked.shares, nodes=nodes, buckets=buckets)
        ages = {1, *_AGES, *self._questions.blocks.tolist()}
        self._waiting = Waiting(nodes=nodes, buckets=buckets, height=height, ages=sorted(ages))
        self._height = height
        self._running = np.zeros(nodes, dtype=np.bool_)
        self._since = np.zeros(nodes, dtype=np.int64)
        self._first = np.zeros(nodes, dtype=np.int64)
        self._file_first = np.zeros(nodes, dtype=np.int64)
        self._file_best = np.zeros(nodes, dtype=np.int64)
        self._span = slice(buckets, 0)

    @property
    def height(self) -> int:
        """Of the last block."""
        return self._height

    def start(self, nodes: Sequence[int], *, keeps_file: bool = True) -> None:
        """Start nodes: each reads its file, or none where that was too old or never written."""
        chosen = np.asarray(nodes, dtype=np.int64)
        self._running[chosen] = True
        self._since[chosen] = self._height
        self._first[chosen] = 0
        if not keeps_file:
            self._file_first[chosen] = self._file_best[chosen] = 0
            for horizon in self._horizons:
                horizon.forget(chosen)
            self._margins.forget(chosen)

    def stop(self, nodes: Sequence[int]) -> None:
        """Stop nodes: what they tracked counts as failed where it has waited for a period, then the file is written."""
        chosen = np.asarray(nodes, dtype=np.int64)
        for node in chosen.tolist():
            ages, buckets, counts = self._waiting.take_all(node)
            self._fail(ages, buckets, counts[:, None], slice(node, node + 1))
        own = self._own_span()[chosen] > self._file_span()[chosen] // 2
        self._file_first[chosen] = np.where(own, self._first[chosen], self._file_first[chosen])
        self._file_best[chosen] = np.where(own, self._height, self._file_best[chosen])
        self._first[chosen] = 0
        self._running[chosen] = False

    def copy_file(self, *, source: int, target: int) -> None:
        """Give one node the file that another writes now; the target is to be stopped before and started after."""
        for horizon in self._horizons:
            horizon.copy(source=source, target=target)
        self._margins.copy(source=source, target=target)
        own = self._own_span()[source] > self._file_span()[source] // 2
        self._file_first[target] = self._first[source] if own else self._file_first[source]
        self._file_best[target] = self._height if own else self._file_best[source]

    def remember(self, *, uptime: Counts, history: Counts, seen: Counts) -> None:
        """Make each node as old as it is: what it saw of a warm-up stands for a longer past of the same kind.

        Args:
            uptime: Blocks since each node's last start.
            history: Blocks that its counters look back on, the file's included.
            seen: Blocks that it saw in the warm-up.
        """
        decays = [horizon.decay for horizon in HORIZONS]
        factors = [(1 - decay ** np.maximum(history, seen)) / (1 - decay ** np.maximum(seen, 1)) for decay in decays]
        for counters, factor in zip(self._horizons, factors, strict=True):
            counters.stretch(factor)
        self._margins.stretch([factors[number] for number in self._questions.horizons])
        self._first = np.where(self._first > 0, np.minimum(self._first, self._height - uptime), 0)
        older = history > uptime
        self._file_first = np.where(older, self._height - history, self._file_first)
        self._file_best = np.where(older, self._height - uptime, self._file_best)

    def step(self, *, arrived: Transactions, dropped: Transactions, confirmed: Transactions) -> None:
        """Pass the time until the next block, and the block.

        Args:
            arrived: What came since the last block.
            dropped: What left since then without a block: replaced, expired, squeezed out.
            confirmed: What the block holds; what nobody tracked may be among it.
        """
        self._arrive(arrived)
        lost, where = self._tracked(dropped), buckets_of(dropped.rates, self._bounds)
        ages, buckets, counts = self._cells(dropped, lost, where)
        self._waiting.leave(ages, buckets, counts)
        self._fail(ages, buckets, counts)
        self._height += 1
        self._waiting.pass_block(self._span)
        for horizon in self._horizons:
            horizon.fade()
        self._margins.fade()
        self._confirm(confirmed)

    def estimates(self, conservative: NDArray[np.bool_]) -> Counts:
        """Return node by target what ``estimateSmartFee`` finds: whole sat/kvB, 0 where it has too few data."""
        if self._span.start >= self._span.stop:
            return np.zeros((len(self._running), len(self._questions.targets)), dtype=np.int64)
        reach = np.minimum(LONG.longest, np.maximum(self._own_span(), self._file_span()) // 2)
        young = np.flatnonzero(reach < self._questions.targets.max())
        bounds = np.maximum(reach[young], 2)
        lookup = Lookup(self._horizons, self._margins, self._waiting, self._span)
        common, own = lookup.find(self._questions, young, bounds)
        targets = self._questions.targets[:, None]
        found = smart_fees(common, targets, conservative)
        if len(young):
            bounded = np.where(reach[young] > 1, smart_fees(own, bounds[None], conservative[young]), -1.0)
            found[:, young] = np.where(reach[young] < targets, bounded, found[:, young])
        return np.where(found < 0, 0, np.floor(found + 0.5)).astype(np.int64).T

    def _arrive(self, arrived: Transactions) -> None:
        buckets = buckets_of(arrived.rates, self._bounds)
        if len(buckets):
            low, high = int(buckets.min()), int(buckets.max()) + 1
            self._span = slice(min(self._span.start, low), max(self._span.stop, high))
        keys, counts = tally(self._tracked(arrived), buckets)
        self._waiting.arrive(keys, counts)

    def _fail(self, ages: Counts, buckets: Counts, counts: Counts, nodes: slice = slice(None)) -> None:
        for horizon in self._horizons:
            horizon.fail(ages, buckets, counts, nodes)
        self._margins.fail(ages, buckets, counts, nodes)

    def _confirm(self, confirmed: Transactions) -> None:
        tracked, where = self._tracked(confirmed), buckets_of(confirmed.rates, self._bounds)
        ages, buckets, counts = self._cells(confirmed, tracked, where)
        self._waiting.leave(ages, buckets, counts)
        for horizon in self._horizons:
            horizon.record(ages, buckets, counts)
        self._margins.confirm(ages, buckets, counts)
        found, totals = merged(buckets, counts)
        sums = rate_sums(tracked, where, confirmed.rates)
        newly = (self._first == 0) & counts.any(axis=0)
        self._first[newly] = self._height
        for horizon in self._horizons:
            horizon.record_rates(found, totals, sums)

    def _tracked(self, some: Transactions) -> NDArray[np.bool_]:
        in_time = (some.entered[:, None] >= self._since) & self._running
        return np.asarray(some.tracked & in_time, dtype=np.bool_)

    def _cells(self, some: Transactions, tracked: NDArray[np.bool_], buckets: Counts) -> tuple[Counts, Counts, Counts]:
        """Return age and bucket of each cell, by age, and cell by node how many."""
        width = len(self._bounds)
        found, counts = tally(tracked, (self._height - some.entered) * width + buckets)
        return found // width, found % width, counts

    def _own_span(self) -> Counts:
        return np.where(self._first > 0, self._height - self._first, 0)

    def _file_span(self) -> Counts:
        fresh = (self._file_first > 0) & (self._height - self._file_best <= OLDEST_HISTORY_BLOCKS)
        return np.where(fresh, self._file_best - self._file_first, 0)
