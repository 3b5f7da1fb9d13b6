"""The default profile, as strangers' servers meet it: how often does each machine see us, and what do we ask?"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

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


async def run(bench: Bench) -> RowResult:
    """Scan a small network in real time with the profile for strangers (the small twin lets time run faster)."""
    machines = SMALL_MACHINES if bench.small else MACHINES
    scale = SMALL_TIME_SCALE if bench.small else 1.0
    world = plain_world(machines, seed=bench.seed, time_scale=scale)
    async with lab_in(bench.folder / "lab", world) as lab:
        done = await scan(bench.folder / "lab", bench.folder / "data", profile="default")
        seen = _by_machine(await lab.arrivals(), scale)
    budgets = ScanConfig().budgets
    visits = done.counts["connections"]
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
            Figure(name="requests per connection", measured=done.counts["requests"] / visits, at_most=budgets.requests),
            Figure(name="endpoints lost", measured=2 * machines - done.counts["verified"], at_most=0, always=True),
            Figure(name="connections per machine", measured=sum(map(len, seen.values())) / machines),
            *done.costs(),
        ),
        facts={"machines": machines, "time_scale": scale, "seed": bench.seed, "counts": dict(done.counts)},
    )


def _by_machine(arrivals: Iterable[Arrival], scale: float) -> Mapping[str, Sequence[float]]:
    """Return when each machine saw a visitor, in seconds of the world, oldest first."""
    seen: dict[str, list[float]] = defaultdict(list)
    for arrival in arrivals:
        seen[arrival.machine].append(arrival.at_s * scale)
    return {machine: sorted(times) for machine, times in seen.items()}


def _gaps(seen: Iterable[Sequence[float]]) -> Iterable[float]:
    return (later - earlier for times in seen for earlier, later in itertools.pairwise(times))


def _most_in_a_minute(times: Sequence[float]) -> int:
    return max(sum(start <= other < start + MINUTE_S for other in times) for start in times)
