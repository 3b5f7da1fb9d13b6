"""Fee histograms of many mempools over days, as servers would write them: what a store of years has to hold.

All mempools see one flow of transactions; each misses some of it, counts it at a phase of its own and cuts it into bins
as its program does (``mempool.get_fee_histogram``: growing bins with lumps apart, as ElectrumX and Fulcrum do). The
flow is of a busy day: bytes come a little faster than blocks take them, over a backlog of 30 million virtual bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sizes = NDArray[np.int64]

TICK_S = 300
_KEYS = 2_000
"""Tenths of a sat/vB, from 0.1 on."""
_TRANSACTIONS_PER_TICK = 1_850
_BLOCK_S = 600
_BLOCK_VSIZE = 998_000
_BACKLOG = 30_000_000
_FIRST_BIN = 30_000
_GROWTH = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One moment.

    Attributes:
        blocks: Blocks found up to now.
        histograms: What each mempool's server answers, its line as it would come.
    """

    blocks: int
    histograms: Sequence[bytes]


def ticks(mempools: int, count: int, chance: np.random.Generator) -> Iterator[Tick]:
    """Yield the answers of so many mempools, moment by moment; half of the servers know whole rates alone."""
    seen = _backlog(mempools, chance)
    misses = chance.uniform(0.001, 0.05, mempools)
    phase = chance.uniform(0, 120 / TICK_S, mempools)
    late: list[tuple[Sizes, Sizes]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))] * mempools
    blocks = 0
    for _ in range(count):
        found = int(chance.poisson(TICK_S / _BLOCK_S))
        blocks += found
        keys, sizes, at = _arrivals(chance)
        for one in range(mempools):
            heard = chance.random(len(keys)) > misses[one]
            counted = heard & (at < 1 - phase[one])
            for new_keys, new_sizes in ((keys[counted], sizes[counted]), late[one]):
                seen[one] += np.bincount(new_keys, weights=new_sizes, minlength=_KEYS).astype(np.int64)
            late[one] = (keys[heard & ~counted], sizes[heard & ~counted])
        for _ in range(found):
            _mine(seen)
        yield Tick(blocks=blocks, histograms=_answers(seen))


def _backlog(mempools: int, chance: np.random.Generator) -> Sizes:
    """Return sizes by mempool and rate: more at low rates, lumps at whole ones."""
    rates = np.arange(1, _KEYS + 1) / 10
    weight = rates**-0.9 * np.where(np.arange(1, _KEYS + 1) % 10 == 0, 8.0, 1.0)
    common = chance.poisson(weight / weight.sum() * _BACKLOG / 350, _KEYS) * 350
    own = chance.integers(0, 400, (mempools, _KEYS)) * (common > 0)
    return common[np.newaxis] + own


def _arrivals(chance: np.random.Generator) -> tuple[Sizes, Sizes, NDArray[np.float64]]:
    """Return rate, size and time of transactions: most near the going rate, two of five at whole rates."""
    count = int(chance.poisson(_TRANSACTIONS_PER_TICK))
    rates = np.exp(chance.normal(np.log(12.0), 0.9, count))
    rates = np.where(chance.random(count) < 0.4, np.maximum(1, np.round(rates)), rates)
    sizes = np.maximum(110, np.exp(chance.normal(np.log(200), 0.8, count))).astype(np.int64)
    return np.clip((rates * 10).astype(np.int64) - 1, 0, _KEYS - 1), sizes, chance.random(count)


def _mine(seen: Sizes) -> None:
    """Take a block from the top of every mempool."""
    above = np.cumsum(seen[:, ::-1], axis=1)[:, ::-1]
    seen[above <= _BLOCK_VSIZE] = 0


def _answers(seen: Sizes) -> list[bytes]:
    half = len(seen) // 2
    tenths = [(keys + 1) / 10 for keys in range(_KEYS)]
    whole = np.add.reduceat(seen[half:], [0, *range(9, _KEYS, 10)], axis=1)
    spaced = [
        b'{"jsonrpc": "2.0", "result": [%s], "id": 20}\n' % b", ".join(bins)
        for bins in _cut(seen[:half], tenths, b"[%.1f, %d]")
    ]
    close = [
        b'{"id":20,"jsonrpc":"2.0","result":[%s]}\n' % b",".join(bins)
        for bins in _cut(whole, range(whole.shape[1]), b"[%d,%d]")
    ]
    return [*spaced, *close]


def _cut(seen: Sizes, rates: Sequence[float], spelled: bytes) -> list[list[bytes]]:
    """Cut every mempool into bins from the highest rate down, all of them a bin at a time."""
    count, keys = seen.shape
    sizes = seen[:, ::-1]
    below = np.concatenate([np.zeros((count, 1), np.int64), np.cumsum(sizes, axis=1)], axis=1)
    rows = np.arange(count)
    apart = rows * (int(below[:, -1].max()) + 10**9)  # so that one search serves all rows
    ladder = (below + apart[:, np.newaxis]).ravel()
    start, limit = np.zeros(count, np.int64), np.full(count, float(_FIRST_BIN))
    bins: list[list[bytes]] = [[] for _ in range(count)]
    going = rows
    while len(going):
        wanted = below[going, start[going]] + np.floor(limit[going]).astype(np.int64)
        end = np.searchsorted(ladder, wanted + apart[going], side="right") - going * (keys + 1)
        whole = end <= keys
        going, end = going[whole], end[whole]
        lump = (sizes[going, end - 1] > 2 * limit[going]) & (below[going, end - 1] > below[going, start[going]])
        end = end - lump
        held = below[going, end] - below[going, start[going]]
        for one, key, size in zip(going.tolist(), (keys - end).tolist(), held.tolist(), strict=True):
            bins[one].append(spelled % (rates[key], size))
        start[going] = end
        limit[going] *= _GROWTH
    return bins
