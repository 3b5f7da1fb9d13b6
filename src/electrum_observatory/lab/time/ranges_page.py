"""The table of ranges as docs/lab/time.md prints it; a test holds the page to it."""

from electrum_observatory.lab.time.ranges import RANGES, Range


def ranges_table() -> str:
    """Return every parameter with its range, unit and source, as a Markdown table."""
    lines = ["| parameter | range | unit | source |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {_span(one)} | {one.unit} | {one.source} |" for name, one in RANGES.items()]
    return "\n".join(lines) + "\n"


def _span(one: Range) -> str:
    low, high = (f"{end:,.7g}" for end in (one.low, one.high))
    return low if low == high else f"{low} – {high}"
