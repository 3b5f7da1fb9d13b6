"""Why endpoints did not answer, by step and kind, counted as endpoints and as machines."""

from collections.abc import Iterable
from dataclasses import dataclass

from electrum_observatory.analysis.machines import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """One way not to answer.

    Attributes:
        side: Whose trouble it is: theirs, network or ours.
        stage: The step that failed.
        kind: How.
        endpoints: Endpoints that failed so.
        machines: Machines with such an endpoint.
        silent_machines: Those of them of which no endpoint answered.
    """

    side: str
    stage: str
    kind: str
    endpoints: int
    machines: int
    silent_machines: int


def failure_counts(machines: Iterable[Machine]) -> tuple[FailureCount, ...]:
    """Return one line per (stage, kind), the most endpoints first."""
    endpoints: dict[tuple[str, str, str], int] = {}
    holders: dict[tuple[str, str, str], dict[str, bool]] = {}
    for machine in machines:
        for row in machine.endpoints:
            if row.failure_side is None or row.failure_stage is None or row.failure_kind is None:
                continue
            way = (row.failure_side, row.failure_stage, row.failure_kind)
            endpoints[way] = endpoints.get(way, 0) + 1
            holders.setdefault(way, {})[machine.machine_id] = not machine.answered
    lines = (
        FailureCount(
            side=way[0],
            stage=way[1],
            kind=way[2],
            endpoints=number,
            machines=len(holders[way]),
            silent_machines=sum(holders[way].values()),
        )
        for way, number in endpoints.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.endpoints, line.stage, line.kind)))
