"""The default profile, as strangers' servers meet it: how often does each machine see us, and what do we ask?"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import scan
from bench.worlds import lab_in, plain_world
from electrum_observatory.lab.visits import Arrival
from electrum_observatory.scanner.config import ScanConfig

MACHINES, SMALL_MACHINES = 24, 4
SMALL_TIME_SCALE = 4.0
SLACK_S = 0.5
"""The servers see a visitor when its handshakes are done, a few milliseconds after it began to dial; more on a busy
computer."""
MINUTE_S = 60.0

Stay: TypeAlias = tuple[float, float]


async def run(bench: Bench) -> RowResult:
    """Scan a small network in real time with the profile for strangers (the small twin lets time run faster)."""
    machines = SMALL_MACHINES if bench.small else MACHINES
    scale = SMALL_TIME_SCALE if bench.small else 1.0
    world = plain_world(machines, seed=bench.seed, time_scale=scale)
    async with lab_in(bench.folder / "lab", world, workers=bench.workers) as lab:
        done = await scan(bench.folder / "lab", bench.folder / "data", profile="default")
        arrivals = await lab.arrivals()
    seen = _by_machine(arrivals, scale)
    budgets = ScanConfig().budgets
    return RowResult(
        figures=(
            Figure(
                name="shortest time between two connections to a machine",
                measured=min(_gaps(seen.values()), default=budgets.spacing_s),
                unit="s",
                at_least=budgets.spacing_s - SLACK_S * scale,
                always=True,
            ),
            Figure(
                name="most connections a machine saw in a minute",
                measured=max(map(_most_in_a_minute, seen.values())),
                at_most=MINUTE_S / budgets.spacing_s + 1,
                always=True,
            ),
            Figure(
                name="most connections open to a machine at once",
                measured=max(map(_most_at_once, seen.values())),
                at_most=budgets.connections_at_once,
                always=True,
            ),
            _most("requests of one connection", [one.requests for one in arrivals], budgets.requests),
            _most("error replies to one connection", [one.errors for one in arrivals], budgets.errors),
            Figure(name="endpoints lost", measured=2 * machines - done.counts["verified"], at_most=0, always=True),
            Figure(name="connections per machine", measured=sum(map(len, seen.values())) / machines),
            *done.costs(),
        ),
        facts={"machines": machines, "time_scale": scale, "seed": bench.seed, "counts": dict(done.counts)},
    )


def _most(name: str, counts: Sequence[int], budget: int) -> Figure:
    return Figure(name=f"most {name}", measured=max(counts), at_most=budget, always=True)


def _by_machine(arrivals: Iterable[Arrival], scale: float) -> Mapping[str, Sequence[Stay]]:
    """Return from when to when each machine had a visitor, in seconds of the world, oldest first."""
    seen: dict[str, list[Stay]] = defaultdict(list)
    for one in arrivals:
        seen[one.machine].append((one.at_s * scale, math.inf if one.left_s is None else one.left_s * scale))
    return {machine: sorted(stays) for machine, stays in seen.items()}


def _gaps(seen: Iterable[Sequence[Stay]]) -> Iterable[float]:
    return (later - earlier for stays in seen for (earlier, _), (later, _) in itertools.pairwise(stays))


def _most_in_a_minute(stays: Sequence[Stay]) -> int:
    return max(sum(start <= other < start + MINUTE_S for other, _ in stays) for start, _ in stays)


def _most_at_once(stays: Sequence[Stay]) -> int:
    return max(sum(start <= moment < end for start, end in stays) for moment, _ in stays)
