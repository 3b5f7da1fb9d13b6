"""The uptime image: one column per server, time running down, servers that were away together side by side.

Whoever looks at it sees at a glance what a table hides: a stripe through many columns is a common outage (or ours,
which has a colour of its own), columns with one and the same pattern are worth a second look. It shows; it proves
nothing.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP, Presence
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.report.palette import LIGHT

MOST_ROWS = 1500
"""Longer watches are drawn with several rounds to a row: the worst state of them."""

_NOT_YET, _UP, _REFUSED, _UNKNOWN, _OURS = range(5)
_WORDS = ("not watched", "up", "refused us", "no answer", "we saw nothing")
_COLOURS = ("#ffffff", LIGHT.strong, LIGHT.middle, "#7d1f1f", LIGHT.land)
_TICKS = 8


def draw_uptime(presence: Presence, order: list[int], path: Path, *, vantage: str) -> None:
    """Write the image as PNG or SVG, by the ending of ``path``.

    Args:
        presence: Who was there.
        order: Places of servers from left to right (``similarity.by_similarity``).
        path: Where to.
        vantage: Where the watch ran, for the caption.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    cells, at_us = image_rows(presence)
    figure = Figure(figsize=(max(6.0, min(16.0, 2.0 + len(order) / 30)), 7.0), layout="constrained", dpi=150)
    axes = figure.subplots()
    axes.imshow(
        cells[:, order],
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(_COLOURS),
        vmin=-0.5,
        vmax=len(_WORDS) - 0.5,
    )
    _label(axes, at_us, len(order), vantage)
    there = [code for code in range(len(_WORDS)) if (cells == code).any()]
    patches = [Patch(facecolor=_COLOURS[code], edgecolor=LIGHT.weak, label=_WORDS[code]) for code in there]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(patches), frameon=False, fontsize=9)
    figure.savefig(path)


def image_rows(presence: Presence) -> tuple[NDArray[np.int8], Numbers]:
    """Return the image's rows by server (codes of the legend) and the time of each row.

    A row of our own blindness stands wherever a spell of ours lies between two rounds.
    """
    codes = np.full(presence.states.shape, _NOT_YET, dtype=np.int8)
    for state, code in ((UP, _UP), (REFUSED, _REFUSED), (UNKNOWN, _UNKNOWN), (NOTHING, _NOT_YET)):
        codes[presence.states == state] = code
    codes, at_us = _thinned(codes, presence.at_us, presence.blind_between)
    return codes, at_us


def _thinned(
    codes: NDArray[np.int8], at_us: Numbers, blind_between: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], Numbers]:
    step = max(1, -(-len(at_us) // MOST_ROWS))
    rows: list[NDArray[np.int8]] = []
    times: list[int] = []
    for start in range(0, len(at_us), step):
        stop = min(start + step, len(at_us))
        rows.append(codes[start:stop].max(axis=0))
        times.append(int(at_us[start]))
        if blind_between[start : min(stop, len(blind_between))].any():
            rows.append(np.full(codes.shape[1], _OURS, dtype=np.int8))
            times.append(int(at_us[stop - 1]))
    shape = (len(rows), codes.shape[1])
    return np.array(rows, dtype=np.int8).reshape(shape), np.array(times, dtype=np.int64)


def _label(axes: Any, at_us: Numbers, servers: int, vantage: str) -> None:
    last = max(len(at_us) - 1, 0)
    places = sorted({int(place) for place in np.linspace(0, last, _TICKS)})[: len(at_us)]
    axes.set_yticks(
        places, [f"{datetime.fromtimestamp(at_us[place] / 1e6, tz=UTC):%Y-%m-%d %H:%M}" for place in places]
    )
    axes.set_xticks([])
    axes.set_xlabel(f"{servers} servers, like absences side by side; vantage {vantage}, times in UTC", fontsize=9)
    axes.tick_params(labelsize=9)
    axes.set_title("Who answered when", loc="left", fontsize=11)
