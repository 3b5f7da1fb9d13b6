"""Many histogram answers in columns: a week of 300 servers has 600,000 of them, and each is read once.

Lines are decoded one by one, by a short way those that look as usual; what can be judged of numbers is judged of many
answers together. Not of all: arrays that stay in the processor's cache are worked on several times faster.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from electrum_observatory.datasets.watch.answers import Floats, HistogramReading, HistogramState, LabelForm
from electrum_observatory.model.observation import Json
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.protocol.limits import MAX_DIGITS, MAX_MEMBERS, refusal
from electrum_observatory.protocol.messages import Parser, Reply, decode_server_message
from electrum_observatory.protocol.numbers import finite_number
from electrum_observatory.protocol.watch_questions import HISTOGRAM_ID

MOST_BINS = 5_000
"""Honest answers have some hundreds: 300 MB of transactions in bins of 50 kvB are 2,000."""

MOST_SIZE = 1e10
"""In all bins of an answer: some twenty times the largest mempools. Sums over a million answers stay exact."""

_PART = 8_192  # answers
_LARGEST = 2.0**53
_SHORT_DIGITS, _SINGLE_DIGITS = 5, 9  # nine digits name every 32-bit float
_Pair: TypeAlias = tuple[int | float, int | float]
_PAIRS = msgspec.json.Decoder(list[_Pair])


class _Integers(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The reply of most programs: nothing but integers in it, which are the quickest to decode."""

    id: int
    result: list[tuple[int, int]]
    jsonrpc: str = ""
    error: None = None


class _Usual(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The reply of all other programs that are known."""

    id: int
    result: list[_Pair]
    jsonrpc: str = ""
    error: None = None


_INTEGERS, _USUAL = msgspec.json.Decoder(_Integers), msgspec.json.Decoder(_Usual)


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


class _Line(NamedTuple):
    """One answer before its numbers were judged."""

    state: HistogramState
    pairs: Sequence[_Pair] = ()
    integers: bool = False
    spaced: bool = False


_EMPTY = _Line(state=HistogramState.EMPTY)
_ERROR = _Line(state=HistogramState.ERROR)
_MALFORMED = _Line(state=HistogramState.MALFORMED)


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
        line = _with_numbers(_line(text), numbers)
        pairs = line.pairs
        integer.frombytes(b"\1" * len(pairs) if line.integers else bytes([type(rate) is int for rate, _ in pairs]))
        states.append(line.state)
        spaced.append(line.spaced)
        content.append(_number(numbers[2 * start[-1] :], known) if pairs else NOTHING)
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


def _line(text: bytes) -> _Line:
    """Read a line by the short way if possible: it takes no line that the long way would take for something else."""
    if len(text) > MAX_MEMBERS or (len(text) > MAX_DIGITS and refusal(text) is not None):
        return _unusual(text)
    try:
        reply: _Integers | _Usual = _INTEGERS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            reply = _USUAL.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _unusual(text)
    pairs = reply.result
    spaced = False
    if b", " in text:
        if not text.count(b"[") == text.count(b"]") == len(pairs) + 1:
            return _unusual(text)
        spaced = b", " in text[text.index(b"[") : text.rindex(b"]")]  # no brackets but the result's
    if reply.id != HISTOGRAM_ID or len(pairs) > MOST_BINS:
        return _MALFORMED
    return _Line(HistogramState.BINS, pairs, isinstance(reply, _Integers), spaced) if pairs else _EMPTY


def _unusual(text: bytes) -> _Line:
    message = decode_server_message(text, decode=_PAIRS.decode)
    if not isinstance(message, Reply) or message.request_id != HISTOGRAM_ID:
        return _MALFORMED
    if message.error is not None:
        return _ERROR
    pairs = message.result if message.parser is Parser.STRICT else _pairs(message.result)
    if not isinstance(pairs, list) or len(pairs) > MOST_BINS:
        return _MALFORMED
    if not pairs:
        return _EMPTY
    return _Line(HistogramState.BINS, pairs, spaced=b", " in (message.result_text or b""))


def _pairs(result: Json) -> list[_Pair] | None:
    """Return the pairs of a result that only the tolerant parser took, or None."""
    if not isinstance(result, list):
        return None
    pairs: list[_Pair] = []
    for row in result:
        if not isinstance(row, list) or len(row) != 2:
            return None
        rate, size = finite_number(row[0]), finite_number(row[1])
        if rate is None or size is None:
            return None
        pairs.append((rate, size))
    return pairs


def _with_numbers(line: _Line, numbers: "array[float]") -> _Line:
    """Add a line's numbers to the column, or none of them."""
    try:
        numbers.fromlist([*chain.from_iterable(line.pairs)])
    except OverflowError:  # an integer that no float can hold
        return _MALFORMED
    return line


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
    told = np.clip(rates, 1e-9, _LARGEST)
    digits_before = np.floor(np.log10(told)) + 1
    # The quotient of a whole number and a power of ten is the float nearest to the decimal: rounding is exact here.
    short = _rounded(told, _SHORT_DIGITS - digits_before) == told
    single = (_rounded(told, _SINGLE_DIGITS - digits_before) == told) | (told.astype(np.float32) == told)
    conditions = [rates == np.floor(rates), np.round(rates, 1) == rates, short, single]
    forms = [LabelForm.WHOLE, LabelForm.TENTH, LabelForm.SHORT, LabelForm.SINGLE]
    return np.select(conditions, [np.int8(form) for form in forms], np.int8(LabelForm.LONG))


def _rounded(values: Floats, decimals: Floats) -> Floats:
    scale = 10.0 ** np.clip(decimals, 0, 18)
    return np.asarray(np.rint(values * scale) / scale)
