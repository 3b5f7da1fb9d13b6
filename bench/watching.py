"""A thousand servers asked every five minutes: how long does a cycle take, and how good are its stamps?"""

import asyncio
import sys
from pathlib import Path

import msgspec

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import PROJECT
from bench.watched import Kept, Plan
from bench.worlds import held_world, lab_in
from electrum_observatory.lab.process import RunningLab
from electrum_observatory.lab.truth import Fate

SERVERS, SMALL_SERVERS = 1_000, 40
BLOCKS_S, SMALL_BLOCKS_S = 60.0, 0.5
_FULL = (300.0, 10.0, 20.0, 1)
_SMALL = (5.0, 0.2, 4.5, 1)


async def run(bench: Bench) -> RowResult:
    """Keep a watch of a whole world in a live store; of the full one for five minutes, from one round to the next."""
    servers = SMALL_SERVERS if bench.small else SERVERS
    world = held_world(servers, seed=bench.seed, block_interval_s=SMALL_BLOCKS_S if bench.small else BLOCKS_S)
    async with lab_in(bench.folder / "lab", world, workers=bench.workers) as lab:
        kept = await _keep(bench, lab)
    return RowResult(
        figures=(
            Figure(name="longest cycle", measured=kept.cycle_s, unit="s", at_most=30, always=True),
            Figure(
                name="CPU of the monitor, of a core",
                measured=100 * kept.watched_cpu_s / kept.watched_s,
                unit="%",
                at_most=20,
            ),
            Figure(name="peak memory of the monitor", measured=kept.peak_mb, unit="MB", at_most=250, always=True),
            Figure(
                name="histogram reads of a round, first to p99",
                measured=kept.histograms_s,
                unit="s",
                at_most=5,
                always=True,
            ),
            Figure(name="loop's lag at the stamps, p99", measured=kept.lag_p99_ms, unit="ms", at_most=20),
            Figure(name=f"servers up of {servers:,}", measured=kept.up, at_least=servers, always=True),
            Figure(name="histograms in a round", measured=kept.answered, at_least=servers, always=True),
            Figure(name="blind spells", measured=kept.spells, at_most=0, always=True),
            Figure(name="news of blocks in that time", measured=kept.news, at_least=1, always=True),
            Figure(name="questions of a round, first to last", measured=kept.sent_s, unit="s"),
            Figure(name="loop's lag at the stamps, median", measured=kept.lag_p50_ms, unit="ms"),
            Figure(name="loop's lag at the stamps, worst", measured=kept.lag_max_ms, unit="ms"),
            Figure(name="resident memory at the end", measured=kept.rss_mb, unit="MB"),
            Figure(name="time until all were dialled and asked once", measured=kept.ready_s, unit="s"),
            Figure(name="CPU of that", measured=kept.ready_cpu_s, unit="s"),
            Figure(name="watched from then on", measured=kept.watched_s, unit="s"),
        ),
        facts={"servers": servers},
    )


async def _keep(bench: Bench, lab: RunningLab) -> Kept:
    cadence_s, jitter_s, deadline_s, rounds = _SMALL if bench.small else _FULL
    plan = Plan(
        overlay=str(bench.folder / "lab" / "overlay.json"),
        endpoints=tuple(sorted(one for one in lab.truth.endpoints(Fate.ANSWERS) if one.startswith("ssl:"))),
        data=str(bench.folder / "data"),
        cadence_s=cadence_s,
        jitter_s=jitter_s,
        deadline_s=deadline_s,
        rounds=rounds,
    )
    return await _in_its_own_process(bench.folder / "watched.json", plan)


async def _in_its_own_process(path: Path, plan: Plan) -> Kept:
    await asyncio.to_thread(path.write_bytes, msgspec.json.encode(plan))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.watched", str(path)), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the monitor ended with {process.returncode}; its last words are above")
    return msgspec.json.decode(said, type=Kept)
