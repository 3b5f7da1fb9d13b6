"""The colours of figures, in a light and a dark dress. ``static/style.css`` carries the same values for the pages.

Series colours are told apart with the usual kinds of colour blindness and in grey print: blue, amber, grey differ in
lightness.
"""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours by their work, as ``#rrggbb``; within one palette all differ, so that an SVG can change its dress.

    Attributes:
        ink: Text.
        muted: Axis labels.
        line: Axis lines, borders of countries.
        land: Countries.
        strong: The main series.
        middle: Second series.
        weak: Third series: what is absent.
    """

    ink: str
    muted: str
    line: str
    land: str
    strong: str
    middle: str
    weak: str


LIGHT = Palette(
    ink="#1a2230",
    muted="#5a6475",
    line="#fbfaf7",
    land="#dcdad2",
    strong="#1f5fa8",
    middle="#d9901a",
    weak="#b9bec8",
)
DARK = Palette(
    ink="#e8eaee",
    muted="#a2abba",
    line="#14181f",
    land="#323a47",
    strong="#6db1f5",
    middle="#f0b54a",
    weak="#555f70",
)


def in_dark(svg: str) -> str:
    """Return an SVG that was drawn in :data:`LIGHT` in the colours of :data:`DARK`."""
    for light, dark in zip(astuple(LIGHT), astuple(DARK), strict=True):
        svg = svg.replace(light, dark)
    return svg
