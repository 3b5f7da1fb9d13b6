"""The histograms of a watch by column: each distinct answer once, and who gave which in which round."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import (
    Floats,
    HistogramReading,
    HistogramState,
    LabelForm,
    read_histogram,
)
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.watch import Question
from electrum_observatory.model.watch_ports import NOTHING, Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histograms:
    """D distinct answers. The bins of answer d are ``rates[start[d]:start[d + 1]]`` and ``sizes`` likewise.

    Attributes:
        state: Values of :class:`HistogramState`; shape (D,).
        start: Shape (D + 1,).
        rates: Feerates in sat/vB as labelled, falling within an answer.
        sizes: Sizes as given.
        forms: Values of :class:`LabelForm`; shape (D,).
        spaced: See :class:`HistogramReading`; shape (D,).
        content: Equal where all (feerate, size) pairs are equal, however written; ``NOTHING`` without bins; shape (D,).
    """

    state: NDArray[np.int8]
    start: Numbers
    rates: Floats
    sizes: Floats
    forms: NDArray[np.int8]
    spaced: NDArray[np.bool_]
    content: Numbers

    def __len__(self) -> int:
        """Return D."""
        return len(self.state)

    def __getitem__(self, index: int) -> HistogramReading:
        """Return one answer."""
        bins = slice(self.start[index], self.start[index + 1])
        return HistogramReading(
            state=HistogramState(self.state[index]),
            rates=self.rates[bins],
            sizes=self.sizes[bins],
            forms=LabelForm(int(self.forms[index])),
            spaced=bool(self.spaced[index]),
        )

    @property
    def bins(self) -> Numbers:
        """Number of bins of each; shape (D,)."""
        return np.diff(self.start)

    @property
    def bin_of(self) -> Numbers:
        """Answer that each bin belongs to; as long as ``rates``."""
        return np.repeat(np.arange(len(self)), self.bins)


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


def read_histograms(texts: Sequence[bytes]) -> Histograms:
    """Read many answers."""
    return gathered([read_histogram(text) for text in texts])


def gathered(readings: Sequence[HistogramReading]) -> Histograms:
    """Put readings into columns."""
    start = np.zeros(len(readings) + 1, dtype=np.int64)
    np.cumsum([len(one.rates) for one in readings], out=start[1:])
    known: dict[tuple[bytes, bytes], int] = {}
    content = [
        known.setdefault((one.rates.tobytes(), one.sizes.tobytes()), len(known)) if len(one.rates) else NOTHING
        for one in readings
    ]
    return Histograms(
        state=np.array([one.state for one in readings], dtype=np.int8),
        start=start,
        rates=np.concatenate([np.zeros(0), *(one.rates for one in readings)]),
        sizes=np.concatenate([np.zeros(0), *(one.sizes for one in readings)]),
        forms=np.array([one.forms for one in readings], dtype=np.int8),
        spaced=np.array([one.spaced for one in readings], dtype=np.bool_),
        content=np.array(content, dtype=np.int64),
    )


def histograms_of(table: WatchTable) -> HistogramTable:
    """Read the histograms of a watch, each distinct text once."""
    at, texts = distinct_texts(table, Question.HISTOGRAM)
    return HistogramTable(at=at, distinct=read_histograms(texts))


def distinct_texts(table: WatchTable, question: Question) -> tuple[Numbers, list[bytes]]:
    """Return the texts that answer a question, and who gave which: their indices, shape (T, N), or ``NOTHING``."""
    text_at = table.text_at.get(question)
    if text_at is None:
        return np.full((len(table.rounds), len(table.endpoints)), NOTHING, dtype=np.int64), []
    used = np.unique(text_at[text_at != NOTHING])
    place = np.full(len(table.texts) + 1, NOTHING, dtype=np.int64)
    place[used] = np.arange(len(used))
    return place[text_at], [table.texts[index] for index in used]


def _through(at: Numbers, values: Numbers) -> Numbers:
    """Look up values by index, ``NOTHING`` staying itself."""
    return np.append(values, NOTHING)[at]
