"""The published study's method, faithfully: a matrix of divergences at a moment, and the groups of its threshold graph.

The study looked every five minutes at 59 servers, linked those at a Jensen–Shannon divergence of at most 0.5, and
called the connected parts clusters. This is kept as the baseline that evidence is compared with, and is none itself:
equal software and a quiet mempool are enough to be linked, and jumping edges of bins to be parted
(docs/histograms.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.divergence import Unit, divergences, in_unit
from electrum_observatory.datasets.watch.answers import Floats, HistogramState
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, Numbers

THRESHOLD = 0.5
"""At most which divergence links two servers in the study."""

NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentMatrix:
    """All pairs at one moment.

    Attributes:
        at_us: UTC microseconds of the round's start.
        window_us: From the first question that left to the last reply that came: how far apart in time two of these
            histograms may have been asked for. Programs also answer from caches of up to 120 s.
        unit: What the numbers are.
        matrix: Shape (n, n); NaN for servers without bins.
        states: What each server's answer held, in words; shape (n,).
        groups: Number of each server's group in the threshold graph, ``NOTHING`` without bins; shape (n,).
        threshold: Of the graph, in ``unit``.
    """

    at_us: int
    window_us: int
    unit: Unit
    matrix: Floats
    states: tuple[str, ...]
    groups: Numbers
    threshold: float


def histogram_rounds(table: WatchTable) -> Numbers:
    """Return the rounds, as indices, in which histograms were asked for."""
    return np.flatnonzero([Question.HISTOGRAM in one.questions for one in table.rounds])


def nearest_round(table: WatchTable, at_us: int | None) -> int:
    """Return the round with histograms that began nearest to a moment; the last one for None.

    Raises:
        UsageError: There is none.
    """
    rounds = histogram_rounds(table)
    if not len(rounds):
        raise UsageError("no round of this watch asked for histograms in that time")
    return int(rounds[-1] if at_us is None else rounds[np.abs(table.at_us[rounds] - at_us).argmin()])


def matrix_at(
    table: WatchTable,
    histograms: HistogramTable,
    round_at: int,
    *,
    unit: Unit = Unit.BITS,
    threshold: float = THRESHOLD,
) -> MomentMatrix:
    """Compare all servers in one round."""
    given = histograms.at[round_at]
    matrix = in_unit(divergences(histograms.distinct, given), unit)
    return MomentMatrix(
        at_us=int(table.at_us[round_at]),
        window_us=window_us(table, round_at),
        unit=unit,
        matrix=matrix,
        states=states_of(histograms, given),
        groups=groups_of(matrix, threshold),
        threshold=threshold,
    )


def states_of(histograms: HistogramTable, given: Numbers) -> tuple[str, ...]:
    """Say what answers held: ``bins``, ``empty``, ``error``, ``malformed`` or ``no answer``."""
    return tuple(
        NO_ANSWER if one == NOTHING else HistogramState(histograms.distinct.state[one]).name.lower() for one in given
    )


def window_us(table: WatchTable, round_at: int) -> int:
    """Return the time from the first histogram question of a round to its last reply; 0 where nobody replied."""
    answered = table.answered_us.get(Question.HISTOGRAM)
    if answered is None:
        return 0
    came = answered[round_at] != NOTHING
    return int(answered[round_at][came].max() - table.asked_us[round_at][came].min()) if came.any() else 0


def groups_of(matrix: Floats, threshold: float) -> Numbers:
    """Return the connected parts of the graph that links what is at most so far apart; shape (n,).

    Parts are numbered by size, the largest 0, equal ones by their first server; ``NOTHING`` without data.
    """
    known = ~np.isnan(np.diag(matrix))
    part = _parts(matrix <= threshold)
    _, first, size = np.unique(part[known], return_index=True, return_counts=True)
    parts = part[known][first]
    number = np.full(len(matrix), NOTHING, dtype=np.int64)
    number[parts[np.lexsort((first, -size))]] = np.arange(len(parts))
    return np.where(known, number[part], NOTHING)


def _parts(links: NDArray[np.bool_]) -> Numbers:
    """Return the connected parts of a graph, numbered by their first member, widened step by step from there."""
    part = np.full(len(links), NOTHING, dtype=np.int64)
    for first in range(len(links)):
        if part[first] == NOTHING:
            reached = np.array([first])
            while len(reached):
                part[reached] = first
                reached = np.flatnonzero(links[reached].any(axis=0) & (part == NOTHING))
    return part


def sizes_of(groups: Numbers) -> Sequence[int]:
    """Return how many servers each group has."""
    return [int(size) for size in np.bincount(groups[groups != NOTHING])]
