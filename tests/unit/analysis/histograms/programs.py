"""Programs' histograms, made transaction by transaction as their sources do (field reference §4.1)."""

import json
import math
from collections.abc import Callable, Mapping

import numpy as np

Mempool = tuple[np.ndarray, np.ndarray]
"""Fees in satoshi and weights, of each transaction; all of them segwit."""

Bins = list[tuple[float, int]]


def mempool(seed: int, *, transactions: int, median: float, spread: float, lowest: float = 1.0) -> Mempool:
    chance = np.random.default_rng(seed)
    weights = np.round(chance.lognormal(math.log(650), 0.6, transactions)).astype(np.int64) + 300
    rates = np.maximum(lowest, chance.lognormal(math.log(median), spread, transactions))
    rates = np.where(chance.random(transactions) < 0.4, np.maximum(lowest, np.round(rates)), rates)
    return np.ceil(rates * -(-weights // 4)).astype(np.int64), weights  # wallets count whole vB


def busy(seed: int = 1) -> Mempool:
    return mempool(seed, transactions=25_000, median=12, spread=0.9)


def quiet(seed: int = 1) -> Mempool:
    return mempool(seed, transactions=3_000, median=1.6, spread=0.5)


def vsize(pool: Mempool) -> np.ndarray:
    return -(-pool[1] // 4)


def true_size(pool: Mempool, feerate: float) -> int:
    """Size in vB of all transactions that pay at least a feerate."""
    sizes = vsize(pool)
    return int(sizes[pool[0] >= feerate * sizes].sum())


def _by_key(keys: np.ndarray, sizes: np.ndarray) -> list[tuple[float, int]]:
    labels, place = np.unique(keys, return_inverse=True)
    totals = np.bincount(place, weights=sizes)
    return [(float(label), int(total)) for label, total in zip(labels[::-1], totals[::-1], strict=True)]


def carried(keys: Bins, threshold: float = 100_000) -> Bins:
    bins, total, left = [], 0, 0.0
    for key, size in keys:
        total += size
        if total + left > threshold:
            bins.append((key, total))
            left += total - threshold
            total, threshold = 0, threshold * 1.1
    return bins


def lumps(keys: Bins, threshold: float) -> Bins:
    bins, total, before = [], 0, None
    for key, size in keys:
        if size > 2 * threshold and before is not None and total > 0:
            bins.append((before, total))
            total, threshold = 0, threshold * 1.1
        total += size
        if total > threshold:
            bins.append((key, total))
            total, threshold = 0, threshold * 1.1
        before = key
    return bins


def fifty(rates: np.ndarray, sizes: np.ndarray) -> Bins:
    bins, total, before = [], 0, math.inf
    for at in np.argsort(-rates, kind="stable"):
        if total > 50_000 and rates[at] != before:
            bins.append((before, total))
            total = 0
        total, before = total + int(sizes[at]), rates[at]
    return [*bins, (before, total)] if total else bins


def powers(pool: Mempool) -> Bins:
    sizes = vsize(pool)
    tops = np.array([int(rate).bit_length() for rate in pool[0] // sizes])
    totals = np.bincount(tops, weights=sizes)
    return [(2**top - 1, int(totals[top])) for top in range(len(totals) - 1, -1, -1)]


def _old_size(pool: Mempool) -> np.ndarray:
    return (pool[1] - 24) // 4


def _tenths(pool: Mempool, sizes: np.ndarray) -> Bins:
    return _by_key(10 * pool[0] // sizes / 10, sizes)


def _whole(pool: Mempool, sizes: np.ndarray) -> Bins:
    return _by_key(pool[0] // sizes, sizes)


def _integers(bins: Bins) -> Bins:
    return [(int(label), size) for label, size in bins]


def _serialised(pool: Mempool) -> np.ndarray:
    return (pool[1] * 0.42).astype(np.int64)  # 1.7 times the virtual size


def _singles(pool: Mempool) -> Bins:
    sizes = pool[1] // 4
    return [(float(str(rate)), size) for rate, size in fifty((pool[0] / sizes).astype(np.float32), sizes)]


PROGRAMS: Mapping[str, Callable[[Mempool], Bins]] = {
    "ELECTRUMX_1_15": lambda pool: _integers(carried(_whole(pool, _old_size(pool)))),
    "ELECTRUMX_1_16": lambda pool: lumps(_tenths(pool, _old_size(pool)), 100_000),
    "ELECTRUMX_1_19": lambda pool: lumps(_tenths(pool, _old_size(pool)), 30_000),
    "ELECTRUMX_1_20": lambda pool: lumps(_tenths(pool, vsize(pool)), 30_000),
    "FULCRUM_1_9_1": lambda pool: _integers(carried(_whole(pool, _serialised(pool)))),
    "FULCRUM_1_9_7": lambda pool: _integers(lumps(_whole(pool, _serialised(pool)), 30_000)),
    "FULCRUM_1_9_8": lambda pool: _integers(lumps(_whole(pool, pool[1] // 4), 30_000)),
    "ROMANZ": powers,
    "ESPLORA_SINGLE": _singles,
    "ESPLORA_DOUBLE": lambda pool: [(float(rate), size) for rate, size in fifty(pool[0] / (pool[1] / 4), vsize(pool))],
    "EPS": lambda pool: carried(_whole(pool, vsize(pool))),
    "BWT": _singles,
}

_SPACED = {"ELECTRUMX_1_15", "ELECTRUMX_1_16", "EPS"}


def answer(program: str, pool: Mempool) -> bytes:
    """The program's reply line."""
    separators = None if program in _SPACED else (",", ":")
    result = json.dumps(PROGRAMS[program](pool), separators=separators)
    return f'{{"id":20,"jsonrpc":"2.0","result":{result}}}\n'.encode()
