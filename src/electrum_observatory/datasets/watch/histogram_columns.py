"""Many histogram answers in columns: a week of 300 servers has 600,000 of them, and each is read once.

Lines are decoded one by one; what can be judged of numbers is judged of many answers together. Not of all at once:
arrays that stay in the processor's cache are worked on several times faster, and are no memory to speak of.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats, HistogramReading, HistogramState, LabelForm
from electrum_observatory.datasets.watch.histogram_lines import MALFORMED, read_line
from electrum_observatory.model.watch_ports import NOTHING, Numbers

MOST_SIZE = 1e10
"""In all bins of an answer: some twenty times the largest mempools. Sums over a million answers stay exact."""

_PART = 1_024  # answers
_LARGEST = 2.0**53
_SHORT_DIGITS, _SINGLE_DIGITS = 5, 9  # nine digits name every 32-bit float


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


def read_histogram(text: bytes) -> HistogramReading:
    """Read one answer to ``Question.HISTOGRAM``."""
    return read_histograms([text])[0]


def read_histograms(texts: Iterable[bytes]) -> Histograms:
    """Read many answers. Bins must fall in feerate, and no number may be negative; nothing raises for a text."""
    rest, known = iter(texts), dict[bytes, int]()
    parts = []
    while some := list(islice(rest, _PART)):
        parts.append(_read(some, known))
    return _joined(parts or [_read([], known)])


def taken(histograms: Histograms, which: Numbers) -> Histograms:
    """Return some of the histograms, in the given order."""
    bins = histograms.bins[which]
    start = np.append(0, np.cumsum(bins))
    bin_at = np.arange(start[-1]) + np.repeat(histograms.start[which] - start[:-1], bins)
    return Histograms(
        state=histograms.state[which],
        start=start,
        rates=histograms.rates[bin_at],
        sizes=histograms.sizes[bin_at],
        forms=histograms.forms[which],
        spaced=histograms.spaced[which],
        content=histograms.content[which],
    )


def _read(texts: Sequence[bytes], known: dict[bytes, int]) -> Histograms:
    """Read some answers. ``known`` numbers contents, those of earlier parts included."""
    numbers, integer = array("d"), array("b")
    states, spaced, start, content = array("b"), array("b"), array("q", [0]), array("q")
    for text in texts:
        line = read_line(text)
        flat = [*chain.from_iterable(line.pairs)]
        try:
            numbers.fromlist(flat)
        except OverflowError:  # an integer that no float can hold
            line, flat = MALFORMED, []
        integer.frombytes(_integers(flat[::2]))
        states.append(line.state)
        spaced.append(line.spaced)
        content.append(_number(numbers[2 * start[-1] :], known) if flat else NOTHING)
        start.append(len(integer))
    both = np.frombuffer(numbers, dtype=np.float64).reshape(-1, 2)
    read = Histograms(
        state=np.array(states, dtype=np.int8),
        start=np.array(start, dtype=np.int64),
        rates=np.ascontiguousarray(both[:, 0]),
        sizes=np.ascontiguousarray(both[:, 1]),
        forms=np.zeros(len(states), dtype=np.int8),
        spaced=np.array(spaced, dtype=np.bool_),
        content=np.array(content, dtype=np.int64),
    )
    return _judged(read, np.array(integer, dtype=np.bool_))


def _integers(rates: Sequence[int | float]) -> bytes:
    """Return 1 for each that is an integer, else 0. Few answers have both kinds."""
    kinds = set(map(type, rates))
    if len(kinds) == 1:
        return (b"\1" if int in kinds else b"\0") * len(rates)
    return bytes([isinstance(rate, int) for rate in rates])


def _number(numbers: "array[float]", known: dict[bytes, int]) -> int:
    return known.setdefault(blake2b(numbers, digest_size=16).digest(), len(known))


def parts_of(histograms: Histograms) -> Iterator[Histograms]:
    """Yield all histograms in order, some at a time: views of few enough bins to stay in the processor's cache."""
    for first in range(0, len(histograms), _PART):
        some = slice(first, first + _PART)
        start = histograms.start[first : first + _PART + 1]
        bins = slice(start[0], start[-1])
        yield Histograms(
            state=histograms.state[some],
            start=start - start[0],
            rates=histograms.rates[bins],
            sizes=histograms.sizes[bins],
            forms=histograms.forms[some],
            spaced=histograms.spaced[some],
            content=histograms.content[some],
        )


def _joined(parts: Sequence[Histograms]) -> Histograms:
    """Put parts behind each other."""
    return Histograms(
        state=np.concatenate([one.state for one in parts]),
        start=np.append(0, np.cumsum(np.concatenate([one.bins for one in parts]))),
        rates=np.concatenate([one.rates for one in parts]),
        sizes=np.concatenate([one.sizes for one in parts]),
        forms=np.concatenate([one.forms for one in parts]),
        spaced=np.concatenate([one.spaced for one in parts]),
        content=np.concatenate([one.content for one in parts]),
    )


def _judged(read: Histograms, integer: NDArray[np.bool_]) -> Histograms:
    """Tell empty and malformed ones from those with bins, and leave only the bins of these."""
    rates, sizes, of = read.rates, read.sizes, read.bin_of
    rising = (np.diff(rates, prepend=np.inf) >= 0) & (np.diff(of, prepend=NOTHING) == 0)
    unsound = (rates < 0) | (sizes < 0) | (rates >= _LARGEST) | rising
    state = read.state.copy()
    total = np.bincount(of, weights=np.abs(sizes), minlength=len(read))
    state[(state == HistogramState.BINS) & (total == 0)] = HistogramState.EMPTY
    state[total > MOST_SIZE] = HistogramState.MALFORMED
    state[of[unsound]] = HistogramState.MALFORMED
    written = np.full(len(rates), LabelForm.INTEGER, dtype=np.int8)
    written[~integer] = _forms(rates[~integer])
    with_bins = np.flatnonzero(read.bins)
    forms = np.zeros(len(read), dtype=np.int8)
    forms[with_bins] = np.bitwise_or.reduceat(written, read.start[with_bins])
    kept = state == HistogramState.BINS
    bins = read if kept[with_bins].all() else taken(read, np.flatnonzero(kept))
    start = np.append(0, np.cumsum(np.where(kept, read.bins, 0)))
    return Histograms(
        state=state,
        start=start,
        rates=bins.rates,
        sizes=bins.sizes,
        forms=np.where(kept, forms, 0).astype(np.int8),
        spaced=read.spaced & kept,
        content=np.where(kept, read.content, NOTHING),
    )


def _forms(rates: Floats) -> NDArray[np.int8]:
    """Return how each feerate that is no integer was written."""
    whole, tenth = rates == np.floor(rates), np.round(rates, 1) == rates
    forms = np.where(whole, np.int8(LabelForm.WHOLE), np.int8(LabelForm.TENTH))
    longer = ~(whole | tenth)
    forms[longer] = _longer_forms(rates[longer])
    return forms


def _longer_forms(rates: Floats) -> NDArray[np.int8]:
    told = np.clip(rates, 1e-9, _LARGEST)
    digits_before = np.floor(np.log10(told)) + 1
    # The quotient of a whole number and a power of ten is the float nearest to the decimal: rounding is exact here.
    short = _rounded(told, _SHORT_DIGITS - digits_before) == told
    single = (_rounded(told, _SINGLE_DIGITS - digits_before) == told) | (told.astype(np.float32) == told)
    forms = [np.int8(LabelForm.SHORT), np.int8(LabelForm.SINGLE)]
    return np.select([short, single], forms, np.int8(LabelForm.LONG))


def _rounded(values: Floats, decimals: Floats) -> Floats:
    scale = 10.0 ** np.clip(decimals, 0, 18)
    return np.asarray(np.rint(values * scale) / scale)
