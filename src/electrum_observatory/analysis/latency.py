"""Round-trip times per machine, and the height that chain tips are compared with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median, median_low

from electrum_observatory.analysis.chains import of_this_network
from electrum_observatory.analysis.machines import Machine


def shortest_pings(machines: Iterable[Machine]) -> tuple[float, ...]:
    """Return each machine's shortest round trip in ms, over its endpoints that were asked directly, in order.

    Endpoints of another chain are left out, and those behind a proxy: their times are the proxy's as much as the
    server's.
    """
    per_machine = (
        [
            row.ping_min_ms
            for row in of_this_network(machine.endpoints)
            if row.ping_min_ms is not None and not row.via_proxy
        ]
        for machine in machines
    )
    return tuple(sorted(min(pings) for pings in per_machine if pings))


def median_or_none(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def agreed_tip(machines: Iterable[Machine]) -> int | None:
    """Return the greatest height that two machines name; where no two agree, the (lower) median of all heights.

    One machine alone, however great its claim, moves nobody's distance from the tip. Endpoints of another chain have no
    say. None where no height was learned.
    """
    named = [_heights(machine) for machine in machines]
    count = Counter(height for heights in named for height in heights)
    agreed = [height for height, machines_of in count.items() if machines_of > 1]
    if agreed:
        return max(agreed)
    tops = [max(heights) for heights in named if heights]
    return median_low(tops) if tops else None


def _heights(machine: Machine) -> set[int]:
    return {row.tip_height for row in of_this_network(machine.endpoints) if row.tip_height is not None}
