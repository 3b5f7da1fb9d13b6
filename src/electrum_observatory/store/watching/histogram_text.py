"""Fee histograms as numbers beside the way in which they were written; together they are the bytes that came.

A reply is its head (all before the first bin), bins of a rate and a size, and its tail. Programs differ in the spaces
between and in how they spell a rate; that is the histogram's *style*. Whatever does not come out byte for byte the same
is kept as it came, and no histogram to us.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_RATES = ("%d", "%.1f", "%r")
"""Ways to spell a rate: 12, 12.3 (with its zero: 12.0), and as many digits as tell it from its neighbours."""
_LARGEST = 2**63
_FIRST, _LAST, _NONE = b"[[", b"]]", b"[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """A reply to ``mempool.get_fee_histogram``, taken apart.

    Attributes:
        rates: Of each bin, in sat/vB.
        sizes: Of each bin, in virtual bytes.
        head: What stands before the first bin, the bracket of the list included.
        style: How a bin is spelled and what stands between two, such as ``[%.1f, %d], ``.
        tail: What stands behind the last bin.
    """

    rates: Sequence[float]
    sizes: Sequence[int]
    head: str
    style: str
    tail: str


def take_apart(data: bytes) -> Histogram | None:
    """Return the parts from which :func:`put_together` makes the very same bytes; None where there are none."""
    try:
        found = _apart(data)
        return found if found is not None and put_together(found) == data else None
    except (ValueError, OverflowError):  # no text, no numbers, or none that a column holds
        return None


def put_together(one: Histogram) -> bytes:
    """Return the bytes of a reply."""
    bracket = one.style.find("]") + 1
    spelled, between = one.style[:bracket], one.style[bracket:]
    rates = map(int, one.rates) if "%d," in spelled else one.rates
    bins = between.join([spelled % pair for pair in zip(rates, one.sizes, strict=True)])
    return f"{one.head}{bins}{one.tail}".encode()


def _apart(data: bytes) -> Histogram | None:
    text = data.decode()
    start, end = text.find("[["), text.rfind("]]")
    if start < 0 or end < 0:
        empty = text.find("[]")
        if empty < 0 or text.count("[") != 1:
            return None
        return Histogram(rates=(), sizes=(), head=text[: empty + 1], style="", tail=text[empty + 1 :])
    body = text[start + 2 : end]
    first = body.partition("]")[0]
    comma = ", " if ", " in first else ","
    between = "], [" if "], [" in body else "],["
    cells = body.replace(between, comma).split(comma)
    sizes = list(map(int, cells[1::2]))
    if sizes and not -_LARGEST <= min(sizes) <= max(sizes) < _LARGEST:
        return None
    rates, spelled = _rates(cells[::2])
    return Histogram(
        rates=rates,
        sizes=sizes,
        head=text[: start + 1],
        style=f"[{spelled}{comma}%d{between[:-1]}",
        tail=text[end + 1 :],
    )


def _rates(cells: Sequence[str]) -> tuple[list[float], str]:
    """Read rates, and name the way in which they may have been spelled."""
    rates = list(map(float, cells))
    if all("." not in cell for cell in cells):
        return rates, _RATES[0]
    return rates, _RATES[1] if all(cell[-2:-1] == "." for cell in cells) else _RATES[2]
