"""The ratio row: the scanner (c) against a floor client (a) and the published way (b), in endpoints per CPU second.

All three are processes of their own that ask the same servers the same bytes; the lab is in further processes. The
passes take turns, so that a busy machine troubles all alike, and each figure is the median of its passes.
"""

import asyncio
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.frame import Bench, Figure, RowResult
from bench.questions import AT_ONCE, Plan
from bench.ratio_world import ratio_world
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.model.endpoint import Transport

ELEVEN = ("server_version", "genesis", "chain_tip", "peers", "banner", "fee_histogram", "fee_estimates", "features")
"""Probes that come to ``server.version`` and eleven pipelined calls; ElectrumX and Fulcrum answer all without error."""

_PROJECT = Path(__file__).parents[1]
_PUBLISHED_SHARE = 10
_CERTIFICATE = "tls_certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured: endpoints, passes of each client, and how fast time runs where padded answers wait."""

    endpoints: int
    passes: int
    time_scale: float


FULL, SMALL = Size(endpoints=1000, passes=5, time_scale=2), Size(endpoints=30, passes=1, time_scale=6)


async def run(bench: Bench) -> RowResult:
    """Measure the three clients."""
    size = SMALL if bench.small else FULL
    file = ratio_world(size.endpoints, bench.seed, time_scale=size.time_scale)
    folder = bench.folder / "lab"
    async with run_lab(file, now=datetime.now(UTC), workers=bench.workers, folder=folder) as lab:
        (folder / "targets.txt").write_text(_targets(lab), encoding="utf-8")
        clients = Clients(bench.folder, folder, servers_of(lab))
        await clients.agree()
        for number in range(size.passes):
            await clients.turn(number)
    return clients.result()


def servers_of(lab: RunningLab) -> list[tuple[str, int, str]]:
    """Return loopback address, port and host name of every TLS endpoint."""
    sockets = lab.overlay.sockets
    return [
        (*sockets[machine.addresses[0], machine.ports[Transport.SSL]], machine.announced[0])
        for machine in lab.world.machines
    ]


def _targets(lab: RunningLab) -> str:
    return "".join(f"{one.announced[0]}:{one.ports[Transport.SSL]}:s\n" for one in lab.world.machines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of one client, as it reported itself."""

    startup_s: float
    work_s: float
    files_s: float
    wall_s: float
    peak_bytes: float
    servers: int
    sent: int
    received: int

    @property
    def work_ms(self) -> float:
        """CPU milliseconds per server, from the end of the imports to the end."""
        return 1e3 * self.work_s / self.servers

    @property
    def whole_ms(self) -> float:
        """The same with interpreter start and imports."""
        return 1e3 * (self.startup_s + self.work_s) / self.servers

    @property
    def without_files_ms(self) -> float:
        """The same as ``work_ms`` without the files that are written once a campaign is sealed."""
        return 1e3 * (self.work_s - self.files_s) / self.servers


class Clients:
    """Runs the clients in turn and keeps what each reported."""

    def __init__(self, folder: Path, lab: Path, servers: Sequence[tuple[str, int, str]]) -> None:
        self._folder = folder
        self._lab = lab
        self._servers = servers
        self._passes: dict[str, list[Pass]] = {}
        self._requests = 0

    async def agree(self) -> None:
        """Let the scanner say its lines once, and make the others' plans of them.

        Raises:
            RuntimeError: It did not say the same to every server.
        """
        recording = self._folder / "recording.json"
        await self._scan("recording", str(recording))
        conversations = json.loads(recording.read_bytes())
        if len(conversations) != 1 or conversations[0][1] != len(self._servers):
            raise RuntimeError(f"not one conversation with {len(self._servers)} servers: {conversations}"[:2000])
        rounds = conversations[0][0]
        self._requests = sum(map(len, rounds))
        Plan(servers=self._servers, rounds=rounds, at_once=AT_ONCE).write(self._folder / "floor.json")
        some = self._servers[: max(10, len(self._servers) // _PUBLISHED_SHARE)]
        Plan(servers=some, rounds=rounds, at_once=AT_ONCE).write(self._folder / "published.json")

    async def turn(self, number: int) -> None:
        """Run each client once.

        Data folders stay until the row is over: removing one slows the file system down for the scan that comes next.
        """
        await self._keep("floor", "bench.floor", str(self._folder / "floor.json"))
        await self._keep("published", "bench.published", str(self._folder / "published.json"))
        self._passes.setdefault("scanner", []).append(await self._scan(f"data-{number}"))

    def result(self) -> RowResult:
        """Return medians, and the ratios of medians."""
        floor, published, scanner = (_median(self._passes[name]) for name in ("floor", "published", "scanner"))
        per_server = {name: [one.received / one.servers for one in passes] for name, passes in self._passes.items()}
        received = {name: statistics.mean(values) for name, values in per_server.items()}
        figures = (
            Figure(name="(c) / (a), endpoints per CPU second", measured=floor.work_ms / scanner.work_ms, at_least=0.5),
            Figure(name="(c) / (b), full sets of answers", measured=published.work_ms / scanner.work_ms, at_least=5),
            Figure(
                name="bytes of replies per endpoint, (c) / (a)",
                measured=received["scanner"] / received["floor"],
                at_least=0.9,
                at_most=1.1,
                always=True,
            ),
            Figure(name="(c) / (a) with start-up and imports", measured=floor.whole_ms / scanner.whole_ms),
            Figure(name="(c) / (a) without the files at the seal", measured=floor.work_ms / scanner.without_files_ms),
            Figure(name="(a) CPU per endpoint", measured=floor.work_ms, unit="ms"),
            Figure(name="(b) CPU per endpoint", measured=published.work_ms, unit="ms"),
            Figure(name="(c) CPU per endpoint", measured=scanner.work_ms, unit="ms"),
            Figure(name="(c) endpoints per CPU second", measured=1e3 / scanner.work_ms),
            Figure(name="(c) peak memory", measured=scanner.peak_bytes / 1e6, unit="MB"),
            Figure(name="(c) wall time", measured=scanner.wall_s, unit="s"),
            Figure(name="(a) wall time", measured=floor.wall_s, unit="s"),
        )
        return RowResult(figures=figures, facts=self._facts(received))

    def _facts(self, received: Mapping[str, float]) -> dict[str, Any]:
        spread = {name: sorted(round(one.work_ms, 3) for one in passes) for name, passes in self._passes.items()}
        return {
            "endpoints": len(self._servers),
            "requests per endpoint": self._requests,
            "conversations at once": AT_ONCE,
            "bytes of replies per endpoint": {name: round(value) for name, value in received.items()},
            "CPU ms per endpoint, every pass": spread,
        }

    async def _scan(self, name: str, *recording: str) -> Pass:
        probes = ",".join((*ELEVEN, _CERTIFICATE))
        arguments = (str(self._lab), str(self._folder / name), probes, *recording)
        cost, stored = await _reports("bench.measured_scan", *arguments)
        if cost["servers"] != len(self._servers):
            raise RuntimeError(f"{cost['servers']} of {len(self._servers)} servers answered: {stored['counts']}")
        if self._requests and cost["sent"] != self._requests * len(self._servers):
            raise RuntimeError(f"{cost['sent']} requests, not {self._requests} to each of {len(self._servers)}")
        return Pass(**(cost | {"received": stored["received"]}))

    async def _keep(self, name: str, module: str, *arguments: str) -> None:
        (cost,) = await _reports(module, *arguments)
        self._passes.setdefault(name, []).append(Pass(**cost))


def _median(passes: Sequence[Pass]) -> Pass:
    """Return the pass in the middle by CPU time."""
    return sorted(passes, key=lambda one: one.work_ms)[len(passes) // 2]


async def _reports(module: str, *arguments: str) -> list[dict[str, Any]]:
    """Run a client in a fresh process; return the lines of JSON that it printed. Raises RuntimeError where it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=_PROJECT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{module} ended with {process.returncode}: {complained.decode()[-2000:]}")
    return [json.loads(line) for line in said.splitlines()]
