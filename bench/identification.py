"""How sure an answer says it is, against how often it is right.

Two sources whose truth is known. Recordings of real servers lose a share of their connections at random, over many
seeds: the answer must stay right. Simulated servers of every program keep only a few connections, so that answers are
hard: of those that name a program, as many must be right as they say. Simulated servers are drawn program by program
as public lists have them, since that is what the confidence is about.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bench.builds import in_range
from bench.fleet import Fleet
from bench.frame import Bench, Figure, RowResult
from electrum_observatory.analysis.builds.evidence import Evidence, read_dialogue
from electrum_observatory.analysis.builds.identify import Identification, conclude
from electrum_observatory.analysis.builds.inference import PRIOR
from electrum_observatory.lab.scenarios import Scenario, load_scenario
from electrum_observatory.lab.truth import BuildTruth, truth_of
from electrum_observatory.lab.world import World
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.store.importers.recordings import read_recording

RECORDED = {
    "ex116": BuildTruth(implementation="electrumx", version="1.16.0", checkout=None),
    "ex118": BuildTruth(implementation="electrumx", version="1.18.0", checkout=None),
    "ex120": BuildTruth(implementation="electrumx", version="1.20.0", checkout=None),
    "fulc": BuildTruth(implementation="fulcrum", version="2.1.1", checkout=None),
}
LOST = 0.2
KEPT = (1, 2, 3, 5, 8)
BINS = (0.95, 0.98, 0.99, 1.0)
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_SHARED = Path(os.environ.get("OBSERVATORY_SHARED", "../shared"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer whose truth is known.

    Attributes:
        confidence: As shown; 0 where no program was named.
        right: The program is right and the true version lies in the range.
    """

    confidence: float
    right: bool


def judged(truth: BuildTruth, found: Identification) -> Answer:
    """Compare an answer with the truth."""
    right = found.implementation == truth.implementation and in_range(truth, found)
    return Answer(confidence=found.confidence, right=right)


def thinned_recordings(*, seeds: Sequence[int]) -> Iterator[Answer]:
    """Delete a share of each recording's connections, names masked, once for each seed."""
    for path in sorted((_SHARED / "transcripts").glob("*.jsonl.xz")):
        truth = RECORDED[path.name.partition("-")[0]]
        (dialogues,) = read_recording(path).values()
        evidence = _read(dialogues)
        for seed in seeds:
            chance = random.Random(f"{seed} {path.name}")
            kept = [one for one in evidence if chance.random() >= LOST]
            yield judged(truth, conclude(kept, mask_names=True))


def thinned_machines(*, seed: int, machines: int, draws: int) -> Iterator[Answer]:
    """Keep few connections of simulated servers, half of the time with names masked."""
    world = World.build(load_scenario(Scenario.BUILDS_300), seed=seed, now=_NOW)
    truth = {one.machine: one.build for one in truth_of(world).machines}
    fleet = Fleet(world)
    chance = random.Random(seed)
    visited: dict[str, list[tuple[BuildTruth, list[Evidence]]]] = {}
    for machine in chance.sample(world.machines, machines):
        build = truth[machine.machine_id]
        if build is not None:
            heard = fleet.visit(machine.machine_id, 0, 100.0, transport=chance.choice(sorted(machine.ports)))
            visited.setdefault(build.implementation, []).append((build, _read(heard.dialogues)))
    programs = sorted(visited)
    for program in chance.choices(programs, [PRIOR[program] for program in programs], k=draws):
        build, evidence = chance.choice(visited[program])
        kept = chance.sample(evidence, min(len(evidence), chance.choice(KEPT)))
        yield judged(build, conclude(kept, mask_names=chance.random() < 0.5))


def _read(dialogues: Sequence[Dialogue]) -> list[Evidence]:
    return [read_dialogue(dialogue) for dialogue in dialogues]


def reliability(answers: Sequence[Answer]) -> list[str]:
    """Say for each bin of confidence how many answers it has, what they say on average, and how many are right."""
    rows = []
    for low, high in pairwise(BINS):
        inside = [answer for answer in answers if low <= answer.confidence < high]
        if inside:
            said = sum(answer.confidence for answer in inside) / len(inside)
            right = sum(answer.right for answer in inside) / len(inside)
            rows.append(f"{low:.2f} to {high:.2f}: {len(inside)} answers, say {said:.3f}, right {right:.3f}")
    return rows


async def run(bench: Bench) -> RowResult:
    """Thin recordings and simulated servers, and compare."""
    seeds = range(bench.seed, bench.seed + (2 if bench.small else 200))
    machines, draws = (6, 150) if bench.small else (100, 10_000)
    recorded = list(thinned_recordings(seeds=seeds))
    simulated = list(thinned_machines(seed=bench.seed, machines=machines, draws=draws))
    named = [answer for answer in simulated if answer.confidence > 0]
    said = sum(answer.confidence for answer in named) / len(named)
    right = sum(answer.right for answer in named) / len(named)
    return RowResult(
        figures=(
            Figure(name="thinned recordings", measured=len(recorded), at_least=1400),
            Figure(name="of them wrong", measured=sum(not one.right for one in recorded), at_most=0, always=True),
            Figure(name="simulated answers that name a program", measured=len(named) / len(simulated)),
            Figure(name="they say on average", measured=said),
            Figure(name="and are right", measured=right, at_least=said - 0.01),
        ),
        facts={
            "seed": bench.seed,
            "lost of recordings": LOST,
            "connections kept of simulated servers": KEPT,
            "reliability": reliability(simulated),
            "wrong among those named": dict(Counter(f"{one.confidence:.2f}" for one in named if not one.right)),
        },
    )
