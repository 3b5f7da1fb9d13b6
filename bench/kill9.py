"""Kill a real scan at random moments, over and over: is anything acknowledged missing, is anybody asked twice?

The killer reads what the scan acknowledges through a pipe (``bench.killed_scan``), sends SIGKILL at a moment drawn from
the seed (while it starts, asks, seals, writes files), opens the store, compares, and goes on with the same campaign
until it is complete. The lab's own book of visitors says who was asked, whatever the scanner believes.
"""

from random import Random

from bench.frame import Bench, Figure, RowResult
from bench.killer import Killer, Losses
from bench.worlds import lab_in, plain_world

MACHINES, SMALL_MACHINES = 60, 12
KILLS, SMALL_KILLS = 50, 5
_MOST_ROUNDS_PER_KILL = 4


async def run(bench: Bench) -> RowResult:
    """Kill, compare, go on; see the module."""
    machines, kills = (SMALL_MACHINES, SMALL_KILLS) if bench.small else (MACHINES, KILLS)
    losses = Losses()
    async with lab_in(bench.folder / "lab", plain_world(machines, seed=bench.seed), workers=bench.workers) as lab:
        killer = Killer(lab, bench.folder / "lab", Random(bench.seed), losses)
        for number in range(_MOST_ROUNDS_PER_KILL * kills):
            if losses.kills >= kills:
                break
            await killer.campaign(bench.folder / f"data-{number}", until=kills)
    return RowResult(
        figures=(
            Figure(name="kills at random moments", measured=losses.kills, at_least=kills, always=True),
            Figure(name="acknowledged facts missing", measured=losses.missing, at_most=0, always=True),
            Figure(name="unreadable stores", measured=losses.unreadable, at_most=0, always=True),
            Figure(name="asked again after an outcome was stored", measured=losses.asked_twice, at_most=0, always=True),
            Figure(name="finished campaigns that are wrong", measured=len(losses.wrong), at_most=0, always=True),
            Figure(name="campaigns finished", measured=losses.campaigns),
            Figure(name="facts acknowledged", measured=losses.acknowledged),
            Figure(name="asked anew, their visit having been cut off", measured=losses.asked_anew),
            *(Figure(name=f"kills while {phase}", measured=number) for phase, number in losses.by_phase.items()),
        ),
        facts={
            "machines": machines,
            "seed": bench.seed,
            "kills_by_phase": dict(losses.by_phase),
            "wrong": losses.wrong,
        },
    )
