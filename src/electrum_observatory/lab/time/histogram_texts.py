"""Histograms as each program writes them: reply lines with the fixed request id, a whole chunk at a time.

Each program's layout is that of its JSON writer (``personalities/json_text``); a test asks the personalities themselves
for the same bytes.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from electrum_observatory.lab.personalities import electrumx
from electrum_observatory.lab.personalities.json_text import rust_float
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.cutting import Bins
from electrum_observatory.lab.time.exact import ExactBins
from electrum_observatory.protocol.watch_questions import HISTOGRAM_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a program writes the reply.

    Attributes:
        before: All before the first bin.
        between: Between two bins, and with two numbers of a bin.
        after: All after the last bin, terminator included.
    """

    before: str
    between: str
    after: str


_SORTED = Layout(before=f'{{"id":{HISTOGRAM_ID},"jsonrpc":"2.0","result":[', between=",", after="]}\n")
_FULCRUM = replace(_SORTED, after="]}\r\n")
_COMPACT = Layout(before='{"jsonrpc":"2.0","result":[', between=",", after=f'],"id":{HISTOGRAM_ID}}}\n')
_SPACED = Layout(before='{"jsonrpc": "2.0", "result": [', between=", ", after=f'], "id": {HISTOGRAM_ID}}}\n')


def layout_of(personality_id: str) -> Layout:
    """Return how a build writes: Python's writer keeps the order of members, the others sort them."""
    personality = PERSONALITIES[personality_id]
    if personality.implementation == "fulcrum":
        return _FULCRUM
    if isinstance(personality, electrumx.ElectrumX):
        return _COMPACT if personality.release.compact else _SPACED
    return _SORTED


def empty_text(layout: Layout) -> bytes:
    """Return what a server without a histogram says."""
    return (layout.before + layout.after).encode()


def texts_of(bins: Bins, layout: Layout, *, tenths: bool) -> list[bytes]:
    """Write the histograms of many snapshots."""
    columns = (bins.keys // 10, bins.keys % 10, bins.sizes) if tenths else (bins.keys, bins.sizes)
    numbers = np.stack(columns, axis=1).ravel().tolist()
    ends = bins.ends.tolist()
    found: list[bytes] = []
    start = 0
    for end in ends:
        found.append(
            (_format(layout, end - start, tenths) % tuple(numbers[start * len(columns) : end * len(columns)])).encode()
        )
        start = end
    return found


def exact_texts_of(bins: ExactBins, layout: Layout) -> list[bytes]:
    """Write the histograms of many snapshots, rates as Rust writes its f32 or f64."""
    if bins.rates.dtype == np.float32:
        distinct, at = np.unique(bins.rates, return_inverse=True)
        known = [_single(rate) for rate in distinct.tolist()]
        rates = [known[place] for place in at.tolist()]
    else:
        rates = [repr(rate) for rate in bins.rates.tolist()]
    written = [f"[{rate}{layout.between}{size}]" for rate, size in zip(rates, bins.sizes.tolist(), strict=True)]
    found: list[bytes] = []
    start = 0
    for end in bins.ends.tolist():
        found.append((layout.before + layout.between.join(written[start:end]) + layout.after).encode())
        start = end
    return found


@lru_cache(maxsize=4096)
def _format(layout: Layout, bins: int, tenths: bool) -> str:  # noqa: FBT001 - part of a key
    one = f"[{'%d.%d' if tenths else '%d'}{layout.between}%d]"
    return layout.before + layout.between.join([one] * bins) + layout.after


@lru_cache(maxsize=1_000_000)
def _single(rate: float) -> str:
    return rust_float(np.float32(rate))
