"""The world map: one disc per place, its area the number of machines. No text inside, so it shrinks to any width."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import altair as alt

from electrum_observatory.analysis.machines import Machine
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.report.palette import LIGHT

_ANTARCTICA = "010"
_LARGEST_DISC = 1300  # square pixels at a width of 960


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Machines at one place.

    Attributes:
        city: Name of the place; None where the table gives coordinates only.
        country: ISO 3166-1 alpha-2.
        latitude: Degrees north, of the first machine there.
        longitude: Degrees east, of the first machine there.
        machines: How many.
    """

    city: str | None
    country: str | None
    latitude: float
    longitude: float
    machines: int


def spots(machines: Iterable[Machine]) -> tuple[Spot, ...]:
    """Place the machines that answered, each once, the fullest place first; those without coordinates are left out."""
    count: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], tuple[ServerRow, float, float]] = {}
    for machine in machines:
        found = next((placed for row in machine.endpoints if (placed := _placed(row)) is not None), None)
        if not machine.answered or found is None:
            continue
        row, latitude, longitude = found
        place = (row.country, row.city or (latitude, longitude))
        count[place] += 1
        first.setdefault(place, found)
    return tuple(_spot(*first[place], machines=number) for place, number in count.most_common())


def world_map(places: Sequence[Spot], width: int = 960) -> alt.LayerChart | alt.FacetChart:
    """Draw the places on the world in the Equal Earth projection, in which areas compare."""
    land = (
        alt.Chart(alt.InlineData(values=_countries(), format=alt.TopoDataFormat(type="topojson", feature="countries")))
        .transform_filter(f"datum.id != '{_ANTARCTICA}'")
        .mark_geoshape(fill=LIGHT.land, stroke=LIGHT.line, strokeWidth=0.5)
    )
    discs = (
        alt.Chart(alt.InlineData(values=[_point(place) for place in places]))
        .mark_circle(color=LIGHT.strong, opacity=0.85, stroke=LIGHT.line, strokeWidth=1.2)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("machines:Q", legend=None, scale=_area(places)),
            order=alt.Order("machines:Q", sort="descending"),
        )
    )
    return (
        alt.layer(land, discs)
        .project(type="equalEarth", rotate=[-11, 0, 0])
        .properties(width=width, height=round(width * 0.44))
    )


def _placed(row: ServerRow) -> tuple[ServerRow, float, float] | None:
    return None if row.latitude is None or row.longitude is None else (row, row.latitude, row.longitude)


def _spot(row: ServerRow, latitude: float, longitude: float, *, machines: int) -> Spot:
    return Spot(city=row.city, country=row.country, latitude=latitude, longitude=longitude, machines=machines)


def _area(places: Sequence[Spot]) -> alt.Scale:
    most = max((place.machines for place in places), default=1)
    return alt.Scale(type="linear", domain=[0, max(most, 8)], range=[0, _LARGEST_DISC])


def _point(place: Spot) -> dict[str, float]:
    return {"latitude": place.latitude, "longitude": place.longitude, "machines": place.machines}


def _countries() -> str:
    """Return TopoJSON as text: altair copies values deeply at every step, and Vega reads the text as well."""
    data = files("electrum_observatory.report").joinpath("data", "countries-110m.json")
    return data.read_text(encoding="utf-8")
