"""How much of each lie it takes until it is found: modified servers among honest ones, over dose and number of rounds.

Every lie is put into servers of all programs that could show it, at several doses, and the network is visited round by
round; a server is found where anything at all is held against it. Modified servers share one vote, so that they never
outvote the honest panel that they are compared with. What treats clients differently is looked for with the arms of
``bench.treatment``, everything else with the ordinary visits.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice

from bench.fleet import BUSY, CALM, CLIENT_NAME, Fleet
from bench.frame import Bench, Figure, RowResult
from bench.power_plan import LIES, PANEL, Lie
from bench.rounds import Round, treatment
from bench.signs import Examiner
from bench.treatment import ask_round, asked, questions_of
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_yaml import parse_world

LOOKED_AFTER = (1, 2, 4, 8)
"""Rounds after which the network is judged."""
BATTERIES = 2
"""The first rounds have the whole battery, the others are routine."""
ARM_ROUNDS = 22
BETWEEN_ARM_ROUNDS_S = 2000.0
WANTED = 0.95
_NOW = datetime(2026, 11, 21, tzinfo=UTC)
_KINDS = ("p2pkh", "p2wpkh", "p2tr")
_BURST = tuple(f"{number:064x}" for number in range(1, 21))
_HEAD = """\
schema_version: 1
name: power
chain: {height: 300}
mempool: %s
groups:
"""
_GROUP = "  - {{id: {slug}, machines: 1, software: [{{personality: {personality}}}], providers: [{{provider: hetzner}}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many of the servers with one lie at one dose were found.

    Attributes:
        lie: Which.
        dose: How much of it.
        rounds: After how many rounds.
        found: How many.
        of: Of how many.
    """

    lie: Lie
    dose: float
    rounds: int
    found: int
    of: int

    @property
    def rate(self) -> float:
        """Share that was found."""
        return self.found / self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What came of a search.

    Attributes:
        found: Of every lie, dose and number of rounds.
        accused: Honest servers of the panel against which anything was held, with what it was.
    """

    found: tuple[Found, ...]
    accused: tuple[str, ...]

    def at_documented(self) -> tuple[Found, ...]:
        """Return what was found at the documented doses in the end."""
        last = {(one.lie, one.dose): one for one in self.found}
        return tuple(one for (lie, dose), one in last.items() if dose == lie.documented)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planted:
    machine: str
    lie: Lie
    dose: float


def power(
    lies: Sequence[Lie],
    *,
    servers: int,
    elsewhere: int,
    seed: int,
    looked_after: Sequence[int] = LOOKED_AFTER,
    batteries: int = BATTERIES,
    mempool: str = BUSY,
) -> Curve:
    """Plant every lie and look for it.

    Args:
        lies: Which.
        servers: How many of each, at its documented dose.
        elsewhere: How many of each, at each other dose.
        seed: Chance of world and lies.
        looked_after: Rounds after which is counted who was found.
        batteries: How many of the rounds, the first ones, have the battery besides the routine.
        mempool: What goes on in the network's, as in a world file.
    """
    planted = list(_plant(lies, servers, elsewhere))
    fleet = Fleet(World.build(parse_world(_world(planted, mempool), "power"), seed=seed, now=_NOW))
    ordinary = [one for one in planted if not one.lie.arms]
    arms = [one for one in planted if one.lie.arms]
    machines = [*_panel(), *(one.machine for one in ordinary)]
    visited = list(fleet.rounds(max(looked_after), machines=machines, batteries=batteries))
    examiner = Examiner(fleet.reference, backends={one.machine: "modified" for one in ordinary})
    found: list[Found] = []
    accused: set[str] = set()
    for rounds in looked_after:
        signs = examiner.signs([one for one in visited if one.number < rounds])
        found += _counted(ordinary, {machine: bool(held) for machine, held in signs.items()}, rounds)
        accused |= {f"{machine}: {sign}" for machine in _panel() for sign in signs[machine]}
    return Curve(found=(*found, *_by_arms(fleet, arms, seed)), accused=tuple(sorted(accused)))


def _plant(lies: Sequence[Lie], servers: int, elsewhere: int) -> Iterator[_Planted]:
    for lie in lies:
        for level, dose in enumerate(lie.doses):
            for number in range(servers if dose == lie.documented else elsewhere):
                yield _Planted(machine=f"{lie.slug}-{level}-{number}-1", lie=lie, dose=dose)


def _world(planted: Sequence[_Planted], mempool: str) -> str:
    lines = [
        _GROUP.format(slug=f"panel-{number}", personality=personality) + "}" for number, personality in enumerate(PANEL)
    ]
    programs: dict[str, Iterator[str]] = {}
    for one in planted:
        program = next(programs.setdefault(one.lie.slug, cycle(one.lie.personalities)))
        text = "" if one.lie.text is None else f", text: {one.lie.text}"
        modified = f", modified: [{{mutator: {one.lie.mutator}, dose: {one.dose}{text}}}]}}"
        lines.append(_GROUP.format(slug=one.machine.removesuffix("-1"), personality=program) + modified)
    return _HEAD % mempool + "\n".join(lines) + "\n"


def _panel() -> list[str]:
    return [f"panel-{number}-1" for number in range(len(PANEL))]


def _by_arms(fleet: Fleet, planted: Sequence[_Planted], seed: int) -> list[Found]:
    if not planted:
        return []
    scripts = {one.kind: one.scripthash for one in fleet.reference.frozen_scripts if one.name.startswith("frozen")}
    questions = questions_of({kind.value: script for kind, script in scripts.items() if kind and kind in _KINDS})

    def rounds_of(machine: str) -> list[Round]:
        rng = random.Random(f"{seed} {machine}")  # a simulation, no secret
        return [
            ask_round(
                fleet.program(machine),
                questions,
                at=100.0 + number * BETWEEN_ARM_ROUNDS_S,
                rng=rng,
                client_name=CLIENT_NAME,
                burst_scripts=_BURST,
            )
            for number in range(ARM_ROUNDS)
        ]

    panel = list(zip(*(rounds_of(machine) for machine in islice(_panel(), 3)), strict=True))
    differs = {
        one.machine: bool(treatment(rounds_of(one.machine), panel, asked(questions)).differences) for one in planted
    }
    return _counted(planted, differs, ARM_ROUNDS)


def _counted(planted: Sequence[_Planted], found: Mapping[str, bool], rounds: int) -> list[Found]:
    groups: defaultdict[tuple[Lie, float], list[bool]] = defaultdict(list)
    for one in planted:
        groups[one.lie, one.dose].append(found[one.machine])
    return [
        Found(lie=lie, dose=dose, rounds=rounds, found=sum(hits), of=len(hits)) for (lie, dose), hits in groups.items()
    ]


async def run(bench: Bench) -> RowResult:
    """Plant every lie; judge each at its documented dose after all rounds."""
    servers, elsewhere = (1, 0) if bench.small else (20, 5)
    mempool = CALM if bench.small else BUSY
    curve = power(LIES, servers=servers, elsewhere=elsewhere, seed=bench.seed, mempool=mempool)
    figures = [
        Figure(name=f"{one.lie.slug} at dose {one.dose:g}, found", measured=one.rate, at_least=WANTED)
        for one in curve.at_documented()
    ]
    return RowResult(
        figures=(
            *figures,
            Figure(name="honest servers of the panel held to lie", measured=len(curve.accused), at_most=0, always=True),
        ),
        facts={
            "servers at the documented dose": servers,
            "at each other": elsewhere,
            "seed": bench.seed,
            "accused": list(curve.accused),
            "curve": [
                f"{one.lie.slug} dose {one.dose:g} after {one.rounds} rounds: {one.found}/{one.of}"
                for one in curve.found
            ],
        },
    )
