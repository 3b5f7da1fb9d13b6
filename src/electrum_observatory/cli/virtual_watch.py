"""Write a world in time into a data folder, as if a monitor had watched it; ``lab`` and ``store`` meet here."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.observation import Json
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import WatchSink

if TYPE_CHECKING:
    from electrum_observatory.lab.time.plans import WorldPlan

_BOOT_MONOTONIC_NS = 10**15


def draw_world(
    regime: str, overlap: str, uptimes: str, *, seed: int, days: float, servers: int, scripts: int = 0
) -> "WorldPlan":
    """Draw a world by the words of the command line; two nodes for every five servers, a third of them shared.

    Raises:
        UsageError: A word is none of those that there are.
    """
    from electrum_observatory.lab.time.drawing import draw_plan
    from electrum_observatory.lab.time.plans import Cell, FeeRegime, Overlap, UptimeSpread

    try:
        cell = Cell(
            regime=None if regime == "mixed" else FeeRegime(regime),
            overlap=Overlap(overlap),
            uptimes=UptimeSpread(uptimes),
        )
    except ValueError as error:
        raise UsageError(f"no such condition: {error}") from error
    nodes = max(1, servers * 2 // 5)
    return draw_plan(cell, seed, days=days, servers=servers, nodes=nodes, shared=max(1, nodes // 3), scripts=scripts)


def write_truth(plan: "WorldPlan", path: Path) -> None:
    """Write down what is true of a world. Raises OSError where the place is not writable."""
    from electrum_observatory.lab.time.truth import truth_of

    path.write_text(json.dumps(truth_of(plan).to_json(), indent=1) + "\n", encoding="utf-8")


def write_virtual_watch(
    plan: "WorldPlan",
    sink: WatchSink,
    *,
    every_s: float = 300,
    processes: int = 1,
    progress: Callable[[float, int], None] = lambda _days, _readings: None,
) -> tuple[str, int]:
    """Render a world into a sink; returns the watch's id and the number of readings.

    Args:
        plan: The world.
        sink: Where it goes.
        every_s: Cadence.
        processes: How many processes render.
        progress: Told the days done and the readings kept so far.
    """
    from electrum_observatory.lab.time.rendering import CHUNK_S, render

    watch = virtual_watch(plan, every_s)
    sink.begin_stint_now(watch, _stint(plan, watch))
    kept = 0
    for number, part in enumerate(render(plan, every_s=every_s, processes=processes), start=1):
        kept += sink.record_columns(part.readings)
        sink.record_news_columns(part.news)
        for spell in part.spells:
            asyncio.run(sink.record_blind(spell))
        progress(min(number * CHUNK_S, plan.seconds) / 86_400, kept)
    asyncio.run(sink.end_stint(plan.start_us + plan.seconds * 1_000_000, _BOOT_MONOTONIC_NS + plan.seconds * 10**9))
    return watch.watch_id, kept


def virtual_watch(plan: "WorldPlan", every_s: float) -> Watch:
    """Describe the watch of a world: its id is made of the world's name, so that it is the same each time."""
    from datetime import UTC, datetime

    config: dict[str, Json] = {"world": plan.name, "seed": plan.seed, "every_s": every_s, "seconds": plan.seconds}
    if plan.scripts:
        config["scripts"] = list(plan.scripts)
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
    started = datetime.fromtimestamp(plan.start_us / 1e6, tz=UTC)
    return Watch(
        watch_id=f"{started:%Y%m%dT%H%M%SZ}-virtual-{digest[:6]}",
        vantage="virtual",
        network="bitcoin",
        started_at_us=plan.start_us,
        config=config,
        config_sha256=digest,
        overlay={"name": plan.name, "sha256": digest},  # so that nobody takes its servers for real ones
        note=f"rendered from the world {plan.name}",
    )


def _stint(plan: "WorldPlan", watch: Watch) -> Stint:
    from electrum_observatory import __version__
    from electrum_observatory.lab.time.rounds import BOOT_ID

    return Stint(
        started_at_us=plan.start_us,
        started_monotonic_ns=_BOOT_MONOTONIC_NS,
        boot_id=BOOT_ID,
        tool_version=__version__,
        config=watch.config,
    )
