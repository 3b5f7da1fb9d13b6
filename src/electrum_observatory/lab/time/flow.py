"""What happens in a world in time: one stream of transactions for everybody, and the blocks that take them.

Arrays, one row each. Nobody's view: which node hears of a transaction and when is ``relay`` and ``mempools``. One
transaction of the lab stands for about four real ones (see ``ranges``): sizes are larger and fewer, blocks are full
size, so that virtual bytes are those of mainnet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.mining import Blocks, draw_blocks, take
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES
from electrum_observatory.lab.time.regimes import DAY_S, MINUTE_S, market

WARM_UP_S = DAY_S
"""How long before the watch the stream begins; what waits then is drawn at once."""

PLAIN, DATA, LARGE_DATA = 0, 1, 2
"""Kinds of transactions that policies treat differently."""

NONE = -1

_LARGEST_VSIZE = 100_000  # Bitcoin Core policy.h MAX_STANDARD_TX_WEIGHT / 4
_SMALLEST_VSIZE = 110
_CHEAPEST = 0.1
_OLDEST_S = 13.5 * DAY_S
_KNOWN_TO = int(RANGES["private.known_to"].high)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """The transactions, by time of birth; N rows.

    Attributes:
        born_s: World time at which the network first saw it.
        fee_sat: Fee.
        weight: BIP 141 weight.
        size: Serialised bytes.
        segwit: Whether it has a witness.
        rate: Fee over rounded-up vsize, sat/vB.
        kind: PLAIN, DATA or LARGE_DATA.
        signals: Whether it signals that it may be replaced (BIP 125).
        replaces: Row of the earlier transaction that it replaces, or NONE.
        replaced_by: Row of the one that replaces it, or NONE.
        known_to: Shape (N, 3): the places in ``plan.nodes`` of the only nodes that know it; all NONE where it is
            public, the later ones NONE where fewer know it.
        block: Row of the block that takes it, as an index of ``Blocks``; NONE while the world lasts.
        lot: 32 random bits, by which nodes decide whether and when they hear of it.
    """

    born_s: Floats
    fee_sat: NDArray[np.int64]
    weight: Ints
    size: Ints
    segwit: NDArray[np.bool_]
    rate: Floats
    kind: NDArray[np.int8]
    signals: NDArray[np.bool_]
    replaces: Ints
    replaced_by: Ints
    known_to: NDArray[np.int16]
    block: Ints
    lot: NDArray[np.uint32]

    @property
    def vsize(self) -> Ints:
        """Weight over four, rounded up."""
        return -(-self.weight // 4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """All that happened.

    Attributes:
        flow: The transactions.
        blocks: The blocks.
    """

    flow: Flow
    blocks: Blocks


def happen(plan: WorldPlan) -> History:
    """Let a world's history happen, from a day before the watch to its end."""
    rng = np.random.default_rng(stream(plan.seed, "flow").getrandbits(64))
    born, rate = _arrivals(plan, rng)
    count = len(born)
    vsize = _vsizes(plan, rng, count)
    kind = _kinds(plan, rng, count)
    known_to = _known_to(plan, rng, count)
    signals = rng.random(count) < plan.parameters["flow.signalling_share"]
    replaces = _replacements(plan, rng, born, known_to[:, 0] == NONE)
    _follow(replaces, rng, rate, vsize, kind)
    segwit = rng.random(count) >= plan.parameters["flow.legacy_share"]
    weight = np.where(segwit, 4 * vsize - rng.integers(0, 4, count), 4 * vsize).astype(np.int32)
    discount = plan.parameters["flow.witness_discount"] * rng.uniform(0.9, 1.1, count)
    size = np.where(segwit, np.ceil(weight * discount), vsize).astype(np.int32)
    fee = np.ceil(rate * vsize).astype(np.int64)
    paid = fee / vsize
    blocks = draw_blocks(plan)
    replaced_by = _inverse(replaces)
    block = take(plan, blocks, born=born, rate=paid, vsize=vsize, replaced_by=replaced_by)
    late = (replaces != NONE) & (block[replaces] != NONE)  # what it would replace is in a block already
    replaces[late] = NONE
    return History(
        flow=Flow(
            born_s=born,
            fee_sat=fee,
            weight=weight,
            size=size,
            segwit=segwit,
            rate=paid,
            kind=kind,
            signals=signals,
            replaces=replaces,
            replaced_by=_inverse(replaces),
            known_to=known_to,
            block=block,
            lot=rng.integers(0, 2**32, count, dtype=np.uint32),
        ),
        blocks=blocks,
    )


def _arrivals(plan: WorldPlan, rng: _Rng) -> tuple[Floats, Floats]:
    """Times and wanted fee rates: what waits at the start, then a Poisson stream minute by minute."""
    minutes = np.arange(-WARM_UP_S, plan.seconds, MINUTE_S, dtype=np.float64)
    level, demand = market(plan.spells, plan.seed, minutes)
    per_minute = plan.parameters["block.vsize"] / 10 / plan.parameters["flow.vsize_mean"]
    counts = rng.poisson(demand * per_minute)
    which = np.repeat(np.arange(len(minutes)), counts)
    born = minutes[which] + np.round(np.sort(which + rng.random(len(which))) - which, 6) * MINUTE_S
    rate = level[which] * np.exp(rng.normal(0.0, plan.parameters["flow.rate_spread"], len(which)))
    waiting = int(plan.parameters["flow.backlog"] * 1e6 / plan.parameters["flow.vsize_mean"])
    old_born = np.sort(rng.uniform(-WARM_UP_S - _OLDEST_S, -WARM_UP_S, waiting))
    old_rate = level[0] * np.exp(rng.uniform(-2.5, -0.3, waiting))
    rates = _rounded(plan, rng, np.maximum(np.concatenate([old_rate, rate]), _CHEAPEST))
    return np.concatenate([old_born, born]), rates


def _rounded(plan: WorldPlan, rng: _Rng, rate: Floats) -> Floats:
    """Let a share of the wallets offer round rates: tenths below 1, whole ones to 10, then also multiples of 5."""
    step = np.where(rate < 1, 0.1, np.where((rate > 10) & (rng.random(len(rate)) < 0.5), 5.0, 1.0))
    rounds = rng.random(len(rate)) < plan.parameters["flow.round_share"]
    return np.where(rounds, np.maximum(np.round(rate / step), 1) * step, rate)


def _vsizes(plan: WorldPlan, rng: _Rng, count: int) -> Ints:
    """Log-normal with the drawn mean."""
    spread = plan.parameters["flow.vsize_spread"]
    middle = np.log(plan.parameters["flow.vsize_mean"]) - spread * spread / 2
    drawn = np.exp(rng.normal(middle, spread, count))
    return np.clip(drawn, _SMALLEST_VSIZE, _LARGEST_VSIZE).astype(np.int32)


def _kinds(plan: WorldPlan, rng: _Rng, count: int) -> NDArray[np.int8]:
    lot = rng.random(count)
    large = plan.parameters["flow.large_data_share"]
    kind = np.where(lot < large + plan.parameters["flow.data_share"], DATA, PLAIN)
    return np.where(lot < large, LARGE_DATA, kind).astype(np.int8)


def _known_to(plan: WorldPlan, rng: _Rng, count: int) -> NDArray[np.int16]:
    """Keep a share of the transactions private to one node, or to few."""
    nodes = rng.integers(0, len(plan.nodes), (count, _KNOWN_TO)).astype(np.int16)
    many = rng.integers(1, _KNOWN_TO + 1, count)
    private = rng.random(count) < plan.parameters["flow.private_share"]
    kept = private[:, None] & (np.arange(_KNOWN_TO) < many[:, None])
    return np.where(kept, nodes, np.int16(NONE))


def _replacements(plan: WorldPlan, rng: _Rng, born: Floats, public: NDArray[np.bool_]) -> Ints:
    """Choose who replaces whom: a public transaction an earlier public one, each at most once and not in chains."""
    count = len(born)
    replaces = np.full(count, NONE, dtype=np.int32)
    later = np.flatnonzero(public & (rng.random(count) < plan.parameters["flow.replacing_share"]))
    after = RANGES["flow.replacing_after"]
    earlier = np.searchsorted(born, born[later] - rng.uniform(after.low, after.high, len(later))).astype(np.int32)
    _, first = np.unique(earlier, return_index=True)
    later, earlier = later[first], earlier[first]
    fits = (earlier < later) & public[np.minimum(earlier, count - 1)] & ~np.isin(earlier, later)
    replaces[later[fits]] = earlier[fits]
    return replaces


def _follow(replaces: Ints, rng: _Rng, rate: Floats, vsize: Ints, kind: NDArray[np.int8]) -> None:
    """Give a replacement the size and kind of what it replaces, and a better fee (BIP 125 rules 3 and 4)."""
    later = np.flatnonzero(replaces != NONE)
    earlier = replaces[later]
    vsize[later], kind[later] = vsize[earlier], kind[earlier]
    rate[later] = rate[earlier] * rng.uniform(1.15, 2.0, len(later)) + 1.0


def _inverse(replaces: Ints) -> Ints:
    replaced_by = np.full(len(replaces), NONE, dtype=np.int32)
    later = np.flatnonzero(replaces != NONE)
    replaced_by[replaces[later]] = later
    return replaced_by
