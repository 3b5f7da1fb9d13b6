"""Honest servers of every program that the lab can play, visited again and again: is anything held against one of them?

The servers stand on bitcoinds of several policies (relay fee, release, missing transactions, slow blocks, no estimates
yet), as innocent differences go. An alarm is one sign at one machine; visits are what a real server would count.
"""

import math
from collections import Counter
from datetime import UTC, datetime

from bench.fleet import BUSY, CALM, Fleet, VisitedMachine
from bench.frame import Bench, Figure, RowResult
from bench.signs import Examiner
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_file import WorldFile
from electrum_observatory.lab.world_yaml import parse_world

LEAST_VISITS = 3000
ROUNDS = 3
"""Fewer would raise no alarm by themselves: a tip lags in three visits, fees are far off at two heights."""
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_CONFIDENCE = 0.95
_HALVINGS = 50
_HEAD = """\
schema_version: 1
name: honest
chain: {{height: 300}}
mempool: {mempool}
nodes:
  low: {{relay_fee: 0.000001, incremental_relay_fee: 0.000001, version: 300000, subversion: "/Satoshi:30.0.0/"}}
  old: {{version: 270000, subversion: "/Satoshi:27.0.0/", misses: 0.05}}
  slow: {{delay_s: 12}}
  young: {{estimates: false}}
groups:
"""
_GROUP = """\
  - id: {slug}
    machines: {machines}
    software: [{{personality: {personality}}}]
    providers: [{{provider: hetzner}}]
    nodes:
      - {{node: default, own: true, weight: 4}}
      - {{node: low, own: true}}
      - {{node: old, own: true}}
      - {{node: slow, own: true}}
      - {{node: young, own: true}}
"""


def honest_world(*, machines: int, mempool: str = BUSY) -> WorldFile:
    """Return a world of so many machines of every program."""
    groups = (
        _GROUP.format(slug=personality.replace("_", "-"), machines=machines, personality=personality)
        for personality in PERSONALITIES
    )
    return parse_world(_HEAD.format(mempool=mempool) + "".join(groups), "honest")


def upper_bound(alarms: int, visits: int) -> float:
    """Return the Clopper-Pearson upper bound (one-sided, 95 %) of the rate of alarms per visit.

    It is the rate at which so few alarms, or fewer, have a probability of 5 %; found by halving.
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(alarms, visits, middle) > 1 - _CONFIDENCE else (low, middle)
    return high


def _at_most(alarms: int, visits: int, rate: float) -> float:
    """Return the binomial probability of so many alarms or fewer."""
    logs = (
        math.lgamma(visits + 1)
        - math.lgamma(count + 1)
        - math.lgamma(visits - count + 1)
        + count * math.log(rate)
        + (visits - count) * math.log1p(-rate)
        for count in range(alarms + 1)
    )
    return math.fsum(map(math.exp, logs))


def alarms_of(
    *, machines: int, rounds: int, seed: int, batteries: int | None = None, mempool: str = BUSY
) -> tuple[Counter[tuple[str, str]], int]:
    """Visit the honest world; return (personality, sign) to how often, and how many visits there were.

    The first ``batteries`` rounds have the battery, or all.
    """
    world = World.build(honest_world(machines=machines, mempool=mempool), seed=seed, now=_NOW)
    fleet = Fleet(world)
    visited = list(
        fleet.rounds(rounds, machines=[machine.machine_id for machine in world.machines], batteries=batteries)
    )
    alarms = Counter(
        (world.machine(machine).personality, sign)
        for machine, signs in Examiner(fleet.reference).signs(visited).items()
        for sign in signs
    )
    return alarms, _visits(visited)


def _visits(visited: list[VisitedMachine]) -> int:
    return sum(one.visits for one in visited)


async def run(bench: Bench) -> RowResult:
    """Visit every program, the small twin with one battery only."""
    machines, batteries, mempool = (1, 1, CALM) if bench.small else (2, ROUNDS, BUSY)
    alarms, visits = alarms_of(machines=machines, rounds=ROUNDS, seed=bench.seed, batteries=batteries, mempool=mempool)
    total = alarms.total()
    return RowResult(
        figures=(
            Figure(name="false alarms", measured=total, at_most=0, always=True),
            Figure(name="visits to honest servers", measured=visits, at_least=LEAST_VISITS),
            Figure(
                name="alarms per 1,000 visits at most (Clopper-Pearson, 95 %)",
                measured=1000 * upper_bound(total, visits),
            ),
        ),
        facts={
            "programs": len(PERSONALITIES),
            "machines of each": machines,
            "rounds": ROUNDS,
            "with the battery": batteries,
            "seed": bench.seed,
            "alarms": [f"{personality}: {sign} x{count}" for (personality, sign), count in sorted(alarms.items())],
        },
    )
