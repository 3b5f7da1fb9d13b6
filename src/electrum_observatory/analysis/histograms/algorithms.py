"""Which algorithms each server's histograms over time are consistent with. Never from what a server says of itself."""

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
