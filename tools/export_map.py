#!/usr/bin/env python3
"""The world map of one campaign as a single SVG or PNG, with what a figure that travels alone must carry."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from _door import run

from electrum_observatory.cli.console import say
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, GeoIpOption
from electrum_observatory.model.errors import StoreError, UsageError

if TYPE_CHECKING:
    from electrum_observatory.report.findings import Findings

_SUFFIXES = {".svg", ".png"}


def export_map(
    campaign: Annotated[str, typer.Argument(help="Campaign id, its beginning, or 'latest'.")] = "latest",
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="FILE.svg or FILE.png.")] = Path("world_map.svg"),
    width: Annotated[int, typer.Option(min=200, max=4000, help="Width in pixels.")] = 1200,
    data: DataOption = DEFAULT_DATA,
    geoip: GeoIpOption = None,
) -> None:
    """Draw where the machines that answered are; one disc per place, its area the number of machines."""
    if out.suffix not in _SUFFIXES:
        raise UsageError(f"{out}: give a name that ends in .svg or .png")
    try:
        import altair as alt

        from electrum_observatory.report.findings import findings
        from electrum_observatory.report.world_map import world_map
    except ImportError as error:
        raise UsageError(f"the map needs a package that is not installed ({error.name}): the extra 'report'") from error
    from electrum_observatory.datasets.load import first_seen, load
    from electrum_observatory.enrich.places import PlaceBook
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        found = findings(load(reader, campaign), PlaceBook.open(geoip), first_seen(reader))
    placed, answered = sum(spot.machines for spot in found.spots), sum(machine.answered for machine in found.machines)
    if not placed:
        raise UsageError(f"campaign {found.campaign.campaign_id} has no machine that answered and has a known place")
    caption = f"{placed} of {answered} machines that answered · campaign {found.campaign.campaign_id}"
    lines = [*_simulated(found), caption, _seen(found)]
    title = alt.TitleParams(
        lines, subtitle=list(found.attribution), orient="bottom", anchor="start", fontSize=12, subtitleFontSize=9
    )
    try:
        world_map(found.spots, width=width).properties(title=title).save(str(out))
    except OSError as error:
        raise StoreError(f"{out} cannot be written: {error.strerror}") from error
    say(f"{caption}: {out}")


def _simulated(found: "Findings") -> list[str]:
    if found.campaign.overlay is None:
        return []
    return ["A simulated network: its servers, names and places are invented."]


def _seen(found: "Findings") -> str:
    from electrum_observatory.report.rendering import window

    return f"seen from vantage “{found.campaign.vantage}” {window(found.window.first_us, found.window.last_us)}"


if __name__ == "__main__":
    run(export_map)
