"""The picture of builds: machines by program, and within it by the versions that behave so."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from electrum_observatory.analysis.overview import Share
from electrum_observatory.report.palette import LIGHT

_WIDTH = 420
_MOST_BARS = 16
_LONGEST = 40
_MOST_TICKS = 7
_NAMES = alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=260)


def builds_chart(builds: Sequence[Share]) -> alt.Chart:
    """Draw one bar for each build, the most machines first; the rarest make one bar, the unknown another."""
    values = bars(builds)
    ticks = whole_ticks(max((bar["machines"] for bar in values), default=1))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(color=LIGHT.strong, height=16)
        .encode(
            x=alt.X("machines:Q", title="machines", axis=alt.Axis(values=ticks, format=",d")),
            y=alt.Y("build:N", title=None, sort=None, axis=_NAMES),
        )
        .properties(width=_WIDTH - 140, height=alt.Step(24))
    )
    return chart


def bars(builds: Sequence[Share]) -> list[dict[str, Any]]:
    """Return the bars: label and number of machines."""
    known = [line for line in builds if line.label is not None]
    shown, rest = known[:_MOST_BARS], known[_MOST_BARS:]
    found = [{"build": _short(str(line.label)), "machines": line.machines} for line in shown]
    if rest:
        found.append({"build": f"{len(rest)} more builds", "machines": sum(line.machines for line in rest)})
    unknown = sum(line.machines for line in builds if line.label is None)
    return [*found, {"build": "not identified", "machines": unknown}] if unknown else found


def whole_ticks(most: int) -> list[int]:
    """Return at most seven or eight whole numbers from 0 to at least ``most``, evenly spaced."""
    step = next(
        base * 10**power for power in range(12) for base in (1, 2, 5) if base * 10**power * (_MOST_TICKS - 1) >= most
    )
    return list(range(0, most + step, step))


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
