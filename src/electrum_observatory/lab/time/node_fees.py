"""What every bitcoind of a world would estimate after every block, from the transactions it heard of in time.

The whole watch is worked out at once: an estimator cannot be asked about a moment without all that came before. A third
of the warm-up is taken for the past of each node, stretched to its age; from there on, counters live on what happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.estimator import FeeEstimators
from electrum_observatory.lab.time.flow import WARM_UP_S
from electrum_observatory.lab.time.forked import forked
from electrum_observatory.lab.time.mempools import Mempools
from electrum_observatory.lab.time.mining import FIRST_HEIGHT
from electrum_observatory.lab.time.plans import NodePlan, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw, draw_log
from electrum_observatory.lab.time.tracking import Day, Places
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS

BLOCK_S = 600.0
_PAST_S = WARM_UP_S / 3
_ASKED_FROM_S = 3 * 3600.0
"""How long before the watch a server may have asked for what it still holds."""
_FIXED_COST_IN_NODES, _CROWDED_NODES = 30, 160
"""What a part costs whatever its size, and how many nodes make each of them cost twice as much, since the processor's
caches are full: measured, 85 nodes take 4.9 times as long as three, 30 nodes twice as long."""
_CHEAP_BUCKETS_SINCE = 300_000
_ECONOMICAL_SINCE = 280_000
_CHEAPEST, _CHEAPEST_BEFORE = 100, 1000

Estimates = NDArray[np.int32]


def estimate_history(mempools: Mempools, *, processes: int = 1) -> Estimates:
    """Return block × node × target: sat/kvB that a node's estimator finds once it knows the block; 0 for nothing.

    Blocks of the warm-up that nobody can ask about any more have no estimates. Nodes are worked out some at a time, by
    one process or several; which are together decides nothing.
    """
    plan = mempools.plan
    estimates = np.zeros((len(mempools.history.blocks.found_s), len(plan.nodes), len(ESTIMATE_TARGETS)), dtype=np.int32)
    parts = _shared_out(plan, processes)
    if processes == 1:
        for places in parts:
            estimates[:, places] = _estimates_of(mempools, places)
        return estimates
    with forked(processes, _prepare, (mempools,)) as pool:
        for places, found in zip(parts, pool.map(_estimates_of_prepared, parts), strict=True):
            estimates[:, places] = found
    return estimates


_prepared: list[Mempools] = []


def _prepare(mempools: Mempools) -> None:
    _prepared[:] = [mempools]


def _estimates_of_prepared(places: Places) -> Estimates:
    return _estimates_of(_prepared[0], places)


def _estimates_of(mempools: Mempools, places: Places) -> Estimates:
    found_s = mempools.history.blocks.found_s
    group = _Group(mempools, places)
    estimates = np.zeros((len(found_s), len(places), len(ESTIMATE_TARGETS)), dtype=np.int32)
    for first, last in _days(found_s):
        day = Day(mempools, places, first, last)
        for block in range(first, last):
            group.pass_block(block, day)
            if found_s[block] > -_ASKED_FROM_S:
                estimates[block] = group.estimates()
    return estimates


def _shared_out(plan: WorldPlan, processes: int) -> list[Places]:
    """Share nodes out so that the last process is done soonest, the largest part first."""
    sizes = sorted({-(-len(plan.nodes) * tenths // 10) for tenths in range(1, 11)}, reverse=True)
    several = [sorted(_parts(plan, most=most), key=len, reverse=True) for most in sizes]
    return min(several, key=lambda parts: _cost(parts, processes))


def _cost(parts: list[Places], processes: int) -> float:
    """Return how long the busiest process works, in nodes, and a tenth of what all do: others want the processor too.

    Each takes the next part when it is free.
    """
    loads = [0.0] * processes
    for part in parts:
        loads[loads.index(min(loads))] += _FIXED_COST_IN_NODES + len(part) * (1 + len(part) / _CROWDED_NODES)
    return max(loads) + sum(loads) / 10


def _parts(plan: WorldPlan, *, most: int) -> list[Places]:
    """Share nodes out: nodes of one bucket layout, and who was given a fee file with whom it is from."""
    origins = {node.node_id: node.fee_file_from or node.node_id for node in plan.nodes}
    parts: list[Places] = []
    for cheapest in (_CHEAPEST, _CHEAPEST_BEFORE):
        mine = [place for place, node in enumerate(plan.nodes) if _cheapest(node) == cheapest]
        mine.sort(key=lambda place: (origins[plan.nodes[place].node_id], place))
        while mine:
            size = min(most, len(mine))
            while size < len(mine) and _related(plan, mine[size - 1], mine[size]):
                size += 1
            parts.append(np.array(mine[:size], dtype=np.int64))
            del mine[:size]
    return parts


def _related(plan: WorldPlan, one: int, other: int) -> bool:
    first, second = plan.nodes[one], plan.nodes[other]
    return first.node_id == second.fee_file_from or second.node_id == first.fee_file_from


def _days(found_s: NDArray[np.float64]) -> list[tuple[int, int]]:
    edges = np.searchsorted(found_s, np.arange(-WARM_UP_S, found_s[-1] + WARM_UP_S, WARM_UP_S))
    return [(int(first), int(last)) for first, last in pairwise(edges) if first < last]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """Something that happens to nodes before a block."""

    block: int
    act: Callable[[], None]


class _Group:
    """The nodes of one bucket layout: Core 30 begins at 0.1 sat/vB (PR 33199), and cannot read older files."""

    def __init__(self, mempools: Mempools, places: Places) -> None:
        plan = mempools.plan
        self._plan = plan
        self._found_s = mempools.history.blocks.found_s
        self._nodes = [plan.nodes[place] for place in places]
        cheapest = _cheapest(self._nodes[0])
        self._files = np.array([_file_blocks(plan, node) for node in self._nodes], dtype=np.int64)
        self._conservative = np.array([node.version < _ECONOMICAL_SINCE for node in self._nodes], dtype=np.bool_)
        self._estimators = FeeEstimators(len(self._nodes), height=FIRST_HEIGHT - 1, cheapest=cheapest)
        self._past_ends = int(np.searchsorted(self._found_s, _PAST_S - WARM_UP_S))
        events = [*self._starts(), _Event(block=self._past_ends, act=self._remember), *self._copies()]
        events += self._restarts()
        self._events = sorted(events, key=lambda event: event.block)

    def estimates(self) -> NDArray[np.int64]:
        """Return node × target: what the nodes estimate now."""
        return self._estimators.estimates(self._conservative)

    def pass_block(self, block: int, day: Day) -> None:
        """Let a block come."""
        while self._events and self._events[0].block <= block:
            self._events.pop(0).act()
        self._estimators.step(
            arrived=day.arrived(block),
            dropped=day.dropped(block),
            confirmed=day.confirmed(block),
        )

    def _block_after(self, at_s: float) -> int:
        return int(np.searchsorted(self._found_s, at_s))

    def _starts(self) -> list[_Event]:
        """Who found a file ran before, as another process; for the others counting begins with the process."""
        events = []
        for number, node in enumerate(self._nodes):
            started = self._block_after(node.started_s)
            start = partial(self._estimators.start, [number])
            if self._files[number]:
                events.append(_Event(block=0, act=start))
                if started:
                    events.append(_Event(block=started, act=partial(self._estimators.stop, [number])))
            if started or not self._files[number]:
                events.append(_Event(block=started, act=start))
        return events

    def _restarts(self) -> list[_Event]:
        events = []
        for number, node in enumerate(self._nodes):
            for restart in node.restarts:
                stopped, back = self._block_after(restart.at_s), self._block_after(restart.at_s + restart.down_s)
                events.append(_Event(block=stopped, act=partial(self._estimators.stop, [number])))
                events.append(_Event(block=back, act=partial(self._estimators.start, [number])))
        return events

    def _copies(self) -> list[_Event]:
        """Fee files given to others, no earlier than the past ends; of another layout they are not read."""
        local = {node.node_id: number for number, node in enumerate(self._nodes)}
        return [
            _Event(
                block=max(self._past_ends, self._block_after(node.copied_at_s)),
                act=partial(self._copy, local[node.fee_file_from], number),
            )
            for number, node in enumerate(self._nodes)
            if node.fee_file_from in local and node.copied_at_s is not None
        ]

    def _copy(self, source: int, target: int) -> None:
        self._estimators.stop([target])
        self._estimators.copy_file(source=source, target=target)
        self._estimators.start([target])

    def _remember(self) -> None:
        """Let what each node saw so far stand for its whole past."""
        at_s = _PAST_S - WARM_UP_S
        ages = np.array([max(0.0, at_s - node.started_s) / BLOCK_S for node in self._nodes])
        of_process = np.rint(ages).astype(np.int64)
        # Where today's process was started later, the one before it is as old as its history.
        uptime = np.where(of_process > 0, of_process, self._files)
        seen = np.where(self._files > 0, self._past_ends, np.minimum(of_process, self._past_ends))
        history = np.where(of_process > 0, of_process + self._files, self._files)
        self._estimators.remember(uptime=uptime, history=history, seen=seen)


def _cheapest(node: NodePlan) -> int:
    return _CHEAPEST if node.version >= _CHEAP_BUCKETS_SINCE else _CHEAPEST_BEFORE


def _file_blocks(plan: WorldPlan, node: NodePlan) -> int:
    """Blocks of the history in the file that it found when it was started; 0 where there was none fresh enough.

    Who began with an empty mempool began with an empty data folder.
    """
    age_h = draw_log("node.fee_file_age", plan.seed, node.node_id)
    has_file = stream(plan.seed, "fee file", node.node_id).random() < draw("node.fee_file_share", plan.seed)
    if not has_file or node.mempool_since_s >= node.started_s or age_h > RANGES["node.fee_file_oldest"].low:
        return 0
    return round(draw_log("node.fee_file_history", plan.seed, node.node_id) * 24 * 3600 / BLOCK_S)
