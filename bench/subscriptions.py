"""Two thousand idle subscriptions in one process: what do they weigh, and do they keep its event loop from anything?"""

import asyncio
import sys
from pathlib import Path

import msgspec

from bench.frame import Bench, Figure, RowResult
from bench.holding import Held, Plan
from bench.scan_command import PROJECT
from bench.worlds import held_world, lab_in
from electrum_observatory.lab.process import RunningLab
from electrum_observatory.lab.truth import Fate

SERVERS, SMALL_SERVERS = 2_000, 40
IDLE_S, SMALL_IDLE_S = 90.0, 2.0
BLOCKS_S, SMALL_BLOCKS_S = 15.0, 0.2


async def run(bench: Bench) -> RowResult:
    """Hold one TLS connection to each server of a world whose blocks come every quarter of a minute."""
    servers = SMALL_SERVERS if bench.small else SERVERS
    seconds = SMALL_IDLE_S if bench.small else IDLE_S
    world = held_world(servers, seed=bench.seed, block_interval_s=SMALL_BLOCKS_S if bench.small else BLOCKS_S)
    async with lab_in(bench.folder / "lab", world, workers=bench.workers) as lab:
        held = await _hold(bench.folder, lab, seconds)
    lost = servers - held.held_throughout
    return RowResult(
        figures=(
            Figure(name="resident memory of the holder", measured=held.rss_mb, unit="MB", at_most=150),
            Figure(name="event loop's lag, p99", measured=held.lag_p99_ms, unit="ms", at_most=20),
            Figure(name=f"subscriptions lost of {servers:,}", measured=lost, at_most=0, always=True),
            Figure(name="peak memory of the holder", measured=held.peak_mb, unit="MB"),
            Figure(name="event loop's lag, median", measured=held.lag_p50_ms, unit="ms"),
            Figure(name="event loop's lag, worst", measured=held.lag_max_ms, unit="ms"),
            Figure(name="time until all had answered", measured=held.establish_s, unit="s"),
            Figure(name="held idle", measured=held.idle_s, unit="s"),
            Figure(name="CPU of the holder while idle", measured=100 * held.idle_cpu_s / held.idle_s, unit="%"),
            Figure(name="news of blocks in that time", measured=held.notices, at_least=1, always=True),
        ),
        facts={"servers": servers, "failures": held.failures, "fewest_notices": held.fewest_notices},
    )


async def _hold(folder: Path, lab: RunningLab, seconds: float) -> Held:
    endpoints = tuple(sorted(one for one in lab.truth.endpoints(Fate.ANSWERS) if one.startswith("ssl:")))
    plan = Plan(overlay=str(folder / "lab" / "overlay.json"), endpoints=endpoints, seconds=seconds)
    path = folder / "plan.json"
    await asyncio.to_thread(path.write_bytes, msgspec.json.encode(plan))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.holding", str(path)), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the holder ended with {process.returncode}; its last words are above")
    return msgspec.json.decode(said, type=Held)
