"""Histograms as each program writes them: reply lines with the fixed request id, a whole chunk at a time.

Each program's layout is that of its JSON writer (``personalities/json_text``); a test asks the personalities themselves
for the same bytes.
"""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from electrum_observatory.lab.personalities import electrumx
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.cutting import Bins
from electrum_observatory.lab.time.exact import ExactBins
from electrum_observatory.protocol.watch_questions import HISTOGRAM_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a program writes the reply.

    Attributes:
        before: All before the first bin.
        after: All after the last bin, terminator included.
        spaced: Whether a space follows each comma.
    """

    before: str
    after: str
    spaced: bool = False


_SORTED = Layout(before=f'{{"id":{HISTOGRAM_ID},"jsonrpc":"2.0","result":[', after="]}\n")
_FULCRUM = replace(_SORTED, after="]}\r\n")
_COMPACT = Layout(before='{"jsonrpc":"2.0","result":[', after=f'],"id":{HISTOGRAM_ID}}}\n')
_SPACED = Layout(before='{"jsonrpc": "2.0", "result": [', after=f'], "id": {HISTOGRAM_ID}}}\n', spaced=True)

_encode = msgspec.json.Encoder().encode


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
    if not tenths:
        return _written(list(zip(bins.keys.tolist(), bins.sizes.tolist(), strict=True)), bins.ends.tolist(), layout)
    distinct, at = np.unique(bins.keys, return_inverse=True)
    known = [msgspec.Raw(_encode(label)) for label in (distinct / 10).tolist()]  # a label is written many times
    labels = [known[place] for place in at.tolist()]
    return _written(list(zip(labels, bins.sizes.tolist(), strict=True)), bins.ends.tolist(), layout)


def exact_texts_of(bins: ExactBins, layout: Layout) -> list[bytes]:
    """Write the histograms of many snapshots, rates as Rust writes its f32 or f64."""
    if bins.rates.dtype != np.float32:
        return _written(list(zip(bins.rates.tolist(), bins.sizes.tolist(), strict=True)), bins.ends.tolist(), layout)
    distinct, at = np.unique(bins.rates, return_inverse=True)
    known = [msgspec.Raw(text.encode()) for text in distinct.astype(np.str_).tolist()]
    rates = [known[place] for place in at.tolist()]
    return _written(list(zip(rates, bins.sizes.tolist(), strict=True)), bins.ends.tolist(), layout)


def _written(pairs: list[tuple[Any, int]], ends: list[int], layout: Layout) -> list[bytes]:
    """Write the pairs up to each end. Floats between 0.001 and a million are spelled alike by everybody."""
    before, after = layout.before[:-1].encode(), layout.after[1:].encode()
    found: list[bytes] = []
    start = 0
    for end in ends:
        bins = _encode(pairs[start:end])
        found.append(before + (bins.replace(b",", b", ") if layout.spaced else bins) + after)
        start = end
    return found
