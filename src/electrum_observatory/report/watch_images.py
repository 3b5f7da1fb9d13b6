"""Pictures of cells, each a few pixels: who answered when, and which pairs two methods put together.

They carry no letters: times, names and legends stand on the page beside them, where a phone can show them large enough.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.analysis.lifecycle.presence import REFUSED, UNKNOWN, UP, Presence
from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch import BlindSpell
from electrum_observatory.report.palette import DARK, LIGHT, Palette

NOT_WATCHED, HERE, REFUSES, SILENT, OURS = range(5)
MOST_COLUMNS = 1200
"""Of a longer watch a column is several rounds: the worst state of them."""

_SILENT_COLOURS = {LIGHT: "#7d1f1f", DARK: "#e07a6f"}
_UP_COLOURS = {LIGHT: "#8fb4dc", DARK: "#3f6f9f"}  # quiet: what is missing is to be seen
_SURFACE = {LIGHT: "#ffffff", DARK: "#1b2028"}
_SIDE = 560
_LINED = 5  # rows that are lower have no line between them
_Colours = NDArray[np.float64]


def uptime_cells(
    presence: Presence, spells: Sequence[BlindSpell], order: Sequence[int]
) -> tuple[NDArray[np.int8], int, int]:
    """Return a row for each server and a column for each stretch of time, all equally long; and the image's ends.

    Args:
        presence: Who was there.
        spells: When we saw nothing.
        order: Servers from top to bottom.
    """
    first, last = int(presence.at_us[0]), int(presence.at_us[-1])
    step = float(np.median(np.diff(presence.at_us))) if len(presence.at_us) > 1 else 1.0
    width = max(1, min(MOST_COLUMNS, round((last - first) / max(step, 1.0)) + 1))
    scale = max(last - first, 1) / max(width - 1, 1)
    codes = np.select(
        [presence.states == state for state in (UP, REFUSED, UNKNOWN)], [HERE, REFUSES, SILENT], NOT_WATCHED
    )
    cells = np.full((width, codes.shape[1]), -1, dtype=np.int8)
    np.maximum.at(cells, np.rint((presence.at_us - first) / scale).astype(np.int64), codes.astype(np.int8))
    for column in np.flatnonzero(cells.max(axis=1, initial=-1) < 0):  # jitter left it without a round
        cells[column] = OURS if _is_blind(first + column * scale, spells) else cells[column - 1]
    return cells[:, order].T, first, last


def _is_blind(at_us: float, spells: Sequence[BlindSpell]) -> bool:
    return any(spell.from_us <= at_us <= spell.to_us for spell in spells)


def save_uptime(cells: NDArray[np.int8], folder: Path, *, row_height: int) -> None:
    """Write ``uptime.png`` and ``uptime-dark.png``, each row so many pixels high with a line below."""
    for palette, name in _dresses("uptime"):
        colours = (_SURFACE[palette], _UP_COLOURS[palette], palette.middle, _SILENT_COLOURS[palette], palette.land)
        picture = np.array([_rgb(one) for one in colours])[cells].repeat(row_height, axis=0)
        if row_height > _LINED:
            picture[row_height - 1 :: row_height] = _rgb(_SURFACE[palette])
        _write(folder / name, picture)


def save_pairs(folder: Path, name: str, *, shade: Floats, linked: NDArray[np.bool_], order: Sequence[int]) -> None:
    """Write ``<name>.png`` and its dark twin: all pairs of N machines, linked ones in colour.

    Args:
        folder: Where to.
        name: ``nodes`` links in the main colour, anything else in the second.
        shade: How near a pair is, 0 to 1; NaN without data; shape (N, N).
        linked: Which pairs are linked; shape (N, N).
        order: Machines from top to bottom and from left to right.
    """
    among = np.ix_(order, order)
    times = max(1, _SIDE // max(len(order), 1))
    for palette, file in _dresses(name):
        strong = palette.strong if name == "nodes" else palette.middle
        weight = 0.75 * np.nan_to_num(np.clip(shade[among], 0, 1))[..., None]
        picture = _rgb(_SURFACE[palette]) * (1 - weight) + _rgb(palette.weak) * weight
        picture[linked[among]] = _rgb(strong)
        diagonal = np.arange(len(order))
        picture[diagonal, diagonal] = _rgb(palette.muted)
        _write(folder / file, picture.repeat(times, axis=0).repeat(times, axis=1))


def _dresses(name: str) -> tuple[tuple[Palette, str], ...]:
    return (LIGHT, f"{name}.png"), (DARK, f"{name}-dark.png")


def _rgb(colour: str) -> _Colours:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float64)


def _write(path: Path, picture: _Colours) -> None:
    from matplotlib.image import imsave

    imsave(path, np.ascontiguousarray(np.rint(picture).astype(np.uint8)))
