"""The killer of the ``kill9_monitor`` row: runs stints of the real command, kills them, and looks at what they left."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import apsw

from electrum_observatory.model.errors import ObservatoryError
from electrum_observatory.model.watch import Blindness, BlindSpell, Stint
from electrum_observatory.model.watch_ports import ReadingColumns
from electrum_observatory.store.watching.source import WatchReader

_PROJECT = Path(__file__).parents[1]
_COMMAND = (sys.executable, "-c", "from electrum_observatory.cli.main import run; run()")
_LONGEST_START_S = 2.5
_MOST_LINES = 3
_LAST_WORDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One process.

    Attributes:
        born_us: UTC microseconds just before it was started.
        died_us: UTC microseconds when it was killed.
        told: What it said it had kept: the lines of ``--json``.
    """

    born_us: int
    died_us: int
    told: tuple[dict[str, Any], ...]


@dataclass(slots=True, kw_only=True)
class Left:
    """What all the kills came to.

    Attributes:
        kills: Processes killed.
        acknowledged: Rounds that were acknowledged.
        missing: Of those, how many the store does not hold as they were told.
        unacknowledged: Rounds in the store that nobody was told of: a kill came between.
        spells: Blind spells because nobody ran.
        misdated: Of those, how many are not the true dead time within the heartbeat.
        invented: Spells for which there was no reason, or dead times without one.
        worst_s: The furthest that a spell begins before the true death.
        others: Spells for other reasons, by reason: a busy machine has some.
        unreadable: 1 where the store does not open or fails SQLite's own check.
    """

    kills: int = 0
    acknowledged: int = 0
    missing: int = 0
    unacknowledged: int = 0
    spells: int = 0
    misdated: int = 0
    invented: int = 0
    worst_s: float = 0.0
    others: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0


class MonitorKiller:
    """Runs stints of one watch and kills each."""

    def __init__(
        self, arguments: Sequence[str], data: Path, chance: Random, *, heartbeat_s: float, cadence_s: float
    ) -> None:
        """Take what the command is called with, and the real seconds between its signs of life and its rounds."""
        self._arguments = (*arguments, "--data", str(data), "--json")
        self._data = data
        self._chance = chance
        self._heartbeat_s = heartbeat_s
        self._cadence_s = cadence_s
        self._lives: list[Life] = []

    async def kill(self, times: int, *, while_starting: bool) -> None:
        """Start and kill so many, some of them early if that is asked; nobody is left running."""
        for _ in range(times):
            lines = self._chance.choice([*([None] if while_starting else []), *range(1, _MOST_LINES + 1)])
            delay_s = self._chance.uniform(0, _LONGEST_START_S if lines is None else self._cadence_s)
            self._lives.append(await self._live(lines, delay_s))

    async def _live(self, lines: int | None, delay_s: float) -> Life:
        """Run one process until some time after so many lines, or after its start."""
        born_us = time.time_ns() // 1_000
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            "monitor",
            *self._arguments,
            cwd=_PROJECT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        loop, told, died_us = asyncio.get_running_loop(), list[dict[str, Any]](), list[int]()

        def kill() -> None:
            if process.returncode is None and not died_us:  # once: a second signal would take its end from the loop
                process.kill()
                died_us.append(time.time_ns() // 1_000)

        try:
            due = loop.call_later(delay_s, kill) if lines is None else None
            async for line in process.stdout:
                if line.endswith(b"\n"):
                    told.append(json.loads(line))
                if due is None and lines is not None and len(told) >= lines:
                    due = loop.call_later(delay_s, kill)
            words = (await process.stderr.read()).decode("utf-8", "replace")[-_LAST_WORDS:]
            code = await process.wait()
        finally:
            kill()
            await process.wait()
        if code >= 0:
            raise RuntimeError(f"the monitor ended by itself with {code}: {words}")
        return Life(born_us=born_us, died_us=died_us[0], told=tuple(told))

    def look(self) -> Left:
        """Open the store and compare it with what was told, and with who lived when."""
        left = Left(kills=len(self._lives), acknowledged=sum(len(life.told) for life in self._lives))
        try:
            _check_integrity(self._data)
            with WatchReader.open(self._data) as reader:
                [watch] = reader.watches()
                columns = reader.readings(watch.watch_id, questions=())
                stints, spells = reader.stints(watch.watch_id), reader.spells(watch.watch_id)
        except (ObservatoryError, apsw.Error, ValueError):
            left.unreadable = 1
            return left
        self._compare_rounds(columns, left)
        self._compare_spells(stints, spells, left)
        return left

    def _compare_rounds(self, columns: ReadingColumns, left: Left) -> None:
        rows = Counter(columns.round_at.tolist())
        held = {made.number: (made.started_at_us, rows[at]) for at, made in enumerate(columns.rounds)}
        told = {
            one["round"]: (_microseconds(one["started_at"]), one["watched"])
            for life in self._lives
            for one in life.told
        }
        left.missing = sum(held.get(number) != what for number, what in told.items())
        left.missing += left.acknowledged - len(told)  # a number that was told twice
        left.unacknowledged = len(held.keys() - told.keys())

    def _compare_spells(self, stints: Sequence[Stint], spells: Sequence[BlindSpell], left: Left) -> None:
        """Between two stints of the store lies the time from the death of the one to the beginning of the other."""
        died_us = [
            next(life.died_us for life in self._lives if life.born_us <= one.started_at_us <= life.died_us)
            for one in stints
        ]
        ours = [one for one in spells if one.why is Blindness.NOT_RUNNING]
        left.others = Counter(one.why.value for one in spells if one.why is not Blindness.NOT_RUNNING)
        left.spells = len(ours)
        left.invented = abs(len(ours) - (len(stints) - 1))
        for spell, dead_us, stint in zip(ours, died_us[:-1], stints[1:], strict=False):
            early_s = (dead_us - spell.from_us) / 1e6
            left.worst_s = max(left.worst_s, early_s)
            right = 0 <= early_s <= self._heartbeat_s and spell.to_us == stint.started_at_us
            left.misdated += not right


def _microseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def _check_integrity(data: Path) -> None:
    connection = apsw.Connection(str(data / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    finally:
        connection.close()
    if found != [("ok",)]:
        raise apsw.CorruptError(str(found))
