"""The charts of the report, and their way into SVG files in a light and a dark dress."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import altair as alt

from electrum_observatory.analysis.machines import Machine
from electrum_observatory.report.palette import LIGHT, in_dark

Chart: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart

_WIDTH = 440
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_BINS_PER_DECADE = 6
_FAMILIES = ("IPv4", "IPv6", "onion", "unresolved")
_STATES = ("answered", "connected, no answer", "no connection")


def latency_histogram(milliseconds: Sequence[float]) -> Chart:
    """Count machines by round trip, in bins of equal width on a logarithmic scale."""
    bins = latency_bins(milliseconds)
    most = max((math.ceil(line["machines"]) for line in bins), default=1)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=bins))
        .mark_bar(color=LIGHT.strong, stroke=LIGHT.line, strokeWidth=1)
        .encode(
            x=alt.X("from:Q", title="shortest round trip, ms (log scale)", scale=_log_scale(bins), axis=_decades()),
            x2="to:Q",
            y=alt.Y("machines:Q", title="machines", scale=alt.Scale(domain=[0, most]), axis=_counts()),
            y2="none:Q",
        )
        .properties(width=_WIDTH, height=210)
    )
    return chart


def latency_bins(milliseconds: Sequence[float]) -> list[dict[str, float]]:
    """Return the bins of the histogram with their bounds in ms; what is below 0.1 ms falls into the first."""
    count: dict[int, int] = {}
    for value in milliseconds:
        index = math.floor(math.log10(max(value, 0.1)) * _BINS_PER_DECADE + 1e-9)
        count[index] = count.get(index, 0) + 1
    width = 10 ** (1 / _BINS_PER_DECADE)
    return [
        {"from": width**index, "to": width ** (index + 1), "machines": number, "none": 0}
        for index, number in sorted(count.items())
    ]


def reachability_bars(machines: Sequence[Machine]) -> Chart:
    """Count dialled endpoints by transport and by address family, split by how far the visit came."""
    header = alt.Header(orient="top", labelAnchor="start", labelFontSize=13, labelColor=LIGHT.ink, labelPadding=4)
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=reachability(machines)))
        .mark_bar(height=18)
        .encode(
            x=alt.X("endpoints:Q", title="endpoints", stack="zero", axis=_counts()),
            y=alt.Y("group:N", title=None, sort=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8)),
            color=alt.Color(
                "state:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=list(_STATES), range=[LIGHT.strong, LIGHT.middle, LIGHT.weak]),
                legend=alt.Legend(orient="top", symbolType="square", columnPadding=14),
            ),
            order=alt.Order("rank:Q"),
            row=alt.Row("by:N", title=None, sort="descending", header=header, spacing=14),
        )
        .properties(width=_WIDTH - 20, height=alt.Step(28))
        .resolve_scale(y="independent")
    )
    return chart


def reachability(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """Return dialled endpoints per transport and per address family and state; each is once in either of the two."""
    count: dict[tuple[str, int], int] = {}
    for row in (row for machine in machines for row in machine.endpoints if row.dialled):
        state = 0 if row.answered else 1 if row.reachable else 2
        for group in (row.transport, _family(row.host, row.address)):
            count[group, state] = count.get((group, state), 0) + 1
    order = ("tcp", "ssl", "ws", "wss", *_FAMILIES)
    return [
        {
            "by": "by address" if group in _FAMILIES else "by transport",
            "group": group,
            "state": _STATES[state],
            "rank": state,
            "endpoints": count[group, state],
        }
        for group in order
        for state in range(len(_STATES))
        if (group, state) in count
    ]


def save(chart: Chart, folder: Path, name: str) -> None:
    """Write ``<name>.svg`` and ``<name>-dark.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    svg = to_svg(chart)
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{name}-dark.svg").write_text(in_dark(svg), encoding="utf-8")


def to_svg(chart: Chart) -> str:
    """Render a chart in the light palette, without a background."""
    buffer = io.StringIO()
    _dressed(chart).save(buffer, format="svg")
    return buffer.getvalue()


def _dressed(chart: Chart) -> Chart:
    text = {"labelFontSize": 13, "titleFontSize": 13, "labelColor": LIGHT.muted, "titleColor": LIGHT.muted}
    dressed: Chart = (
        chart.configure(background="transparent", font=_FONT, padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            **text,
            titleFontWeight="normal",
            domainColor=LIGHT.weak,
            tickColor=LIGHT.weak,
            gridColor=LIGHT.land,
            gridOpacity=0.7,
            titlePadding=8,
        )
        .configure_axisY(grid=True)
        .configure_legend(labelFontSize=13, labelColor=LIGHT.ink, symbolSize=110)
    )
    return dressed


def _log_scale(bins: Sequence[dict[str, float]]) -> alt.Scale:
    low, high = (bins[0]["from"], bins[-1]["to"]) if bins else (1, 1000)
    return alt.Scale(type="log", domain=[low, high], nice=False)


def _counts() -> alt.Axis:
    return alt.Axis(tickMinStep=1, tickCount=6, format=",d")


def _decades() -> alt.Axis:
    return alt.Axis(
        values=[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000], format="~g", grid=False
    )


def _family(host: str, address: str | None) -> str:
    if address is None:
        return "onion" if host.endswith(".onion") else "unresolved"
    return "IPv6" if ":" in address else "IPv4"
