"""Sealing and recording of a watch, killed at every step: ``python -m tests.durability.watch_kills DIR``.

Everything is loaded once; whatever works with the store is forked and dies by SIGKILL or ends. Prints how many kills
there were once all has been found as it must be; whatever is not raises.
"""

import gc
import os
import pickle
import random
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

# Loaded before the forks, or each of them would: pyarrow and numpy load masked arrays and pandas at their first use.
import numpy.ma  # noqa: F401
import pandas as pd  # noqa: F401
import pyarrow.parquet as pq  # noqa: F401

from electrum_observatory.model.watch import Blindness
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.watching import compaction, piece_reading, piece_writing, pieces  # noqa: F401
from electrum_observatory.store.watching.columns import columns_of, readings_of
from electrum_observatory.store.watching.source import WatchReader
from tests.unit.store.clock import StillClock
from tests.unit.store.watching.facts import (
    DAY_US,
    EVERY_US,
    MIDNIGHT_US,
    WATCH_ID,
    make_readings,
    make_round,
    make_stint,
    make_watch,
)
from tests.unit.store.watching.recorded import SERVERS, Facts, check, live_rows, record

BEFORE = "2026-11-21"
KILLS_OF_RECORDING = 3


def forked(work: Callable[[], None]) -> int:
    """Do something in a fork; returns its exit code, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def done(work: Callable[[], None]) -> None:
    """Do something in a fork that must come to its end."""
    assert forked(work) == 0


def kill_sealing(folder: Path) -> int:
    """Kill sealing after each of its steps: facts are read once each, then and after sealing has gone on."""
    base, saved = folder / "base", folder / "facts"

    def make() -> None:
        with LiveStore.open(base, StillClock()) as live:
            saved.write_bytes(pickle.dumps(record(live, 2)))

    done(make)
    facts: Facts = pickle.loads(saved.read_bytes())
    kills = 0
    while True:
        data_dir = Path(shutil.copytree(base, folder / f"sealing-{kills}"))
        last = kills + 1
        steps: list[str] = []

        def told(step: str, steps: list[str] = steps, last: int = last) -> None:
            steps.append(step)
            if len(steps) == last:
                os.kill(os.getpid(), signal.SIGKILL)

        def seal(data_dir: Path = data_dir, told: Callable[[str], None] = told) -> None:
            with LiveStore.open(data_dir, StillClock()) as live:
                live.seal_watches(BEFORE, apart=False, told=told)

        def finish(data_dir: Path = data_dir) -> None:
            check(data_dir, facts)
            with LiveStore.open(data_dir, StillClock()) as live:
                live.seal_watches(BEFORE, apart=False)
            check(data_dir, facts)
            assert live_rows(data_dir)["watch_rounds"] == 6

        ended = forked(seal)
        done(finish)
        if ended == 0:
            return kills
        assert ended == -signal.SIGKILL
        kills += 1


class AfterTheMonth(StillClock):
    """A clock that stands in the year after."""

    def now_us(self) -> int:
        return MIDNIGHT_US + 100 * DAY_US


def kill_compacting(folder: Path) -> int:
    """Kill compaction after each of its steps: facts are read once each, and nothing is left lying."""
    base, facts = folder / "base", pickle.loads((folder / "facts").read_bytes())
    for kill, last in enumerate(("written 2026-11", "named 2026-11")):
        data_dir = Path(shutil.copytree(base, folder / f"compacting-{kill}"))

        def compact(data_dir: Path = data_dir, last: str = "") -> None:
            def told(step: str) -> None:
                if step == last:
                    os.kill(os.getpid(), signal.SIGKILL)

            with LiveStore.open(data_dir, AfterTheMonth()) as live:
                live.seal_watches(apart=False)
                live.compact_watches(apart=False, told=told)

        def finish(data_dir: Path = data_dir, compact: Callable[..., None] = compact) -> None:
            check(data_dir, facts)
            compact(data_dir)
            check(data_dir, facts)
            (piece,) = pieces.read(data_dir)
            found = {path.relative_to(data_dir / "obs") for path in (data_dir / "obs").glob("*/*")}
            assert found == {Path(file.path) for file in piece.files}

        assert forked(lambda compact=compact, last=last: compact(last=last)) == -signal.SIGKILL
        done(finish)
    return 2


def kill_recording(folder: Path) -> int:
    """Kill stints at any moment: no acknowledged round is missing, each gap begins at the last sign of life."""
    data_dir, chance = folder / "recording", random.Random(7)
    acknowledged = 0
    for kill in range(KILLS_OF_RECORDING):
        out, out_there = os.pipe()
        begin = MIDNIGHT_US + kill * 1000 * EVERY_US

        def watch(begin: int = begin, out_there: int = out_there) -> None:
            with LiveStore.open(data_dir, StillClock()) as live:
                sink = live.watching()
                sink.begin_stint_now(make_watch(), make_stint(begin))
                with WatchReader.open(data_dir) as reader:
                    number = max((made.number for made in reader.readings(WATCH_ID).rounds), default=0)
                for step in range(1, 900):
                    made = make_round(number + step, begin + step * EVERY_US)
                    sink.record_columns(columns_of(made, make_readings(SERVERS, random.Random(made.number))))
                    os.write(out_there, made.number.to_bytes(4, "big"))

        pid = os.fork()
        if pid == 0:
            try:
                watch()
            finally:
                os._exit(1)
        os.close(out_there)
        for _ in range(chance.randrange(1, 25)):
            acknowledged = int.from_bytes(os.read(out, 4), "big")
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while rest := os.read(out, 4):
            acknowledged = int.from_bytes(rest, "big")
        os.close(out)
        done(lambda acknowledged=acknowledged, kill=kill: check_recording(data_dir, acknowledged, kill))
    return KILLS_OF_RECORDING


def check_recording(data_dir: Path, acknowledged: int, kill: int) -> None:
    """Whether every acknowledged round is there as a whole, and the spells are those between the stints."""
    with WatchReader.open(data_dir) as reader:
        columns, spells = reader.readings(WATCH_ID), reader.spells(WATCH_ID)
    found = list(readings_of(columns))
    numbers = [made.number for made in columns.rounds]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= acknowledged
    assert [reading for _, reading in found] == [
        reading for number in numbers for reading in make_readings(SERVERS, random.Random(number))
    ]
    begins = [MIDNIGHT_US + one * 1000 * EVERY_US for one in range(kill + 1)]
    assert [one.why for one in spells] == [Blindness.NOT_RUNNING] * kill
    assert [one.to_us for one in spells] == begins[1:]
    for begin, end, spell in zip(begins, begins[1:], spells, strict=False):
        last = max(made.started_at_us + made.duration_us for made in columns.rounds if begin < made.started_at_us < end)
        assert spell.from_us == last


def main() -> None:
    """Kill, and print how often."""
    warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
    gc.collect()
    gc.freeze()
    folder = Path(sys.argv[1])
    print(kill_sealing(folder), kill_compacting(folder), kill_recording(folder))


if __name__ == "__main__":
    main()
