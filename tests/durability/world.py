"""One small simulated network for all tests of this folder, and the real command against it."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from bench.killed_scan import observation_digest, sighting_digest
from bench.worlds import lab_in, plain_world
from electrum_observatory.lab.process import RunningLab
from electrum_observatory.lab.truth import Fate
from electrum_observatory.lab.world_options import Listen
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.net.loop import loop_factory
from electrum_observatory.scanner.probes.registry import APART
from electrum_observatory.store.interrupted import done_so_far
from electrum_observatory.store.reader import StoredCampaign, StoreReader
from tests.durability.forks import Forked

PATIENCE_S = 60
MACHINES = 8
TIME_SCALE = 40.0
COMMAND = (sys.executable, "-m", "bench.killed_scan")
Within = Callable[[Sequence[str]], list[str]]


class Network:
    """The network while it runs: eight machines with four ports each, a quarter of a second apart."""

    def __init__(self, folder: Path, lab: RunningLab, runner: asyncio.Runner) -> None:
        self.lab = lab
        self.folder = folder
        self._runner = runner

    @property
    def arguments(self) -> tuple[str, ...]:
        """What a scan of it takes."""
        return str(self.folder / "bootstrap.txt"), "--overlay", str(self.folder / "overlay.json")

    @property
    def alive(self) -> frozenset[str]:
        """Every endpoint that answers."""
        return self.lab.truth.endpoints(Fate.ANSWERS)

    def visitors(self) -> Counter[str]:
        """Return how often each endpoint was visited so far, by the lab's own book."""
        where = {
            (machine.machine, one.endpoint.partition("://")[0]): one.endpoint
            for machine in self.lab.truth.machines
            for one in machine.endpoints
        }
        arrivals = self._runner.run(self.lab.arrivals())
        return Counter(where[one.machine, one.transport.value] for one in arrivals)


@contextmanager
def running_network(folder: Path) -> Iterator[Network]:
    """Run it for the length of the block."""
    world = plain_world(MACHINES, seed=4)
    (group,) = world.groups
    everything = Listen(tcp=50001, ssl=50002, ws=50003, wss=50004)
    world = replace(world, time_scale=TIME_SCALE, groups=(replace(group, listen=(everything,)),))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        lab = lab_in(folder, world, workers=1)
        try:
            yield Network(folder, runner.run(lab.__aenter__()), runner)
        finally:
            runner.run(lab.__aexit__(None, None, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sat:
    """One run of the command.

    Attributes:
        code: Its exit code.
        told: What it acknowledged: lines of ``bench.killed_scan``.
        words: What it said on stderr.
    """

    code: int
    told: tuple[str, ...]
    words: str


class Heard:
    """The lines of a stream, read beside the test."""

    def __init__(self, stream: IO[str]) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def wait_for(self, enough: Callable[[list[str]], bool]) -> None:
        """Wait until enough was said, or nothing more will be."""
        with self._news:
            assert self._news.wait_for(lambda: enough(self.lines) or self._ended, timeout=PATIENCE_S)

    def all(self) -> list[str]:
        """Wait for the end and return everything."""
        self._reader.join(timeout=PATIENCE_S)
        return self.lines

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()
        stream.close()


class Sitting:
    """The command while it runs."""

    def __init__(self, arguments: Sequence[str | Path], within: Within | None = None) -> None:
        """Start ``observatory`` with these arguments; ``within`` puts the command line into another namespace."""
        words = list(map(str, arguments))
        self._process = Forked(words) if within is None else _started(within([*COMMAND, *words]))
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._out, self._err = Heard(self._process.stdout), Heard(self._process.stderr)

    def acknowledged(self, number: int) -> None:
        """Wait until so many facts were acknowledged, or it has ended."""
        self._out.wait_for(lambda lines: len(lines) >= number)

    def tells(self, beginning: str, times: int) -> None:
        """Wait until so many lines that begin like this came to stdout, or it has ended."""
        self._out.wait_for(lambda lines: sum(one.startswith(beginning) for one in lines) >= times)

    def signal(self, which: int) -> None:
        """Send it a signal."""
        self._process.send_signal(which)

    def says(self, words: str) -> None:
        """Wait until it says something on stderr, or has ended."""
        self._err.wait_for(lambda lines: any(words in line for line in lines))

    def end(self) -> Sat:
        """Wait for its end."""
        code = self._process.wait(timeout=PATIENCE_S)
        told = tuple(one.strip() for one in self._out.all() if one[:2] in ("o ", "s ") and one.endswith("\n"))
        return Sat(code=code, told=told, words="".join(self._err.all()))


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def scan(arguments: Sequence[str | Path], within: Within | None = None) -> Sat:
    """Run the command to its end."""
    return Sitting(arguments, within).end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a data folder holds of its one campaign.

    Attributes:
        stored: The campaign.
        facts: Its observations and sightings, as lines of ``bench.killed_scan``.
        settled: Endpoints with an outcome.
        answered: Endpoints that answered.
        dials: Endpoints with an outcome, as often as they have one that counts.
    """

    stored: StoredCampaign
    facts: Counter[str]
    settled: frozenset[str]
    answered: frozenset[str]
    dials: tuple[str, ...]

    @property
    def name(self) -> str:
        """The campaign's id."""
        return self.stored.campaign.campaign_id


def held(data: Path) -> Held:
    """Open a data folder and read everything; SQLite's own check of the file is part of it."""
    with StoreReader.open(data) as reader:
        assert reader.select("PRAGMA integrity_check") == [("ok",)]
        [stored] = reader.campaigns()
        name = stored.campaign.campaign_id
        observations = reader.observations(name, with_witnesses=True, broken_off=True)
        facts = Counter(f"o {observation_digest(one)}" for one in observations)
        facts.update(f"s {sighting_digest(one)}" for one in reader.sightings(name))
        done = done_so_far(reader, stored, further=APART)
        handshakes = list(reader.observations(name, {"server_version"}))
        dials = tuple(one.endpoint.canonical for one in reader.observations(name, {"connection"}))
    return Held(
        stored=stored,
        facts=facts,
        settled=frozenset(done.endpoints[one].canonical for one in done.settled),
        answered=frozenset(one.endpoint.canonical for one in handshakes if one.attempt.result is not None),
        dials=dials,
    )


def assert_partial_with_all_of(told: Sequence[str], found: Held) -> None:
    """Nothing acknowledged is missing, and the campaign is said to be partial."""
    assert not Counter(told) - found.facts
    assert found.stored.state.partial


def assert_finished_without_asking_twice(network: Network, before: Held, visitors: Counter[str], after: Held) -> None:
    """The same campaign is complete and holds the world's truth; whoever had an outcome was left in peace."""
    assert (after.name, after.stored.state) == (before.name, CampaignState.COMPLETE)
    assert after.answered == network.alive
    assert len(after.dials) == len(set(after.dials))
    assert after.stored.seal is not None
    assert (after.stored.seal.counts["endpoints"], after.stored.seal.counts["answered"]) == (
        len(after.dials),
        len(network.alive),
    )
    assert not before.facts - after.facts
    since = network.visitors() - visitors
    assert {one: number for one, number in since.items() if one in before.settled} == {}
