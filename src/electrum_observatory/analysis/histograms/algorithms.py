"""Which algorithms each server's histograms over time are consistent with. Never from what a server says of itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.histograms.rules import EVERY, RULES, Algorithm, name_of
from electrum_observatory.analysis.histograms.shapes import consistent_with, too_large_for_small_bins
from electrum_observatory.datasets.watch.answers import HistogramState, LabelForm
from electrum_observatory.datasets.watch.histogram_columns import Histograms
from electrum_observatory.datasets.watch.histograms import HistogramTable
from electrum_observatory.model.watch_ports import NOTHING, Numbers

_SMALL_BINS = Algorithm(sum(algorithm for algorithm, rule in RULES.items() if rule.first_bin == 30_000))
_FEWEST_HISTOGRAMS = 3
_MOST_OF_THEM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAlgorithms:
    """What one server's histograms allow.

    Attributes:
        algorithms: The set; 0 where histograms contradict each other, as behind a balancer or across a change of
            program; ``EVERY`` where no histogram had bins.
        histograms: Distinct histograms with bins that were looked at.
    """

    algorithms: Algorithm
    histograms: int

    @property
    def name(self) -> str:
        """A name for the class of servers with the same set."""
        return name_of(self.algorithms)


def algorithms_of(table: HistogramTable) -> tuple[ServerAlgorithms, ...]:
    """Return what each server's histograms allow, in the order of the table's columns."""
    distinct = table.distinct
    sets = consistent_with(distinct)
    too_large = too_large_for_small_bins(distinct)
    return tuple(_judge(distinct, sets, too_large, np.unique(column)) for column in table.at.T)


def classes_of(servers: Sequence[ServerAlgorithms]) -> tuple[str, ...]:
    """Name the class of each server, so that servers of one program share it whatever their histograms left open.

    How much a histogram leaves open depends on the mempool behind it: ``[[0, 400000]]`` could be of more programs than
    ``[[1, 400000]]``. A class that told the two apart would explain clusters by the very histograms that made them. So
    who may be of several classes that others are surely of is taken for one of the most common of them.
    """
    counts = Counter(one.algorithms for one in servers if one.algorithms)
    telling = [one for one in counts if not any(other != one and other & one == other for other in counts)]
    taken: dict[Algorithm, Algorithm] = {}
    for one in counts:
        allowed = [other for other in telling if other & one == other]
        taken[one] = max(allowed, key=lambda other: (counts[other], -int(other)))
    return tuple(name_of(taken.get(one.algorithms, one.algorithms)) for one in servers)


def _judge(distinct: Histograms, sets: Numbers, too_large: NDArray[np.bool_], given: Numbers) -> ServerAlgorithms:
    given = given[given != NOTHING]
    own = given[distinct.state[given] == HistogramState.BINS]
    allowed = Algorithm(int(np.bitwise_and.reduce(sets[own], initial=int(EVERY))))
    telling = own[distinct.bins[own] > _FEWEST_HISTOGRAMS]
    if len(telling) >= _FEWEST_HISTOGRAMS and too_large[telling].mean() > _MOST_OF_THEM:
        allowed &= ~_SMALL_BINS
    forms = distinct.forms[own]
    if (forms & LabelForm.SINGLE > 0).sum() >= _FEWEST_HISTOGRAMS and not (forms & LabelForm.LONG).any():
        allowed &= ~Algorithm.ESPLORA_DOUBLE
    return ServerAlgorithms(algorithms=allowed, histograms=len(own))
