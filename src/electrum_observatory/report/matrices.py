"""Pictures of n × n matrices: servers by servers, groups as blocks on the diagonal.

What is near is dark. The figure says itself what its numbers are, of how many servers, from when and from where.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from electrum_observatory.datasets.watch.answers import Floats
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.report.palette import LIGHT
from electrum_observatory.report.sanitise import sanitise

MOST_NAMES = 400
"""Of more servers the names would be smaller than can be read, and are left out."""

_LONGEST_NAME = 44
_WIDTH_OF_LETTER = 0.62  # of the font's height
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.4, 2.2, 0.55, 0.8  # inches around a matrix of the least side
_STRIP, _GAP = 0.14, 0.05
_LEAST_SIDE, _SIDE_WITHOUT_NAMES = 4.0, 12.0
_FEW, _ROW, _LOW_ROW = 100, 0.15, 0.085
_POINTS = 72
_DPI = 150
_MOST_GROUPS_NAMED = 24
_FEWEST_TO_NAME = 60
_GROUP_COLOURS = (LIGHT.strong, LIGHT.middle, "#2e7d5b", "#8c4a8f", "#b8433a", "#5f6b7a")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatrixPicture:
    """What is drawn.

    Attributes:
        matrix: Shape (n, n); NaN is no data.
        names: Of the n servers, as strangers spell them.
        order: Servers from top to bottom, one at least; those not in it are not drawn.
        groups: Number of each server's group; shape (n,).
        unit: What the numbers are.
        most: The unit's largest value.
        threshold: At most which links two servers.
        title: What it is of.
        caption: When, from where, how many servers had no data.
    """

    matrix: Floats
    names: Sequence[str]
    order: Numbers
    groups: Numbers
    unit: str
    most: float
    threshold: float
    title: str
    caption: str


def draw_matrix(picture: MatrixPicture, path: Path) -> None:
    """Write the picture as PNG or SVG, by the ending of ``path``."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    number = len(picture.order)
    side = _side(number)
    scale = float(np.clip(side / 9, 1, 2))
    font = min(8.0, 0.75 * _POINTS * side / number)
    left = _LEFT + (_LONGEST_NAME * _WIDTH_OF_LETTER * font / _POINTS if number <= MOST_NAMES else 0.0)
    size = np.array([left + side + scale * _RIGHT, side + scale * (_TOP + _BOTTOM)])
    figure = Figure(figsize=tuple(size), dpi=_DPI, facecolor="white")
    bottom = scale * _BOTTOM
    axes = figure.add_axes(_share(size, left, bottom, side, side))
    colours = colormaps["viridis"].with_extremes(bad=LIGHT.land)
    shown = axes.imshow(
        picture.matrix[np.ix_(picture.order, picture.order)],
        cmap=colours,
        vmin=0,
        vmax=picture.most,
        interpolation="nearest",
        aspect="auto",
    )
    axes.set_xticks([])
    axes.set_yticks([])
    strip = figure.add_axes(_share(size, left - _STRIP - _GAP, bottom, _STRIP, side), sharey=axes)
    _draw_groups(strip, axes, picture.groups[picture.order], scale)
    if number <= MOST_NAMES:
        _name_servers(strip, picture, font)
    _say(axes, picture, scale)
    bar = figure.add_axes(_share(size, left + side + 1.45 * scale, bottom + side / 4, 0.16 * scale, side / 2))
    _colour_bar(figure, bar, shown, picture, scale)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _side(number: int) -> float:
    """Return the inches of the matrix: room for a name in each row, where names are drawn."""
    if number > MOST_NAMES:
        return _SIDE_WITHOUT_NAMES
    return max(_LEAST_SIDE, number * (_ROW if number <= _FEW else _LOW_ROW))


def _share(size: Floats, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
    """Return a place given in inches as shares of the figure."""
    return left / size[0], bottom / size[1], width / size[0], height / size[1]


def _draw_groups(strip: Any, axes: Any, groups: Numbers, scale: float) -> None:
    """Colour the servers of each group at the side, frame its block, and say how many they are."""
    from matplotlib.patches import Rectangle

    strip.set_xlim(0, 1)
    strip.set_axis_off()
    start = named = 0
    for number, members in groupby(groups.tolist()):
        end = start + len(list(members))
        if number != NOTHING and end - start > 1:
            colour = _GROUP_COLOURS[number % len(_GROUP_COLOURS)]
            strip.add_patch(Rectangle((0, start - 0.5), 1, end - start, facecolor=colour, edgecolor="none"))
            block = (start - 0.5, start - 0.5), end - start, end - start
            axes.add_patch(Rectangle(*block, fill=False, edgecolor="white", linewidth=1.4))
            if named < _MOST_GROUPS_NAMED and end - start >= len(groups) / _FEWEST_TO_NAME:
                words = f"{number + 1}: {end - start} servers"
                axes.text(
                    len(groups) - 0.2, (start + end - 1) / 2, words, fontsize=8 * scale, va="center", color=LIGHT.ink
                )
                named += 1
        start = end


def _name_servers(strip: Any, picture: MatrixPicture, font: float) -> None:
    for place, server in enumerate(picture.order):
        name = _shortened(sanitise(picture.names[server]))
        strip.text(-0.4, place, name, fontsize=font, ha="right", va="center", color=LIGHT.ink, parse_math=False)


def _shortened(name: str) -> str:
    """Cut a long name in its middle: its end says the port."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[: half - 1]}…{name[-half:]}"


def _say(axes: Any, picture: MatrixPicture, scale: float) -> None:
    caption = "\n".join(sanitise(line) for line in picture.caption.split("\n"))
    axes.set_title(sanitise(picture.title), loc="left", fontsize=12 * scale, color=LIGHT.ink, parse_math=False)
    axes.set_xlabel(caption, fontsize=9 * scale, color=LIGHT.muted, parse_math=False, loc="left")


def _colour_bar(figure: Any, axes: Any, shown: Any, picture: MatrixPicture, scale: float) -> None:
    bar = figure.colorbar(shown, cax=axes)
    bar.set_label(picture.unit, fontsize=9 * scale, color=LIGHT.ink)
    bar.ax.tick_params(labelsize=8 * scale)
    if picture.threshold <= picture.most:
        bar.ax.axhline(picture.threshold, color="white", linewidth=2)
        bar.ax.text(
            -0.25, picture.threshold, "linked\nup to", fontsize=7 * scale, va="center", ha="right", color=LIGHT.muted
        )
