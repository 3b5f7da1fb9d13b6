"""The charts of a watch: who came and left by day, and how long servers stay."""

from collections.abc import Sequence

import altair as alt

from electrum_observatory.analysis.lifecycle.churn import DayOfChurn, Stay
from electrum_observatory.report.figures import Chart
from electrum_observatory.report.palette import LIGHT

_WIDTH, _HEIGHT = 440, 190
_KINDS = ("appeared", "returned", "left")


def churn_chart(days: Sequence[DayOfChurn]) -> Chart:
    """Draw servers that appeared or returned upwards, those that left downwards, by day."""
    values = [
        {"day": one.day, "what": kind, "servers": sign * number}
        for one in days
        for kind, sign, number in zip(_KINDS, (1, 1, -1), (one.appeared, one.returned, one.left), strict=True)
        if number
    ]
    colours = alt.Scale(domain=list(_KINDS), range=[LIGHT.strong, LIGHT.weak, LIGHT.middle])
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(size=max(2, min(28, _WIDTH * 0.8 / len(days))))
        .encode(
            x=alt.X(
                "day:O",
                title=None,
                scale=alt.Scale(domain=[one.day for one in days]),
                axis=alt.Axis(labelAngle=0, labelOverlap=True, labelExpr="slice(datum.value, 5)"),
            ),
            y=alt.Y("servers:Q", title="servers", axis=alt.Axis(tickMinStep=1, tickCount=5, format=",d")),
            color=alt.Color("what:N", title=None, sort=None, scale=colours, legend=alt.Legend(orient="top")),
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )
    return chart


def stay_chart(stay: Stay) -> Chart:
    """Draw the share of servers that are still there after so many days, with its 95 % interval."""
    values = [
        {"days": day, "share": share, "low": low, "high": high}
        for day, share, low, high in zip(
            (0.0, *stay.days), (1.0, *stay.still_there), (1.0, *stay.low), (1.0, *stay.high), strict=True
        )
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("days:Q", title="days since it appeared", axis=alt.Axis(tickMinStep=1, grid=False))
    )
    share = alt.Y("share:Q", title="still there", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    band = base.mark_area(color=LIGHT.land, interpolate="step-after").encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    line = base.mark_line(color=LIGHT.strong, interpolate="step-after").encode(y=share)
    return alt.layer(band, line).properties(width=_WIDTH, height=_HEIGHT)
