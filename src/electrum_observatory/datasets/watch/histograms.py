"""The histograms of a watch by column: each distinct answer once, and who gave which in which round."""

from dataclasses import dataclass

import numpy as np

from electrum_observatory.datasets.watch.histogram_columns import Histograms, read_histograms
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistogramTable:
    """Who gave which histogram when.

    Attributes:
        at: Index of ``distinct``, or ``NOTHING``; shape (T, N).
        distinct: The answers.
    """

    at: Numbers
    distinct: Histograms

    @property
    def content(self) -> Numbers:
        """Equal numbers where all pairs are equal, ``NOTHING`` where there are no bins; shape (T, N)."""
        return _through(self.at, self.distinct.content)


def histograms_of(table: WatchTable) -> HistogramTable:
    """Read the histograms of a watch, each distinct text once."""
    at, texts = distinct_texts(table, Question.HISTOGRAM)
    return HistogramTable(at=at, distinct=read_histograms(texts))


def distinct_texts(table: WatchTable, question: Question) -> tuple[Numbers, list[bytes]]:
    """Return the texts that answer a question, and who gave which: their indices, shape (T, N), or ``NOTHING``."""
    text_at = table.text_at.get(question)
    if text_at is None:
        return np.full((len(table.rounds), len(table.endpoints)), NOTHING, dtype=np.int64), []
    place = np.full(len(table.texts) + 1, NOTHING, dtype=np.int64)
    place[text_at] = 0
    place[NOTHING] = NOTHING
    used = np.flatnonzero(place != NOTHING)
    place[used] = np.arange(len(used))
    return place[text_at], [table.texts[index] for index in used.tolist()]


def _through(at: Numbers, values: Numbers) -> Numbers:
    """Look up values by index, ``NOTHING`` staying itself."""
    return np.append(values, NOTHING)[at]
