"""The shape of a fee histogram: how its labels are written, and which cutting rules could have made its bins.

Every program cuts the mempool into bins by a rule of its own (field reference §4.1). A rule is refuted by bins that it
cannot make; bins that several rules can make refute none of them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

_GROWTH = 1.1
_ROUNDED_DOWN = 0.999  # who keeps a threshold as a whole number is a little below it after some bins
_SMALL_BIN, _LARGE_BIN = 30_000, 100_000
_LONG_RUN = 5
_LARGEST = 2**53


def histogram_readings(result: Any) -> Iterator[tuple[str, str]]:
    """Yield aspects and values; nothing for an empty histogram, which everybody may have, and for what is none."""
    pairs = _pairs(result)
    if not pairs:
        return
    labels, sizes = [label for label, _ in pairs], [size for _, size in pairs]
    if not any(sizes):
        return  # [[0, 0]] is how a server says that it has not looked yet
    yield "histogram_labels", _labels(labels, sizes)
    yield "histogram_small_bins", _fits(_lumps_fit(sizes, _SMALL_BIN))
    yield "histogram_large_bins", _fits(_lumps_fit(sizes, _LARGE_BIN))
    yield "histogram_carried_bins", _fits(_carried_fit(sizes, _LARGE_BIN))


def _labels(labels: Sequence[float], sizes: Sequence[int]) -> str:
    if not all(isinstance(label, int) for label in labels):
        return "tenths" if all(round(label, 1) == label for label in labels) else "decimals"
    if list(labels) != [2 ** (len(labels) - 1 - place) - 1 for place in range(len(labels))]:
        return "integers"
    return "powers of two" if len(labels) >= _LONG_RUN or 0 in sizes else "few powers of two"


def _fits(fits: bool) -> str:  # noqa: FBT001 - a word for a yes or a no
    return "fit" if fits else "do not fit"


def _pairs(result: Any) -> list[tuple[float, int]] | None:
    if not isinstance(result, list):
        return None
    pairs: list[tuple[float, int]] = []
    for row in result:
        if not isinstance(row, list) or len(row) != 2 or not all(_is_number(value) for value in row):
            return None
        pairs.append((row[0], int(row[1])))
    return pairs


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < _LARGEST  # which leaves out what is no number, too


def _lumps_fit(sizes: Sequence[int], threshold: float) -> bool:
    """Whether each bin is larger than its threshold, or is followed by one that holds a lump of twice as much."""
    for place, size in enumerate(sizes):
        lump_follows = place + 1 < len(sizes) and sizes[place + 1] > 2 * threshold
        if size <= threshold * _ROUNDED_DOWN and not lump_follows:
            return False
        threshold *= _GROWTH
    return True


def _carried_fit(sizes: Sequence[int], threshold: float) -> bool:
    """Whether each bin, with what the bins before it had too much, is larger than its threshold."""
    carried = 0.0
    for size in sizes:
        if size + carried <= threshold * _ROUNDED_DOWN:
            return False
        carried += size - threshold
        threshold *= _GROWTH
    return True
