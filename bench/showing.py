"""The bench's results for people, as a table, and for programs, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from bench.frame import Figure
from bench.running import Outcome


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print one table of all figures, then the tracebacks of rows that broke."""
    table = Table(box=None, pad_edge=False)
    for heading, justify in (("row", "left"), ("limits", "left"), ("figure", "left"), ("asked", "right")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    table.add_column("measured", justify="right")
    table.add_column("", justify="left")
    for outcome in outcomes:
        first = outcome.row.name, outcome.row.limits
        if outcome.result is None:
            table.add_row(*first, "the row broke; see below", "", "", "MISSED")
            continue
        for number, figure in enumerate(outcome.result.figures):
            names = first if number == 0 else ("", "")
            table.add_row(*names, figure.name, asked(figure), spelled(figure), verdict(outcome, figure))
    console.print(table)
    for outcome in outcomes:
        if outcome.error:
            console.print(f"\n{outcome.row.name}\n{outcome.error}", markup=False)


def asked(figure: Figure) -> str:
    """Return the bounds in words; "" for a figure that only reports."""
    bounds = (("≥", figure.at_least), ("≤", figure.at_most))
    words = ", ".join(f"{sign} {_number(bound)}" for sign, bound in bounds if bound is not None)
    return f"{words} {figure.unit}".strip() if words else ""


def spelled(figure: Figure) -> str:
    """Return the number with its unit."""
    return f"{_number(figure.measured)} {figure.unit}".strip()


def verdict(outcome: Outcome, figure: Figure) -> str:
    """Return what the figure comes to: "met", "MISSED", or "" where it is not judged."""
    if not outcome.judged(figure):
        return ""
    return "met" if figure.within else "MISSED"


def _number(value: float) -> str:
    """Three significant digits are more than any of these measurements repeats to."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.1f}"


def as_json(outcomes: Sequence[Outcome], facts: Mapping[str, object]) -> dict[str, object]:
    """Return everything for a file."""
    return {"format": "electrum-observatory-bench", "version": 1, "machine": facts, "rows": [*map(_row, outcomes)]}


def _row(outcome: Outcome) -> dict[str, object]:
    result = outcome.result
    figures = result.figures if result is not None else ()
    return {
        "row": outcome.row.name,
        "asks": outcome.row.asks,
        "limits": outcome.row.limits,
        "small": outcome.small,
        "seconds": round(outcome.seconds, 3),
        "met": outcome.met,
        "figures": [asdict(one) | {"verdict": verdict(outcome, one)} for one in figures],
        "facts": dict(result.facts) if result is not None else {},
        "error": outcome.error,
    }
