"""The real ``observatory monitor`` over a thousand servers: what it costs its machine, and how good its stamps are.

Campaigns, live store and output are included. What it says is checked against the store that it leaves; CPU time and
memory are the kernel's (``/proc``), CPU over whole periods from one round to the next.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.frame import Bench, Figure, RowResult
from bench.scan_command import PROJECT
from bench.worlds import held_world, lab_in
from electrum_observatory.cli.exits import Exit
from electrum_observatory.model.watch import USUAL_QUESTIONS, Availability, Question
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, ReadingColumns
from electrum_observatory.store.watching.source import WatchReader

SERVERS, SMALL_SERVERS = 1_000, 24
EVERY_S, SMALL_EVERY_S = 300.0, 2.5
PERIODS, SMALL_PERIODS = 2, 1
BLOCKS_S, SMALL_BLOCKS_S = 60.0, 0.5
_READY_S = 240.0
_LAST_WORDS = 2_000
_TICKS = os.sysconf("SC_CLK_TCK")
_SMALL_SETTINGS = {"JITTER_S": "0.2", "DEADLINE_S": "2", "SPREAD_S": "0.5", "SETTLE_S": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the process had cost when a round was told of.

    Attributes:
        at_s: On the clock of the bench's loop.
        cpu_s: CPU seconds so far.
        rss_mb: Resident memory.
        peak_mb: Peak resident memory so far, the first campaign included.
    """

    at_s: float
    cpu_s: float
    rss_mb: float
    peak_mb: float


async def run(bench: Bench) -> RowResult:
    """Run the command until enough whole periods have passed; see the module."""
    servers, blocks_s = (SMALL_SERVERS, SMALL_BLOCKS_S) if bench.small else (SERVERS, BLOCKS_S)
    periods = SMALL_PERIODS if bench.small else PERIODS
    world = held_world(servers, seed=bench.seed, block_interval_s=blocks_s)
    async with lab_in(bench.folder / "lab", world, workers=bench.workers):
        costs = await _monitored(bench, periods)
    with WatchReader.open(bench.folder / "data") as reader:
        [watch] = reader.watches()
        columns = reader.readings(watch.watch_id, questions=(Question.HISTOGRAM,))
        news, spells = reader.news(watch.watch_id), reader.spells(watch.watch_id)
    return RowResult(
        figures=(*_figures(columns, news, servers, periods), *_costs(costs), _spells(len(spells))),
        facts={"servers": servers, "periods": periods, "seconds_of_a_period": EVERY_S},
    )


async def _monitored(bench: Bench, periods: int) -> Sequence[Cost]:
    """Run the command, end it politely after so many periods, and return the costs at each round."""
    every_s = SMALL_EVERY_S if bench.small else EVERY_S
    lab = bench.folder / "lab"
    every = [word for question in USUAL_QUESTIONS for word in ("--every", f"{question}={every_s}s")]
    settings = _SMALL_SETTINGS if bench.small else {}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from electrum_observatory.cli.main import run; run()", "monitor"),
        str(lab / "bootstrap.txt"),
        *("--overlay", str(lab / "overlay.json"), "--data", str(bench.folder / "data")),
        *("--profile", "lab", "--json", "--every", "full=never", *every),
        cwd=PROJECT,
        env={**os.environ, **{f"OBSERVATORY_MONITOR__WATCHING__{name}": text for name, text in settings.items()}},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    costs: list[Cost] = []
    try:
        async with asyncio.timeout(_READY_S + (periods + 1) * every_s):
            async for _ in process.stdout:
                costs.append(_cost(process.pid))
                if len(costs) > periods:
                    process.send_signal(signal.SIGTERM)
                    break
            _, complained = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != Exit.INTERRUPTED:
        raise RuntimeError(f"the monitor ended with {process.returncode}: {complained.decode()[-_LAST_WORDS:]}")
    return costs


def _cost(pid: int) -> Cost:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line[:2] == "Vm"}
    return Cost(
        at_s=asyncio.get_running_loop().time(),
        cpu_s=(int(stat[11]) + int(stat[12])) / _TICKS,
        rss_mb=sizes["VmRSS:"],
        peak_mb=sizes["VmHWM:"],
    )


def _costs(costs: Sequence[Cost]) -> tuple[Figure, ...]:
    first, last = costs[0], costs[-1]
    share = 100 * (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)
    return (
        Figure(name="CPU over whole periods, of a core", measured=share, unit="%", at_most=20),
        Figure(
            name="resident memory while it watches", measured=max(one.rss_mb for one in costs), unit="MB", at_most=250
        ),
        Figure(name="peak memory, the first campaign included", measured=last.peak_mb, unit="MB"),
        Figure(name="CPU until the first round, campaign included", measured=first.cpu_s, unit="s"),
    )


def _figures(columns: ReadingColumns, news: NewsColumns, servers: int, periods: int) -> tuple[Figure, ...]:
    """Return what the store says of rounds and stamps."""
    up = np.bincount(
        columns.round_at[columns.availability == AVAILABILITIES.index(Availability.UP)], minlength=len(columns.rounds)
    )
    after_us = columns.after_us[Question.HISTOGRAM]
    answered = (columns.sent_us != NOTHING) & (after_us != NOTHING)
    spreads = []
    for at in range(len(columns.rounds)):
        arrived = (columns.sent_us + after_us)[answered & (columns.round_at == at)]
        spreads.append((np.percentile(arrived, 99) - arrived.min()) / 1e6 if len(arrived) else np.inf)
    told = news.first == 0
    lag_ms = np.concatenate([columns.lag_us[answered], news.lag_us[told]]) / 1e3
    cycles = [made.duration_us / 1e6 for made in columns.rounds]
    late = [(made.started_at_us - made.due_at_us) / 1e3 for made in columns.rounds]
    return (
        Figure(name="rounds", measured=len(cycles), at_least=periods + 1, always=True),
        Figure(
            name=f"servers up of {servers:,}, in the poorest round", measured=int(up.min()), at_least=servers * 0.99
        ),
        Figure(name="longest cycle", measured=max(cycles), unit="s", at_most=30, always=True),
        Figure(
            name="histogram reads of a round, first to p99", measured=max(spreads), unit="s", at_most=5, always=True
        ),
        Figure(name="stamp jitter, p99", measured=float(np.percentile(lag_ms, 99)), unit="ms", at_most=20),
        Figure(name="stamp jitter, worst", measured=float(lag_ms.max()), unit="ms"),
        Figure(name="a round began after its time, at most", measured=max(late), unit="ms"),
        Figure(name="news of tips", measured=int(told.sum()), at_least=1, always=True),
    )


def _spells(spells: int) -> Figure:
    return Figure(name="blind spells", measured=spells, at_most=0)
