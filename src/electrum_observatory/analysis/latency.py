"""Round-trip times per machine, and how far chain tips lag behind one another."""

from collections.abc import Iterable, Sequence
from statistics import median

from electrum_observatory.analysis.machines import Machine
from electrum_observatory.datasets.genesis import GenesisState


def shortest_pings(machines: Iterable[Machine]) -> tuple[float, ...]:
    """Return each machine's shortest round trip in ms, over its endpoints that were asked directly, in order.

    Endpoints behind a proxy are left out: their times are the proxy's as much as the server's.
    """
    per_machine = (
        [row.ping_min_ms for row in machine.endpoints if row.ping_min_ms is not None and not row.via_proxy]
        for machine in machines
    )
    return tuple(sorted(min(pings) for pings in per_machine if pings))


def median_or_none(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def highest_tip(machines: Iterable[Machine]) -> int | None:
    """Return the greatest height that anybody named who is not known to serve another chain; None where none did."""
    rows = (row for machine in machines for row in machine.endpoints if row.genesis is not GenesisState.OTHER)
    heights = [row.tip_height for row in rows if row.tip_height is not None]
    return max(heights, default=None)
