"""Which transactions each node has, and from when to when.

A node takes what it hears of (``relay``), what its policy lets in and what its mempool has room for (``floors``); it
loses what a block takes, what a better paying transaction replaces, what it throws out, what grows too old, and all of
it in a restart that does not read the mempool back. Every step is a function of (plan, node, transaction): any part of
the world can be looked at on its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.floors import STEP_S, Floors, find_floors, step_of
from electrum_observatory.lab.time.flow import DATA, LARGE_DATA, NONE, WARM_UP_S, History
from electrum_observatory.lab.time.plans import NodePlan, Restart, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw
from electrum_observatory.lab.time.relay import NEVER, Relay, mix

_SLOWEST_BLOCK_S = 120
_CATCHING_UP_S = 600
_LEVELS = 64

Seconds = NDArray[np.int32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """The transactions that any node may have at some moment of a time, with what every node asks of them.

    With each comes what it replaces, so that a node's choice between two does not depend on the time asked for.

    Attributes:
        rows: Rows of the flow, by birth; M of them. Everything below is by place among them.
        born_s: Shape (M,).
        lot: Shape (M,).
        rate: Shape (M,).
        kind: Shape (M,).
        block: Index of a block, or of the end of ``Mempools.block_s``, where it says ``NEVER``; shape (M,).
        private: Places of the private ones.
        known_to: Who knows those.
        earlier: Places of what is replaced by something in the stretch.
        later: Places of what replaces them.
        unsignalled: Whether the earlier one says nothing of being replaceable.
    """

    rows: Rows
    born_s: NDArray[np.float64]
    lot: NDArray[np.uint32]
    rate: NDArray[np.float64]
    kind: NDArray[np.int8]
    block: NDArray[np.int32]
    private: Rows
    known_to: NDArray[np.int16]
    earlier: Rows
    later: Rows
    unsignalled: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presence:
    """When a node has each transaction of a stretch: from ``enters`` on and before ``leaves``, whole world seconds.

    Attributes:
        enters: ``NEVER`` where it never takes it; shape (M,).
        leaves: Not before ``enters``; shape (M,).
    """

    enters: Seconds
    leaves: Seconds


class Mempools:
    """The mempools of a world."""

    def __init__(self, plan: WorldPlan, history: History) -> None:
        """Work out blocks and floors for all nodes; the transactions follow when asked for."""
        self.plan = plan
        self.history = history
        self.relay = Relay(plan)
        self.floors: Floors = find_floors(plan, history)
        self.block_s = [self._blocks_of(node) for node in range(len(plan.nodes))]
        self._gone_s = _gone(history)
        self._evictions: dict[int, _Evictions] = {}

    def stretch(self, from_s: float, to_s: float, among: Rows | None = None) -> Stretch:
        """Return the transactions that any node may have at some moment of a time.

        Args:
            from_s: World time.
            to_s: World time.
            among: Rows of the flow, ascending, to look among; with each comes what it replaces and what replaces it.
        """
        flow = self.history.flow
        until = int(np.searchsorted(flow.born_s, to_s))
        if among is None:
            rows = np.flatnonzero(self._gone_s[:until] >= from_s)
        else:
            rows = among[(among < until) & (self._gone_s[among] >= from_s)]
        known_to, block = flow.known_to[rows], flow.block[rows]
        private = np.flatnonzero(known_to[:, 0] != NONE)
        later = np.flatnonzero(flow.replaces[rows] != NONE)
        earlier = np.searchsorted(rows, flow.replaces[rows[later]])
        return Stretch(
            rows=rows,
            born_s=flow.born_s[rows],
            lot=flow.lot[rows],
            rate=flow.rate[rows],
            kind=flow.kind[rows],
            block=np.where(block == NONE, len(self.history.blocks.found_s), block),
            private=private,
            known_to=known_to[private],
            earlier=earlier,
            later=later,
            unsignalled=~flow.signals[rows[earlier]],
        )

    def presence(self, node: int, stretch: Stretch) -> Presence:
        """Return when a node has these transactions."""
        planned = self.plan.nodes[node]
        heard = self._heard(node, stretch)
        enters = np.where(_refused(planned, stretch, heard), NEVER, heard)
        if planned.mempool_from is not None and planned.copied_at_s is not None:
            source = self.presence(self.plan.node_number(planned.mempool_from), stretch)
            copied = np.int32(planned.copied_at_s)
            enters[(source.enters <= copied) & (source.leaves > copied)] = copied
        leaves = self._leaves(node, stretch, enters)
        self._let_in(node, stretch, enters, leaves)
        np.maximum(leaves, enters, out=leaves)
        return Presence(enters=enters, leaves=leaves)

    def _blocks_of(self, node: int) -> Seconds:
        known = np.ceil(self.relay.blocks(node, self.history.blocks)).astype(np.int32)
        return np.append(known, NEVER)

    def _heard(self, node: int, stretch: Stretch) -> Seconds:
        """When it first hears of each while it runs, whether or not it takes it."""
        planned = self.plan.nodes[node]
        heard = self.relay.heard(node, stretch.born_s, stretch.lot)
        at_home = (stretch.known_to == node).any(axis=1)
        known = np.ceil(stretch.born_s[stretch.private]).astype(np.int32)
        heard[stretch.private] = np.where(at_home, known, NEVER)
        heard[: np.searchsorted(stretch.born_s, planned.mempool_since_s)] = NEVER
        for number, restart in enumerate(planned.restarts):
            self._catch_up(node, stretch, heard, number, restart)
        return heard

    def _catch_up(self, node: int, stretch: Stretch, heard: Seconds, number: int, restart: Restart) -> None:
        """Of what came while it was down, a node hears a little later on."""
        back = restart.at_s + restart.down_s
        born = heard[: np.searchsorted(stretch.born_s, back)]  # the rest is heard of later anyway
        away = np.flatnonzero((born >= restart.at_s) & (born < back))
        mixed = mix(stretch.lot[away], self._salt(node, "catching up", number))
        late = np.int32(back) + (mixed % np.uint32(_CATCHING_UP_S)).astype(np.int32)
        share = draw("node.caught_up_share", self.plan.seed, node)
        heard[away] = np.where((mixed >> np.uint32(12)) < np.uint32(share * 2**20), late, NEVER)

    def _leaves(self, node: int, stretch: Stretch, enters: Seconds) -> Seconds:
        block_s = self.block_s[node]
        leaves: Seconds = block_s.take(stretch.block)
        expiry = np.int32(RANGES["node.expiry"].low)
        old = slice(0, int(np.searchsorted(stretch.born_s, self.plan.seconds - expiry)))
        np.minimum(leaves[old], np.ceil(stretch.born_s[old]).astype(np.int32) + expiry, out=leaves[old])
        until = np.minimum(enters[stretch.later], block_s[stretch.block[stretch.later]])
        leaves[stretch.earlier] = np.minimum(leaves[stretch.earlier], until)
        for restart in self.plan.nodes[node].restarts:
            if not restart.reloads:
                lost = np.int32(restart.at_s)
                np.minimum(leaves, lost, out=leaves, where=enters < lost)
        return leaves

    def _let_in(self, node: int, stretch: Stretch, enters: Seconds, leaves: Seconds) -> None:
        """Apply what a full mempool refuses and throws out, in place."""
        evictions = self._evictions.get(node)
        if evictions is None:
            evictions = self._evictions[node] = _Evictions(self.floors, node)
        if not evictions.any:
            return
        cheap = np.flatnonzero((stretch.rate <= evictions.highest) & (enters < NEVER))
        rate, entered = stretch.rate[cheap], enters[cheap]
        enters[cheap] = np.where(rate < self.floors.at(node, entered), NEVER, entered)
        spread = mix(stretch.lot[cheap], self._salt(node, "throwing out")) % np.uint32(STEP_S)
        thrown = evictions.after(rate, entered, spread.astype(np.int32))
        leaves[cheap] = np.minimum(leaves[cheap], thrown)

    def _salt(self, node: int, *names: object) -> np.uint32:
        return np.uint32(stream(self.plan.seed, self.plan.nodes[node].node_id, *names).getrandbits(32))


def _refused(planned: NodePlan, stretch: Stretch, heard: Seconds) -> NDArray[np.bool_]:
    """What its policy does not let in: too cheap, a kind it does not take, a replacement it does not allow."""
    refused = stretch.rate < planned.relay_floor
    if not planned.takes_data:
        refused |= stretch.kind >= DATA
    elif not planned.takes_large_data:
        refused |= stretch.kind == LARGE_DATA
    if not planned.full_rbf:
        first = (heard[stretch.earlier] <= heard[stretch.later]) & ~refused[stretch.earlier]
        refused[stretch.later[first & stretch.unsignalled & (heard[stretch.earlier] < NEVER)]] = True
    return refused


class _Evictions:
    """When a node throws out what pays so much and came then: looked up by level of rate and step."""

    def __init__(self, floors: Floors, node: int) -> None:
        thrown, minimum = floors.thrown[node], floors.minimum[node]
        self.any = bool((minimum > minimum.min()).any())
        self.highest = float(minimum.max())
        if not thrown.any():
            self._levels = np.empty(0)
            return
        lowest = float(thrown[thrown > 0].min())
        self._levels = np.geomspace(lowest, max(float(thrown.max()), lowest * 1.001), _LEVELS)
        steps = np.arange(len(thrown), dtype=np.uint16)  # enough for half a year of steps
        never = np.uint16(2**16 - 1)
        throws = np.where(thrown[None, :] >= self._levels[:, None].astype(np.float32), steps, never)
        self._next = np.minimum.accumulate(throws[:, ::-1], axis=1)[:, ::-1].copy()

    def after(self, rate: NDArray[np.float64], entered: Seconds, spread: Seconds) -> Seconds:
        """World seconds at which it is thrown out, ``NEVER`` where it is not; ``spread`` parts those of a step."""
        if not len(self._levels):
            return np.full(len(rate), NEVER)
        level = np.searchsorted(self._levels, rate, side="right")
        step = self._next[np.minimum(level, _LEVELS - 1), step_of(entered, self._next.shape[1])]
        at = np.maximum(step.astype(np.int64) * STEP_S - WARM_UP_S + spread, entered + 1)
        stays = (level >= _LEVELS) | (step >= self._next.shape[1])
        return np.where(stays, NEVER, at).astype(np.int32)


def _gone(history: History) -> NDArray[np.float64]:
    """World time by which no node has a transaction any more: with what replaces it, a block takes both away."""
    flow, blocks = history.flow, history.blocks
    expired = flow.born_s + RANGES["node.expiry"].low + _SLOWEST_BLOCK_S
    gone = np.where(flow.block != NONE, blocks.found_s[flow.block] + _SLOWEST_BLOCK_S, expired)
    earlier = np.flatnonzero(flow.replaced_by != NONE)
    gone[earlier] = gone[flow.replaced_by[earlier]]
    return gone
