"""The killer of the ``kill9`` row: runs sittings of the real command, kills them, and looks at what they left."""

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

from bench.killed_scan import observation_digest, sighting_digest
from electrum_observatory.lab.process import RunningLab
from electrum_observatory.lab.truth import Fate
from electrum_observatory.lab.visits import Arrival
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import ObservatoryError
from electrum_observatory.store import manifest
from electrum_observatory.store.interrupted import done_so_far
from electrum_observatory.store.reader import StoredCampaign, StoreReader

PROFILE = "lab"
PHASES = ("starting", "asking", "asking", "asking", "sealing", "files")
_LINES_PER_ENDPOINT = 20  # observations and sightings, roughly: where kills while asking may fall
_LONGEST_START_S = 1.5
_DELAYS_S = {"asking": 0.05, "sealing": 0.03, "files": 0.3}
_LAST_WORDS = 2_000
_PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a scan is killed: a delay after it has come to a phase, and in it has acknowledged so many lines."""

    phase: str
    lines: int
    delay_s: float

    @classmethod
    def drawn(cls, chance: Random, endpoints: int) -> "Moment":
        """Draw one."""
        phase = chance.choice(PHASES)
        lines = chance.randrange(_LINES_PER_ENDPOINT * endpoints) if phase == "asking" else 0
        return cls(phase=phase, lines=lines, delay_s=chance.uniform(0, _DELAYS_S.get(phase, _LONGEST_START_S)))


@dataclass(slots=True, kw_only=True)
class Losses:
    """What all the kills came to.

    Attributes:
        kills: Scans killed.
        by_phase: The same by phase.
        campaigns: Campaigns that were finished in the end.
        acknowledged: Observations and sightings that were acknowledged.
        missing: Of those, how many a store did not hold afterwards, byte for byte.
        unreadable: Stores that did not open, failed SQLite's integrity check or lost a campaign.
        asked_twice: Visitors of endpoints that had an outcome in the store before the visitor came.
        asked_anew: Visitors of endpoints whose visit the kill cut off before its outcome was stored.
        wrong: Finished campaigns whose facts, counts or files are not those of the world.
    """

    kills: int = 0
    by_phase: Counter[str] = field(default_factory=Counter)
    campaigns: int = 0
    acknowledged: int = 0
    missing: int = 0
    unreadable: int = 0
    asked_twice: int = 0
    asked_anew: int = 0
    wrong: list[str] = field(default_factory=list)


class Killer:
    """Runs campaigns of one lab and kills them."""

    def __init__(self, lab: RunningLab, folder: Path, chance: Random, losses: Losses) -> None:
        self._lab = lab
        self._arguments = (
            str(folder / "bootstrap.txt"),
            *("--overlay", str(folder / "overlay.json"), "--profile", PROFILE),
        )
        self._chance = chance
        self._losses = losses
        self._seen: set[str | None] = set()
        self._last_words = ""
        self._book: dict[tuple[str, str], str] = {}
        for machine in lab.truth.machines:
            for one in machine.endpoints:
                if one.announced:
                    self._book[machine.machine, one.endpoint.partition("://")[0]] = one.endpoint

    async def campaign(self, data: Path, *, until: int) -> None:
        """Scan into a new folder, kill and go on until the campaign is complete; at the end nobody is killed."""
        acknowledged: Counter[str] = Counter()
        name: str | None = None
        while True:
            kill = self._losses.kills < until
            moment = Moment.drawn(self._chance, len(self._book)) if kill else None
            settled, before = _settled(data, name), len(await self._lab.arrivals())
            heard, code = await self._scan(data, name, moment)
            acknowledged.update(one for one in heard if one[:2] in ("o ", "s "))
            self._losses.acknowledged += sum(one[:2] in ("o ", "s ") for one in heard)
            self._count_visitors(settled, (await self._lab.arrivals())[before:], anew=name is not None)
            stored = self._look(data, acknowledged)
            if stored is None:
                if acknowledged:
                    return
                continue
            name = stored.campaign.campaign_id
            if code == 0:
                self._losses.campaigns += 1
                self._losses.wrong += [f"{data.name}: {words}" for words in self._wrong(data, stored)]
                return
            if moment is None or code >= 0:
                self._losses.wrong.append(f"{data.name}: ended by itself with {code}: {self._last_words}")
                return

    async def _scan(self, data: Path, name: str | None, moment: Moment | None) -> tuple[list[str], int]:
        """Run one sitting and kill it at the moment; return the whole lines it said, and its exit code."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bench.killed_scan", "scan", "--data", str(data)),
            *(self._arguments if name is None else ("--resume", name)),
            cwd=_PROJECT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        loop, heard, due = asyncio.get_running_loop(), list[str](), False

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

        try:
            if moment is not None and moment.phase == "starting":
                loop.call_later(moment.delay_s, kill)
                due = True
            async for line in process.stdout:
                if line.endswith(b"\n"):
                    heard.append(line.decode("ascii").strip())
                if moment is not None and not due and _has_come(moment, heard):
                    loop.call_later(moment.delay_s, kill)
                    due = True
            assert process.stderr is not None
            self._last_words = (await process.stderr.read()).decode("utf-8", "replace")[-_LAST_WORDS:]
            code = await process.wait()
        finally:
            kill()
            await process.wait()
        if code < 0:
            self._losses.kills += 1
            self._losses.by_phase[_phase(heard)] += 1
        return heard, code

    def _look(self, data: Path, acknowledged: Counter[str]) -> StoredCampaign | None:
        """Open the store and compare it with what was acknowledged; None where there is none yet, or none to read."""
        if not (data / "live.db").exists() and not acknowledged:
            return None
        try:
            _check_integrity(data)
            with StoreReader.open(data) as reader:
                if not reader.campaigns() and not acknowledged:
                    return None
                stored = reader.campaign()
                name = stored.campaign.campaign_id
                held = Counter(
                    f"o {observation_digest(one)}"
                    for one in reader.observations(name, with_witnesses=True, broken_off=True)
                )
                held.update(f"s {sighting_digest(one)}" for one in reader.sightings(name))
        except (ObservatoryError, apsw.Error):
            if acknowledged or _is_made(data):
                self._losses.unreadable += 1
            return None
        self._losses.missing += (acknowledged - held).total()
        return stored

    def _count_visitors(self, settled: frozenset[str], arrivals: Sequence[Arrival], *, anew: bool) -> None:
        """Count who was asked although the store had an outcome, and who was asked once more because it had none."""
        for arrival in arrivals:
            endpoint = self._book.get((arrival.machine, arrival.transport.value))
            if endpoint in settled:
                self._losses.asked_twice += 1
            elif anew and endpoint in self._seen:
                self._losses.asked_anew += 1
        self._seen = (self._seen if anew else set()) | {
            self._book.get((one.machine, one.transport.value)) for one in arrivals
        }

    def _wrong(self, data: Path, stored: StoredCampaign) -> list[str]:
        """Say what a finished campaign has otherwise than the world, than its own rows, or than its files."""
        wrong = [] if stored.state is CampaignState.COMPLETE else [f"it is {stored.state}"]
        name = stored.campaign.campaign_id
        with StoreReader.open(data) as reader:
            handshakes = list(reader.observations(name, {"server_version"}))
            dials = [one.endpoint.canonical for one in reader.observations(name, {"connection"})]
            files = reader.unfinished_files()
        answered = {one.endpoint.canonical for one in handshakes if one.attempt.result is not None}
        counts = stored.seal.counts if stored.seal else {}
        if answered != self._lab.truth.endpoints(Fate.ANSWERS):
            wrong.append(f"{len(answered ^ self._lab.truth.endpoints(Fate.ANSWERS))} endpoints differ from the world")
        if len(dials) != len(set(dials)):
            wrong.append("an endpoint has two outcomes")
        if (counts.get("endpoints"), counts.get("answered")) != (len(dials), len(answered)):
            wrong.append(f"{counts.get('endpoints')} endpoints are counted, {len(dials)} are stored")
        rows = Counter[str]()
        for segment in manifest.read(data):
            rows[segment.table] += segment.rows
        if files or (rows["observations"], rows["sightings"]) != (stored.observations, stored.sightings):
            wrong.append("its files are not finished")
        return wrong


def _settled(data: Path, name: str | None) -> frozenset[str]:
    if name is None:
        return frozenset()
    with StoreReader.open(data) as reader:
        done = done_so_far(reader, reader.campaign(name))
    return frozenset(done.endpoints[one].canonical for one in done.settled)


def _has_come(moment: Moment, heard: list[str]) -> bool:
    if moment.phase == "asking":
        return len(heard) >= moment.lines
    return heard[-1:] == [moment.phase]


def _phase(heard: list[str]) -> str:
    """Return what a scan was doing when it was killed."""
    if "files" in heard:
        return "writing files"
    if "sealing" in heard:
        return "sealing"
    return "asking" if heard else "starting"


def _check_integrity(data: Path) -> None:
    connection = apsw.Connection(str(data / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    finally:
        connection.close()
    if found != [("ok",)]:
        raise apsw.CorruptError(str(found))


def _is_made(data: Path) -> bool:
    """Whether the database came as far as its first table: before that it is an empty file that the next scan fills."""
    return (data / "live.db").stat().st_size > 0
