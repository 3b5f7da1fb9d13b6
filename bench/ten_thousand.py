"""Ten thousand endpoints in one campaign: does the scanner's memory depend on how many there are?"""

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import ScanRun, scan
from bench.worlds import LISTED_PEERS, lab_in, plain_world

FEW, MANY = 500, 5_000
SMALL_FEW, SMALL_MANY = 5, 20
SMALL_TIME_SCALE = 10.0


async def run(bench: Bench) -> RowResult:
    """Scan a network of 1,000 endpoints and one of 10,000, and compare peak memory."""
    sizes = (SMALL_FEW, SMALL_MANY) if bench.small else (FEW, MANY)
    few, many = [await _scan(bench, machines) for machines in sizes]
    lost = sum(2 * machines - one.counts["verified"] for machines, one in zip(sizes, (few, many), strict=True))
    return RowResult(
        figures=(
            Figure(name="peak memory of the scanner", measured=many.peak_mb, unit="MB", at_most=400),
            Figure(
                name=f"growth from {few.endpoints:,} to {many.endpoints:,} endpoints",
                measured=many.peak_mb - few.peak_mb,
                unit="MB",
                at_most=150,
            ),
            Figure(name="endpoints lost", measured=lost, at_most=0, always=True),
            *(one for one in many.costs() if not one.name.startswith("peak")),
        ),
        facts={"machines": sizes, "listed_peers": LISTED_PEERS, "seed": bench.seed, "counts": dict(many.counts)},
    )


async def _scan(bench: Bench, machines: int) -> ScanRun:
    folder = bench.folder / f"lab-{machines}"
    world = plain_world(machines, seed=bench.seed, time_scale=SMALL_TIME_SCALE if bench.small else 1.0)
    async with lab_in(folder, world, workers=bench.workers):
        return await scan(folder, bench.folder / f"data-{machines}")
