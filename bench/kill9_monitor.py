"""Kill a real monitor at random moments, over and over: is an acknowledged round missing, is a gap invented or hidden?

The killer reads what the monitor acknowledges (a line of ``--json`` for each round once it is on the disk), sends
SIGKILL at a moment drawn from the seed (while it starts, asks, keeps, waits), and lets the next stint go on. It knows
when each process really lived; the blind spells of the store have to say the same, as finely as a heartbeat tells.
"""

from pathlib import Path
from random import Random

from bench.frame import Bench, Figure, RowResult
from bench.monitor_killer import Left, MonitorKiller
from bench.worlds import lab_in, plain_world

MACHINES, SMALL_MACHINES = 40, 8
KILLS, SMALL_KILLS = 20, 3
TIME_SCALE = 50.0
EVERY_S, HEARTBEAT_S = 40.0, 10.0
COMMIT_S = 1.0
"""A sign of life counts once it is on the disk; on a busy one that takes a while."""


async def run(bench: Bench) -> RowResult:
    """Kill, compare; see the module."""
    machines, kills = (SMALL_MACHINES, SMALL_KILLS) if bench.small else (MACHINES, KILLS)
    world = plain_world(machines, seed=bench.seed, time_scale=TIME_SCALE)
    async with lab_in(bench.folder / "lab", world, workers=1):
        left = await killed(bench.folder / "lab", bench.folder / "data", TIME_SCALE, Random(bench.seed), kills)
    return RowResult(
        figures=(
            Figure(name="kills at random moments", measured=left.kills, at_least=kills, always=True),
            Figure(name="acknowledged rounds missing", measured=left.missing, at_most=0, always=True),
            Figure(name="unreadable stores", measured=left.unreadable, at_most=0, always=True),
            Figure(name="gaps invented or hidden", measured=left.invented, at_most=0, always=True),
            Figure(name="gaps that are not the true dead time", measured=left.misdated, at_most=0, always=True),
            Figure(name="a gap begins before the death, at most", measured=left.worst_s, unit="s"),
            Figure(name="gaps", measured=left.spells),
            Figure(name="rounds acknowledged", measured=left.acknowledged),
            Figure(name="rounds kept, their line cut off", measured=left.unacknowledged, at_most=kills, always=True),
            *(Figure(name=f"spells for another reason: {why}", measured=n) for why, n in left.others.items()),
        ),
        facts={"machines": machines, "seed": bench.seed, "heartbeat_s": HEARTBEAT_S / TIME_SCALE},
    )


async def killed(
    lab: Path, data: Path, time_scale: float, chance: Random, kills: int, *, while_starting: bool = True
) -> Left:
    """Kill so many stints of a watch over a running lab, some of them while they start, and say what they left."""
    killer = MonitorKiller(
        (
            str(lab / "bootstrap.txt"),
            *("--overlay", str(lab / "overlay.json"), "--profile", "lab", "--every", f"histogram={EVERY_S}s"),
        ),
        data,
        chance,
        heartbeat_s=HEARTBEAT_S / time_scale + COMMIT_S,
        cadence_s=EVERY_S / time_scale,
    )
    await killer.kill(kills, while_starting=while_starting)
    return killer.look()
