"""Nodes whose mempool is full: what they throw out, and the fee below which they then take nothing.

Bitcoin Core ``CTxMemPool::TrimToSize`` and ``GetMinFee``: over ``maxmempool`` the cheapest go; the rolling minimum fee
becomes what went plus the incremental relay fee, and halves every 12 h once a block has come, twice or four times as
fast below a half or a quarter of the limit, down to zero. Worked out for all nodes together in steps of five minutes
over rate buckets of 5 %, and interpolated within a bucket.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.flow import NONE, WARM_UP_S, History
from electrum_observatory.lab.time.plans import Restart, WorldPlan
from electrum_observatory.lab.time.ranges import RANGES

STEP_S = 300

_LOWEST, _SPACING, _BUCKETS = 0.1, 1.05, 200
_OLDEST_INCREMENT = 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floors:
    """What a full mempool does, by node and step; steps of ``STEP_S`` from ``-WARM_UP_S``.

    Attributes:
        minimum: The node's minimum fee, sat/vB: its relay floor or the rolling minimum; shape (nodes, steps).
        thrown: Fee rate below which everything was thrown out in that step, 0 for nothing; shape (nodes, steps).
    """

    minimum: NDArray[np.float32]
    thrown: NDArray[np.float32]

    def at(self, node: int, seconds: Floats | NDArray[np.int32]) -> NDArray[np.float32]:
        """Return a node's minimum fee (``mempoolminfee``) at world times, sat/vB."""
        found: NDArray[np.float32] = self.minimum[node, step_of(seconds, self.minimum.shape[1])]
        return found


def step_of(seconds: Floats | NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return the step that a world time falls into."""
    return np.clip((seconds + WARM_UP_S) // STEP_S, 0, count - 1).astype(np.int64)


def increment(relay_floor: float) -> float:
    """Return ``incrementalrelayfee`` in sat/vB: 0.1 where the relay floor is (Core PR 33106), else 1."""
    return min(relay_floor, _OLDEST_INCREMENT)


def find_floors(plan: WorldPlan, history: History) -> Floors:
    """Let every node fill and empty over the whole world."""
    came, left, block_came = _moves(plan, history)
    steps = len(came)
    relay = np.array([node.relay_floor for node in plan.nodes])
    minimum = np.repeat(relay[:, None].astype(np.float32), steps, axis=1)
    thrown = np.zeros_like(minimum)
    limits = np.array([node.max_mempool_mb * 1e6 / node.usage_per_vbyte for node in plan.nodes])
    most = float(np.cumsum(came.sum(axis=1) - left.sum(axis=1)).max())
    full = np.flatnonzero(limits < most * 1.1)
    if len(full):
        minimum[full], thrown[full] = _fill(plan, full, limits[full], came, left, block_came)
    return Floors(minimum=minimum, thrown=thrown)


def _moves(plan: WorldPlan, history: History) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Virtual bytes that come and go in each step, by rate bucket, for a node that misses nothing."""
    flow, blocks = history.flow, history.blocks
    steps = -(-(plan.seconds + WARM_UP_S) // STEP_S)
    bucket = bucket_of(flow.rate)
    born = step_of(flow.born_s, steps)
    found = step_of(blocks.found_s, steps)
    gone = np.where(flow.block != NONE, found[flow.block], steps)
    replaced = flow.replaced_by != NONE
    gone[replaced] = np.minimum(gone[replaced], born[flow.replaced_by[replaced]])
    public = flow.known_to[:, 0] == NONE
    size = np.where(public, flow.vsize, 0).astype(np.float64)
    came = _by_step(born, bucket, size, steps)
    left = _by_step(gone, bucket, size, steps)
    return came, left, np.bincount(found, minlength=steps)[:steps] > 0


def _by_step(step: NDArray[np.int64], bucket: NDArray[np.int64], size: Floats, steps: int) -> Floats:
    sums = np.bincount(step * _BUCKETS + bucket, weights=size, minlength=(steps + 1) * _BUCKETS)
    return sums.astype(np.float64).reshape(steps + 1, _BUCKETS)[:steps]


def bucket_of(rate: Floats) -> NDArray[np.int64]:
    """Return the rate bucket of each fee rate."""
    found = np.log(np.maximum(rate, _LOWEST) / _LOWEST) / np.log(_SPACING)
    bucket: NDArray[np.int64] = np.clip(found.astype(np.int64), 0, _BUCKETS - 1)
    return bucket


def _fill(
    plan: WorldPlan,
    places: NDArray[np.int64],
    limits: Floats,
    came: Floats,
    left: Floats,
    block_came: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    nodes = [plan.nodes[place] for place in places]
    relay = np.array([node.relay_floor for node in nodes])
    heard = np.array([1 - node.missed_share for node in nodes])[:, None]
    more = np.array([increment(node.relay_floor) for node in nodes])
    lower: Floats = _LOWEST * np.power(_SPACING, np.arange(_BUCKETS, dtype=np.float64))
    empties = [_empty_steps(node.mempool_since_s, node.restarts, len(came)) for node in nodes]
    content = np.zeros((len(nodes), _BUCKETS))
    rolling, since_bump = np.zeros(len(nodes)), np.zeros(len(nodes), dtype=bool)
    minimum = np.empty((len(nodes), len(came)), dtype=np.float32)
    thrown = np.zeros_like(minimum)
    for step in range(len(came)):
        accepted = (lower * _SPACING > np.maximum(rolling, relay)[:, None]) * heard
        content += came[step] * accepted
        np.maximum(content - left[step], 0, out=content)
        for number, when in enumerate(empties):
            if step in when:
                content[number], rolling[number] = 0, 0
        used = content.sum(axis=1)
        over = np.flatnonzero(used > limits)
        if len(over):
            rates = _trim(content, over, limits, lower)
            thrown[over, step] = rates
            rolling[over] = np.maximum(rolling[over], rates + more[over])
            since_bump[over] = False
        _decay(rolling, since_bump, used / limits, more)
        since_bump |= block_came[step]
        minimum[:, step] = np.maximum(rolling, relay)
    return minimum, thrown


def _empty_steps(since_s: float, restarts: tuple[Restart, ...], steps: int) -> set[int]:
    """Steps at which a node has nothing: until it was started, and where it lost its mempool."""
    first = int(step_of(np.array([since_s]), steps)[0])
    lost = [step_of(np.array([one.at_s]), steps)[0] for one in restarts if not one.reloads]
    return set(range(first)) | {int(step) for step in lost}


def _trim(content: Floats, over: NDArray[np.int64], limits: Floats, lower: Floats) -> Floats:
    """Throw out the cheapest of nodes that are too full; return the rate up to which it went."""
    from_top = np.cumsum(content[over][:, ::-1], axis=1)[:, ::-1]
    cut = np.argmax(from_top <= limits[over][:, None], axis=1) - 1  # the bucket that no longer fits as a whole
    cut = np.maximum(cut, 0)
    rows = np.arange(len(over))
    keeps = limits[over] - np.where(cut + 1 < from_top.shape[1], from_top[rows, np.minimum(cut + 1, _BUCKETS - 1)], 0)
    share = 1 - keeps / np.maximum(content[over, cut], 1.0)
    content[over] *= np.arange(_BUCKETS) >= cut[:, None]
    content[over, cut] = keeps
    rates: Floats = lower[cut] * np.power(_SPACING, np.clip(share, 0, 1))
    return rates


def _decay(rolling: Floats, since_bump: NDArray[np.bool_], fill: Floats, more: Floats) -> None:
    half_life = RANGES["node.rolling_half_life"].low / np.where(fill < 0.25, 4, np.where(fill < 0.5, 2, 1))
    rolling *= np.where(since_bump, 0.5 ** (STEP_S / half_life), 1.0)
    rolling[rolling < more / 2] = 0
