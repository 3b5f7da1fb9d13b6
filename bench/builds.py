"""Three hundred honest machines over every program and build: is the program named, and is its version in the range?

Each machine is visited once, routine and battery, on one of the transports that it offers; what is concluded is held
against the world's truth, with the names that servers give themselves and without. A range is right where the version
that the build would truthfully call itself lies in it, ends included.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import fmean

from bench.fleet import Fleet, VisitedMachine
from bench.frame import Bench, Figure, RowResult
from electrum_observatory.analysis.builds.identify import Identification, identify
from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import BuildTruth, MachineTruth, truth_of
from electrum_observatory.lab.world import World

LEAST_MACHINES = 300
LEAST_RIGHT_RANGES = 0.98
_EVERY_IN_SMALL = 37
_BETWEEN_MACHINES_S = 5.0
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_NUMBER = re.compile(r"\d+")


def visited_world(*, seed: int, every: int = 1) -> tuple[World, list[VisitedMachine]]:
    """Visit every machine of the world, or each so-many-th."""
    world = World.build(load_scenario(Scenario.BUILDS_300), seed=seed, now=_NOW)
    fleet = Fleet(world)
    found = []
    for place, machine in enumerate(world.machines[::every]):
        transport = stream(seed, "transport", machine.machine_id).choice(sorted(machine.ports))
        found.append(fleet.visit(machine.machine_id, 0, 100.0 + place * _BETWEEN_MACHINES_S, transport=transport))
    return world, found


def in_range(build: BuildTruth, concluded: Identification) -> bool:
    """Whether the true version lies in what was concluded; a range without an end is open there."""
    true = _numbers(build.version)
    low, high = concluded.version_min, concluded.version_max
    return (low is None or _numbers(low) <= true) and (high is None or true <= _numbers(high))


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, as many as any has ("2.0" is 2.0.0; "2.0b1" comes before it)."""
    beta = "b" in version
    numbers = [int(number) for number in _NUMBER.findall(version.partition("b")[0])]
    return (*[*numbers, 0, 0, 0][:3], 0 if beta else 1)


async def run(bench: Bench) -> RowResult:
    """Visit the world and conclude twice."""
    world, visited = visited_world(seed=bench.seed, every=_EVERY_IN_SMALL if bench.small else 1)
    truth = {machine.machine: machine for machine in truth_of(world).machines}
    machines = [truth[one.machine] for one in visited]
    figures: list[Figure] = [Figure(name="machines", measured=len(machines), at_least=LEAST_MACHINES)]
    wrong: list[str] = []
    contradicted: Counter[str] = Counter()
    for words, mask in (("", False), (", names masked", True)):
        concluded = [identify(one.dialogues, mask_names=mask) for one in visited]
        figures += _figures(machines, concluded, words)
        wrong += _wrong(machines, concluded, words)
        contradicted.update(
            machine.personality
            for machine, conclusion in zip(machines, concluded, strict=True)
            if conclusion.contradictions
        )
    figures.append(
        Figure(name="honest machines with a contradiction", measured=contradicted.total(), at_most=0, always=True)
    )
    return RowResult(
        figures=tuple(figures),
        facts={"seed": bench.seed, "wrong": wrong, "contradicted": dict(sorted(contradicted.items()))},
    )


def _figures(machines: Sequence[MachineTruth], concluded: Sequence[Identification], words: str) -> tuple[Figure, ...]:
    pairs = [(machine.build, one) for machine, one in zip(machines, concluded, strict=True) if machine.build]
    named = sum(build.implementation == one.implementation for build, one in pairs)
    ranged = sum(build.implementation == one.implementation and in_range(build, one) for build, one in pairs)
    return (
        Figure(name=f"programs named rightly{words}", measured=named / len(pairs), at_least=1.0, always=True),
        Figure(
            name=f"version in the range{words}", measured=ranged / len(pairs), at_least=LEAST_RIGHT_RANGES, always=True
        ),
        Figure(name=f"builds left of each, mean{words}", measured=fmean(len(one.builds) for _, one in pairs)),
    )


def _wrong(machines: Sequence[MachineTruth], concluded: Sequence[Identification], words: str) -> list[str]:
    return [
        f"{machine.personality} {build.version}{words}: {one.implementation} {one.version_min}..{one.version_max}"
        for machine, one in zip(machines, concluded, strict=True)
        if (build := machine.build) and not (build.implementation == one.implementation and in_range(build, one))
    ]
