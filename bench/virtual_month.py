"""A virtual month: rendered and written through the sink's batch method, as a monitor would have kept it."""

import asyncio
import json
import resource
from collections.abc import Mapping
from time import perf_counter

from bench.frame import Bench, Figure, RowResult
from electrum_observatory.cli.virtual_watch import write_virtual_watch
from electrum_observatory.lab.time.drawing import draw_plan
from electrum_observatory.lab.time.plans import Cell, Overlap, UptimeSpread
from electrum_observatory.lab.time.truth import truth_of
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.live import LiveStore

_DAYS, _SERVERS, _NODES, _SHARED = 30.0, 300, 120, 40
_SMALL: Mapping[str, float] = {"days": 0.1, "servers": 20, "nodes": 9, "shared": 4}
_MOST_SECONDS = 120.0


async def run(bench: Bench) -> RowResult:
    """Draw a world of all regimes, render it in two processes, and write it into a new data folder."""
    size = _SMALL if bench.small else {"days": _DAYS, "servers": _SERVERS, "nodes": _NODES, "shared": _SHARED}
    cell = Cell(regime=None, overlap=Overlap.MODERATE, uptimes=UptimeSpread.WIDE)
    began = perf_counter()
    plan = draw_plan(
        cell,
        bench.seed,
        days=size["days"],
        servers=int(size["servers"]),
        nodes=int(size["nodes"]),
        shared=int(size["shared"]),
    )
    with LiveStore.open(bench.folder, SystemClock()) as store:
        _, readings = await asyncio.to_thread(write_virtual_watch, plan, store.watching(), processes=2)
    seconds = perf_counter() - began
    size_on_disk = sum(path.stat().st_size for path in bench.folder.rglob("*") if path.is_file())
    truth = len(json.dumps(truth_of(plan).to_json()))
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return RowResult(
        figures=(
            Figure(name="rendered and written", measured=seconds, unit="s", at_most=_MOST_SECONDS),
            Figure(name="readings", measured=float(readings), at_least=1, always=True),
            Figure(name="readings a second", measured=readings / seconds, unit="/s"),
            Figure(name="live database", measured=size_on_disk / 1e6, unit="MB"),
            Figure(name="truth file", measured=truth / 1e3, unit="kB"),
            Figure(name="largest memory, parent", measured=own / 1024, unit="MB"),
            Figure(name="largest memory, child", measured=children / 1024, unit="MB"),
        ),
        facts={"world": plan.name, "days": size["days"], "servers": size["servers"], "processes": 2},
    )
