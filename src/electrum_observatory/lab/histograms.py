"""How each program cuts its mempool into a fee histogram: the algorithms of the servers, kept apart from any inference.

Step A gives every transaction a key (its fee rate, rounded as the program does) and a size; step B walks the keys from
high to low and cuts bins. Sources: ElectrumX ``server/mempool.py`` and ``lib/tx.py``, Fulcrum ``Mempool.cpp``
(``calcCompactFeeHistogram``), romanz electrs ``mempool.rs`` (``FeeHistogram``), electrs-esplora ``util/fees.rs``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np

from electrum_observatory.lab.state import MempoolTransaction

Bins = list[list[float | int | np.floating[Any]]]
"""``[[fee rate, vsize], …]``, rates descending, each number of the type the program's JSON writer is given."""
Histogram = Callable[[Sequence[MempoolTransaction]], Bins]

_Rate = TypeVar("_Rate", float, np.float32)

_GROWTH = 1.1
_ESPLORA_BIN_VSIZE = 50_000


def electrumx_a(mempool: Sequence[MempoolTransaction]) -> Bins:
    """ElectrumX to 1.15: integer rates, bins from 100 kvB whose surplus raises the next threshold, the small vsize."""
    return _surplus_bins(_by_key(mempool, _floor_integer, _vsize_without_version_and_locktime), 100_000)


def electrumx_b(mempool: Sequence[MempoolTransaction]) -> Bins:
    """ElectrumX 1.16.0, and git before 2022-03-29: one decimal, bins from 100 kvB, the too small vsize."""
    return _lump_bins(_by_key(mempool, _floor_tenth, _vsize_without_version_and_locktime), 100_000)


def electrumx_c(mempool: Sequence[MempoolTransaction]) -> Bins:
    """ElectrumX git from 2022-03-29 (label 1.16.0) to 1.19.0: as before, bins from 30 kvB."""
    return _lump_bins(_by_key(mempool, _floor_tenth, _vsize_without_version_and_locktime), 30_000)


def electrumx_d(mempool: Sequence[MempoolTransaction]) -> Bins:
    """ElectrumX 1.20 and later: bins from 30 kvB, BIP 141 vsize."""
    return _lump_bins(_by_key(mempool, _floor_tenth, _vsize_ceil), 30_000)


def fulcrum_a(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Fulcrum to 1.9.1: integer rates per serialised byte, bins from 100 kB whose surplus raises the next threshold."""
    return _surplus_bins(_by_key(mempool, _floor_integer, _serialised_size), 100_000)


def fulcrum_b(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Fulcrum 1.9.2 to 1.9.7: integer rates per serialised byte, bins from 30 kB."""
    return _lump_bins(_by_key(mempool, _floor_integer, _serialised_size), 30_000)


def fulcrum_c(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Fulcrum 1.9.8 and later: integer rates per vB (rounded down), bins from 30 kvB."""
    return _lump_bins(_by_key(mempool, _floor_integer, _vsize_floor), 30_000)


def romanz(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Romanz electrs: powers of two, labelled by their upper bound (…, 7, 3, 1, 0), inner empty bins kept."""
    sizes: dict[int, int] = defaultdict(int)
    for transaction in mempool:
        vsize = _vsize_ceil(transaction)
        sizes[(transaction.fee_sat // vsize).bit_length()] += vsize
    if not sizes:
        return []
    return [[(1 << bits) - 1, sizes[bits]] for bits in range(max(sizes), -1, -1)]


def esplora_old(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Blockstream to about 2025, and mempool: exact f32 rates over whole vB, bins of more than 50 kvB."""
    rated = [
        (np.float32(transaction.fee_sat) / np.float32(_vsize_floor(transaction)), _vsize_floor(transaction))
        for transaction in mempool
    ]
    return _exact_bins(rated)


def esplora_new(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Blockstream since about 2025: exact f64 rates over a quarter of the weight, sizes rounded up."""
    rated = [(transaction.fee_sat / (transaction.weight / 4), _vsize_ceil(transaction)) for transaction in mempool]
    return _exact_bins(rated)


def bwt(mempool: Sequence[MempoolTransaction]) -> Bins:
    """bwt: as :func:`esplora_old`, over bitcoind's vsize, which is rounded up."""
    return _exact_bins([(np.float32(one.fee_sat) / np.float32(_vsize_ceil(one)), _vsize_ceil(one)) for one in mempool])


def eps(mempool: Sequence[MempoolTransaction]) -> Bins:
    """Electrum Personal Server: whole rates written as floats, cut as ElectrumX did to 1.15."""
    keyed = _by_key(mempool, _floor_integer, _vsize_ceil)
    return [[float(rate), size] for rate, size in _surplus_bins(keyed, 100_000)]


def _exact_bins(rated: list[tuple[_Rate, int]]) -> Bins:
    """Cut where a bin is over 50 kvB and the rate changes; the remainder is a bin too."""
    rated.sort(key=lambda item: item[0], reverse=True)
    bins: Bins = []
    cumulated = 0
    last_rate: _Rate | None = None
    for rate, vsize in rated:
        if cumulated > _ESPLORA_BIN_VSIZE and last_rate is not None and rate != last_rate:
            bins.append([last_rate, cumulated])
            cumulated = 0
        last_rate = rate
        cumulated += vsize
    if cumulated and last_rate is not None:
        bins.append([last_rate, cumulated])
    return bins


def _by_key(
    mempool: Iterable[MempoolTransaction],
    key: Callable[[int, int], float | int],
    size: Callable[[MempoolTransaction], int],
) -> list[tuple[float | int, int]]:
    """Sum the sizes per key, keys descending."""
    sums: dict[float | int, int] = defaultdict(int)
    for transaction in mempool:
        counted = size(transaction)
        sums[key(transaction.fee_sat, counted)] += counted
    return sorted(sums.items(), reverse=True)


def _lump_bins(keyed: Iterable[tuple[float | int, int]], first_bin: float) -> Bins:
    """Cut where a bin is full, and before a single key that alone would be more than two bins."""
    bins: Bins = []
    threshold, cumulated = first_bin, 0
    previous: float | int | None = None
    for key, size in keyed:
        if size > 2 * threshold and previous is not None and cumulated > 0:
            bins.append([previous, cumulated])
            cumulated, threshold = 0, threshold * _GROWTH
        cumulated += size
        if cumulated > threshold:
            bins.append([key, cumulated])
            cumulated, threshold = 0, threshold * _GROWTH
        previous = key
    return bins


def _surplus_bins(keyed: Iterable[tuple[float | int, int]], first_bin: float) -> Bins:
    """Cut where a bin is full; what it holds too much counts towards the following ones."""
    bins: Bins = []
    threshold, cumulated, surplus = first_bin, 0, 0.0
    for key, size in keyed:
        cumulated += size
        if cumulated + surplus > threshold:
            bins.append([key, cumulated])
            surplus += cumulated - threshold
            cumulated, threshold = 0, threshold * _GROWTH
    return bins


def _floor_tenth(fee: int, size: int) -> float:
    return (10 * fee // size) / 10


def _floor_integer(fee: int, size: int) -> int:
    return fee // size


def _vsize_without_version_and_locktime(transaction: MempoolTransaction) -> int:
    return (transaction.weight - 24) // 4 if transaction.segwit else transaction.size


def _vsize_ceil(transaction: MempoolTransaction) -> int:
    return -(-transaction.weight // 4)


def _vsize_floor(transaction: MempoolTransaction) -> int:
    return transaction.weight // 4


def _serialised_size(transaction: MempoolTransaction) -> int:
    return transaction.size
