"""The blocks of a world in time: when they are found, which are stale, and which transactions each takes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES

FIRST_HEIGHT = 900_000
"""Height of the first block that a world mines."""

_WARM_UP_S = 86_400
_EXPIRY_S = 336 * 3600.0
_MOST_WAITING = 400_000
_NONE = -1
_LOOKED_AT = 2.5
"""Share of a block, in virtual bytes of the dearest, that is looked through to fill it."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """The blocks of the best chain, by height from FIRST_HEIGHT on; B rows.

    Attributes:
        found_s: World time at which each was found.
        rival_s: World time at which a stale block of the same height was found, later than the winner; NaN for none.
            Nodes whose blocks travel slowly may see it first, until the next block settles the race.
        miner: 32 random bits that stand for the winner's place in the network.
        rival_miner: Likewise, of the stale one.
        template_age_s: How old the view was from which it was made.
    """

    found_s: Floats
    rival_s: Floats
    miner: NDArray[np.uint32]
    rival_miner: NDArray[np.uint32]
    template_age_s: Floats

    @property
    def heights(self) -> NDArray[np.int64]:
        """Height of each."""
        return FIRST_HEIGHT + np.arange(len(self.found_s), dtype=np.int64)


def draw_blocks(plan: WorldPlan) -> Blocks:
    """Draw a Poisson process of blocks from the warm-up to the end of the world."""
    rng = np.random.default_rng(stream(plan.seed, "blocks").getrandbits(64))
    span = plan.seconds + _WARM_UP_S
    interval = RANGES["block.interval"].low
    gaps = rng.exponential(interval, math.ceil(span / interval * 1.3) + 50)
    found = np.cumsum(gaps) - _WARM_UP_S
    found = found[found < plan.seconds]
    count = len(found)
    lead, age = RANGES["block.stale_lead"], RANGES["block.template_age"]
    stale = rng.random(count) < plan.parameters["block.stale_share"]
    return Blocks(
        found_s=found,
        rival_s=np.where(stale, found + rng.uniform(lead.low, lead.high, count), np.nan),
        miner=rng.integers(0, 2**32, count, dtype=np.uint32),
        rival_miner=rng.integers(0, 2**32, count, dtype=np.uint32),
        template_age_s=rng.uniform(age.low, age.high, count),
    )


def take(plan: WorldPlan, blocks: Blocks, *, born: Floats, rate: Floats, vsize: Ints, replaced_by: Ints) -> Ints:
    """Return the block that takes each transaction, or -1: the dearest first, as far as its miner has heard of them."""
    rng = np.random.default_rng(stream(plan.seed, "mining").getrandbits(64))
    taken_by = np.full(len(born), _NONE, dtype=np.int32)
    replaced_s = np.where(replaced_by == _NONE, np.inf, born[replaced_by])
    room = plan.parameters["block.vsize"]
    waiting = np.empty(0, dtype=np.int64)  # rows, cheapest first
    seen_until = 0
    views = np.maximum.accumulate(blocks.found_s - blocks.template_age_s)
    for number, view_s in enumerate(views.tolist()):
        until = int(np.searchsorted(born, view_s))
        waiting = _merged(waiting, np.arange(seen_until, until), rate)
        seen_until = until
        top = _dearest(waiting, vsize, _LOOKED_AT * room)
        good = (replaced_s[top] > view_s) & (born[top] + _EXPIRY_S > view_s)
        heard = rng.random(len(top)) >= plan.parameters["block.passed_over"]
        picked = np.flatnonzero(good & heard)[::-1]
        picked = picked[np.cumsum(vsize[top[picked]]) <= room]
        taken_by[top[picked]] = number
        stays = good
        stays[picked] = False
        waiting = np.concatenate([waiting[: len(waiting) - len(top)], top[stays]])[-_MOST_WAITING:]
    return taken_by


def _merged(waiting: NDArray[np.int64], fresh: NDArray[np.int64], rate: Floats) -> NDArray[np.int64]:
    fresh = fresh[np.argsort(rate[fresh], kind="stable")]
    return np.insert(waiting, np.searchsorted(rate[waiting], rate[fresh]), fresh)


def _dearest(waiting: NDArray[np.int64], vsize: Ints, room: float) -> NDArray[np.int64]:
    """Return the end of the list that holds about so many virtual bytes."""
    near = waiting[-int(room / 110) :]
    sizes = np.cumsum(vsize[near][::-1])
    return near[len(near) - int(np.searchsorted(sizes, room)) :]
