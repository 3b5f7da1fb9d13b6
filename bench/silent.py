"""A thousand endpoints of which three in ten never answer: does the scan take the time of its slowest timeouts only?

Half of the silent ones accept connections (and TLS) and never say a word; half drop every packet, as the lab's injected
network has it: the overlay names their addresses, and a connection attempt to them only ever times out.
"""

from dataclasses import replace

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import scan
from bench.worlds import lab_in, plain_world
from electrum_observatory.lab.world_file import WorldFile
from electrum_observatory.lab.world_options import Fault, FaultShare

MACHINES, SMALL_MACHINES = 500, 20
SILENT_SHARE = 0.3
TIMEOUT_S, SMALL_TIMEOUT_S = 8, 2
WALL_S = 25


async def run(bench: Bench) -> RowResult:
    """Scan such a network with eight seconds for each step, and account for every endpoint."""
    machines = SMALL_MACHINES if bench.small else MACHINES
    timeout_s = SMALL_TIMEOUT_S if bench.small else TIMEOUT_S
    world = silent_world(machines, seed=bench.seed)
    async with lab_in(bench.folder / "lab", world, workers=bench.workers):
        done = await scan(bench.folder / "lab", bench.folder / "data", settings=_timeouts(timeout_s))
    endpoints, silent = 2 * machines, 2 * round(machines * SILENT_SHARE / 2)
    return RowResult(
        figures=(
            Figure(name="wall time of the command", measured=done.wall_s, unit="s", at_most=WALL_S),
            Figure(
                name=f"answers missed of {endpoints - 2 * silent:,}",
                measured=endpoints - 2 * silent - done.counts["verified"],
                at_most=0,
                always=True,
            ),
            Figure(
                name=f"silent endpoints of {silent:,} not recorded as read_timeout",
                measured=abs(silent - done.counts.get("failed_read_timeout", 0)),
                at_most=0,
                always=True,
            ),
            Figure(
                name=f"unreachable endpoints of {silent:,} not recorded as connect_timeout",
                measured=abs(silent - done.counts.get("failed_connect_timeout", 0)),
                at_most=0,
                always=True,
            ),
            *(one for one in done.costs() if not one.name.startswith("wall")),
        ),
        facts={"machines": machines, "timeout_s": timeout_s, "seed": bench.seed, "counts": dict(done.counts)},
    )


def silent_world(machines: int, *, seed: int) -> WorldFile:
    """Return a plain world, in time as it is, part of whose machines never answer and are listed like the others."""
    world = plain_world(machines, seed=seed, time_scale=1.0)
    (group,) = world.groups
    faults = tuple(FaultShare(fault=fault, share=SILENT_SHARE / 2) for fault in (Fault.MUTE, Fault.SILENT))
    return replace(
        world,
        name=f"bench-silent-{machines}",
        groups=(replace(group, faults=faults),),
        gossip=replace(world.gossip, stale_share=world.gossip.known_share),
    )


def _timeouts(seconds: float) -> dict[str, str]:
    """Return the settings under which no step of a visit is waited for any longer."""
    names = ("DIALLING__CONNECT", "DIALLING__TLS", "SCAN__DEADLINES__REQUEST_S")
    return {f"OBSERVATORY_{name}": str(seconds) for name in names}
