"""Between which of a server's snapshots each transaction is there, and how much that leaves at each key.

A lookup by whole seconds tells each transaction's first and last snapshot; what comes counts up there, what goes counts
down, and a running sum over the snapshots is the table that an algorithm cuts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.time.algorithms import Algorithm
from electrum_observatory.lab.time.cutting import Ints, Table
from electrum_observatory.lab.time.exact import ExactAlgorithm
from electrum_observatory.lab.time.flow import Flow
from electrum_observatory.lab.time.mempools import Presence, Stretch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keyed:
    """The transactions of a stretch, as one algorithm keys them.

    Attributes:
        keys: The keys in use, descending.
        place: Place of each transaction's key among them.
        size: What each counts.
    """

    keys: Ints
    place: NDArray[np.int64]
    size: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rated:
    """The transactions of a stretch, as esplora sorts them.

    Attributes:
        rank: Place of each by exact rate, the dearest first.
        rates: By rank.
        sizes: By rank.
    """

    rank: Ints
    rates: NDArray[np.float32] | NDArray[np.float64]
    sizes: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alive:
    """What one node has at any moment of a span, in seconds from its beginning.

    Attributes:
        low: World second at which the span begins.
        seconds: How long it is.
        kept: Places in the stretch.
        enters: From here on it is there.
        leaves: From here on no more; ``seconds`` for later than the span.
    """

    low: int
    seconds: int
    kept: Ints
    enters: Ints
    leaves: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spanned:
    """Which of C snapshots have which transactions.

    Attributes:
        count: C.
        kept: Places in the stretch.
        first: The first snapshot with it.
        last: The first one after that without it, C for none; where it equals the first, no snapshot has it.
    """

    count: int
    kept: Ints
    first: NDArray[np.int32]
    last: NDArray[np.int32]


def key_all(flow: Flow, stretch: Stretch, algorithm: Algorithm) -> Keyed:
    """Key the transactions of a stretch."""
    rows = stretch.rows
    size = algorithm.size(flow.weight[rows].astype(np.int64), flow.size[rows].astype(np.int64), flow.segwit[rows])
    key = algorithm.keys(flow.fee_sat[rows], size)
    used = np.bincount(key, minlength=1) > 0
    place = used.sum() - np.cumsum(used)
    return Keyed(keys=np.flatnonzero(used)[::-1], place=place[key], size=size.astype(np.float64))


def rate_all(flow: Flow, stretch: Stretch, algorithm: ExactAlgorithm) -> Rated:
    """Sort the transactions of a stretch by their exact rate."""
    fee, weight = flow.fee_sat[stretch.rows], flow.weight[stretch.rows].astype(np.int64)
    rates = algorithm.rate(fee, weight)
    order = np.argsort(-rates, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return Rated(rank=rank, rates=rates[order], sizes=algorithm.size(weight)[order])


def alive_in(presence: Presence, low: int, high: int) -> Alive:
    """Keep what a node has at any moment of a span."""
    enters, leaves = np.clip(presence.enters, low, high), np.clip(presence.leaves, low, high)
    kept = np.flatnonzero(enters < leaves)
    enters -= low
    leaves -= low
    return Alive(
        low=low,
        seconds=high - low,
        kept=kept,
        enters=enters.take(kept).astype(np.intp),
        leaves=leaves.take(kept).astype(np.intp),
    )


def spanned(alive: Alive, snapshots_s: Ints) -> Spanned:
    """Look up which snapshots have what; they are taken at rising whole world seconds inside the span."""
    at = np.bincount(snapshots_s - alive.low + 1, minlength=alive.seconds + 2)
    before = np.cumsum(at).astype(np.int32)  # how many snapshots were taken before each second
    return Spanned(
        count=len(snapshots_s),
        kept=alive.kept,
        first=before.take(alive.enters, mode="clip"),
        last=before.take(alive.leaves, mode="clip"),
    )


def table_of(spans: Spanned, keyed: Keyed) -> Table:
    """Sum up what each snapshot has at each key; shape (K, C)."""
    width, cells = spans.count + 1, len(keyed.keys) * (spans.count + 1)
    base = keyed.place.take(spans.kept)
    base *= width
    size = keyed.size.take(spans.kept)
    moves = np.bincount(base + spans.first, size, cells)
    moves -= np.bincount(base + spans.last, size, cells)
    moves = moves.reshape(len(keyed.keys), width)
    table: Table = np.cumsum(moves, axis=1, out=moves)[:, :-1].astype(np.int32)
    return table
