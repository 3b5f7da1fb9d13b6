"""The readings of a watch as the signals take them: one column for each machine, values instead of texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.backends.coherence import Singles
from electrum_observatory.analysis.backends.facts import SATOSHIS_PER_COIN, ServerFacts, facts_of
from electrum_observatory.analysis.histograms.canonical import canonical, distinct_pairs
from electrum_observatory.analysis.histograms.rules import Algorithm
from electrum_observatory.datasets.watch.answers import EstimateState, Floats
from electrum_observatory.datasets.watch.fees_and_tips import EstimateTable, estimates_of, fee_floors_of, tips_of
from electrum_observatory.datasets.watch.histogram_columns import Histograms, parts_of
from electrum_observatory.datasets.watch.histograms import HistogramTable, histograms_of
from electrum_observatory.datasets.watch.pending import PendingTable, pending_of
from electrum_observatory.datasets.watch.pending_seen import PendingTransactions, pending_transactions
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Availability, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers
from electrum_observatory.protocol.watch_questions import ESTIMATE_TARGETS

Mask = NDArray[np.bool_]

FEWEST_BINS = 5
"""With fewer bins two histograms are equal by chance (field reference §4.3)."""

HORIZONS = ((2, 6, 12), (24,), (144, 504, 1008))
"""Targets by horizon of bitcoind's estimator: what one horizon answers to several targets is one fact."""

MOST_FEERATES = 40
_WHOLE_FEERATES = 400
_TENTHS = 10
_WIDE = 60_000.0  # an esplora bin: 50 kvB and a transaction
_PART = 128
_LABELS_ARE_EDGES = int(Algorithm.ELECTRUMX_1_20)  # true of every program but one, so of servers that fit none, too
_FLOOR = 1.001


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """T rounds of N machines.

    Attributes:
        facts: The server that stands for each machine: the one that answered most.
        aliases: Every server of each machine.
        servers: Which of the watch's servers stands for each machine; shape (N,).
        at_us: UTC microseconds of each round.
        window: Height of the tip that most servers told in a round, ``NOTHING`` where unknown; shape (T,).
        up: Whether a server answered; shape (T, N).
        curves: Cumulative size at ``feerates``, NaN where it is not known; shape (T, N, L).
        feerates: sat/vB; shape (L,).
        content: Equal where whole histograms of five bins or more are equal, else ``NOTHING``; shape (T, N).
        estimates: By horizon: equal where all estimates above the floor are equal, ``NOTHING`` where none is above it;
            shape (H, T, N).
        minimum: Mempool minimum in satoshi per 1000 virtual bytes where it is above the relay fee, else NaN.
        height: Tip that each told; shape (T, N).
        news: Tip news, by ``column`` of the machine; None without any.
        column: Endpoint of the news to machine, ``NOTHING`` for servers that do not stand for one.
        pending: What the watch's servers listed of unconfirmed transactions; None where it did not ask.
        contested: Which machine has which of them, columns as machines; None likewise.
    """

    facts: tuple[ServerFacts, ...]
    aliases: tuple[tuple[ServerFacts, ...], ...]
    servers: Numbers
    at_us: Numbers
    window: Numbers
    up: Mask
    curves: Singles
    feerates: Floats
    content: Numbers
    estimates: Numbers
    minimum: Floats
    height: Numbers
    news: NewsColumns | None
    column: Numbers
    pending: PendingTable | None = None
    contested: PendingTransactions | None = None

    @property
    def same_window(self) -> Mask:
        """Whether a round has the tip of the one before; shape (T,)."""
        known = self.window != NOTHING
        return np.append(False, (self.window[1:] == self.window[:-1]) & known[1:])

    @property
    def algorithms(self) -> NDArray[np.int64]:
        """Histogram algorithms of each; shape (N,)."""
        return np.array([one.algorithms for one in self.facts], dtype=np.int64)

    @property
    def relay(self) -> NDArray[np.int64]:
        """Relay fee of each, or ``NOTHING``; shape (N,)."""
        return np.array([one.relay for one in self.facts], dtype=np.int64)


def material_of(
    table: WatchTable, machines: Mapping[str, str] | None = None, histograms: HistogramTable | None = None
) -> Material:
    """Read a watch. See :func:`~electrum_observatory.analysis.backends.facts.facts_of` for ``machines``.

    ``histograms`` are the table's, where somebody has read them before.
    """
    histograms, floors = histograms or histograms_of(table), fee_floors_of(table)
    facts = facts_of(table.endpoints, histograms, floors, machines)
    up = table.availability == AVAILABILITIES.index(Availability.UP)
    groups = _machines(facts)
    chosen = np.array([max(group, key=lambda one: (up[:, one].sum(), -one)) for group in groups], dtype=np.int64)
    picked = HistogramTable(at=histograms.at[:, chosen], distinct=histograms.distinct)
    algorithms = np.array([facts[one].algorithms for one in chosen], dtype=np.int64)
    feerates = _feerates(picked, algorithms)
    relay = np.round(floors.relay[:, chosen] * SATOSHIS_PER_COIN)
    minimum = np.round(floors.mempool_minimum[:, chosen] * SATOSHIS_PER_COIN)
    height = tips_of(table).height
    pending = pending_of(table) if Question.PENDING in table.text_at else None
    asked = pending is not None and len(pending.rounds) > 0
    return Material(
        facts=tuple(facts[one] for one in chosen),
        aliases=tuple(tuple(facts[one] for one in group) for group in groups),
        servers=chosen,
        at_us=table.at_us,
        window=_window(height[:, chosen]),
        up=up[:, chosen],
        curves=_curves(picked, algorithms, feerates),
        feerates=feerates,
        content=_telling(picked),
        estimates=_estimate_codes(estimates_of(table), chosen, np.fmax(relay, minimum)),
        minimum=np.where(minimum > relay * _FLOOR, minimum, np.nan),
        height=height[:, chosen],
        news=table.news,
        column=_columns_of_news(table, chosen),
        pending=pending if asked else None,
        contested=pending_transactions(table, pending).of_servers(chosen) if asked else None,
    )


def _machines(facts: Sequence[ServerFacts]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for index, one in enumerate(facts):
        groups.setdefault(one.machine, []).append(index)
    return list(groups.values())


def _window(height: Numbers) -> Numbers:
    """Return the height that most servers told, by round."""
    out = np.full(len(height), NOTHING, dtype=np.int64)
    for moment, row in enumerate(height):
        told = row[row != NOTHING]
        if len(told):
            out[moment] = int(np.median(told))
    return out


def _telling(table: HistogramTable) -> Numbers:
    content = np.where(table.distinct.bins >= FEWEST_BINS, table.distinct.content, NOTHING)
    return np.append(content, NOTHING)[table.at]


def _feerates(table: HistogramTable, algorithms: NDArray[np.int64]) -> Floats:
    """Choose the feerates at which most histograms have an edge, whole tenths only.

    Every algorithm has a say by its number of servers, so that feerates common to several are preferred.
    """
    given = np.bincount(table.at[table.at != NOTHING], minlength=len(table.distinct))
    weight, first = np.zeros(_WHOLE_FEERATES * _TENTHS), 0
    for part in parts_of(table.distinct):
        tenths = part.rates * _TENTHS
        rates = np.rint(tenths)
        sound = (np.abs(tenths - rates) < 1e-6) & (rates > 0) & (rates < len(weight))
        counts = np.repeat(given[first : first + len(part)], part.bins)
        weight += np.bincount(rates[sound].astype(np.int64), weights=counts[sound], minlength=len(weight))
        first += len(part)
    best = np.argsort(-weight, kind="stable")[:MOST_FEERATES]
    chosen = best[weight[best] > 0]
    if not len(chosen) and len(algorithms):
        chosen = np.array([10, 20, 40, 80, 160, 320])
    return np.asarray(np.sort(chosen) / _TENTHS)


def _curves(table: HistogramTable, algorithms: NDArray[np.int64], feerates: Floats) -> Singles:
    """Return cumulative sizes, a part of the rounds at a time: all at once would take gigabytes."""
    rounds, servers = table.at.shape
    curves = np.full((rounds, servers, len(feerates)), np.nan, dtype=np.float32)
    for start in range(0, rounds, _PART):
        at = table.at[start : start + _PART]
        sets = np.broadcast_to(np.where(algorithms == 0, _LABELS_ARE_EDGES, algorithms), at.shape)
        given = at != NOTHING
        if given.any():
            which, members, row = distinct_pairs(at[given], sets[given])
            curves[start : start + _PART][given] = _exact(table.distinct, which, members, feerates)[row]
    return curves


def _exact(histograms: Histograms, which: Numbers, algorithms: Numbers, feerates: Floats) -> Singles:
    """Return sizes at feerates where the bounds leave no more open than an esplora bin."""
    found = canonical(histograms, which, algorithms, [float(one) for one in feerates], ())
    wide = found.high - found.low
    known = (wide == 0) | ((wide <= _WIDE) & (wide < 0.02 * found.low))
    return np.where(known & (found.low > 0), (found.low + found.high) / 2, np.nan).astype(np.float32)


def _estimate_codes(table: EstimateTable, chosen: Numbers, floor: Floats) -> Numbers:
    """Code each horizon's estimates; those at the floor are left out, for everybody answers the floor."""
    fees = np.where(table.state[:, chosen] == EstimateState.FEE, table.fee[:, chosen], np.nan) * SATOSHIS_PER_COIN
    least = np.nan_to_num(floor, nan=0.0)[:, :, None] * _FLOOR
    with np.errstate(invalid="ignore"):
        told = np.where(fees > least, np.rint(fees), NOTHING)
    rows = []
    for horizon in HORIZONS:
        code = np.zeros(told.shape[:2], dtype=np.int64)
        of_horizon = told[:, :, [ESTIMATE_TARGETS.index(target) for target in horizon]].astype(np.int64)
        for target in range(of_horizon.shape[2]):
            code = (code * 1_000_003 + of_horizon[:, :, target]) & 0x3FFFFFFFFFFFFFFF
        rows.append(np.where((of_horizon != NOTHING).any(axis=2), code, NOTHING))
    return np.array(rows)


def _columns_of_news(table: WatchTable, chosen: Numbers) -> Numbers:
    if table.news is None:
        return np.zeros(0, dtype=np.int64)
    place = {table.endpoints[one].canonical: column for column, one in enumerate(chosen)}
    return np.array([place.get(one.canonical, NOTHING) for one in table.news.endpoints], dtype=np.int64)
