"""Running a lab: a world's machines in worker processes, and the address book that leads to them."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from electrum_observatory.lab.machines import Machine
from electrum_observatory.lab.truth import Truth, truth_of
from electrum_observatory.lab.visits import Arrival
from electrum_observatory.lab.wire import OpenSocket
from electrum_observatory.lab.worker import Assignment
from electrum_observatory.lab.world import World
from electrum_observatory.lab.world_file import WORLD_FILE, WorldFile
from electrum_observatory.lab.world_options import Fault
from electrum_observatory.model.errors import ObservatoryError, StoreError
from electrum_observatory.net.overlay import Overlay

DEFAULT_WORKERS = 2
_CLOSED_PORT = 1
_DIED = "a worker process of the lab died; its last words are above"
_LINE_LIMIT = 64_000_000
_READY_SECONDS = 300  # ten thousand sockets and their certificates take half a minute on an idle machine
_GOODBYE_SECONDS = 5


class LabError(ObservatoryError):
    """A worker process of the lab could not start, or died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLab:
    """A lab while it runs.

    Attributes:
        world: The world, to be asked what anybody should have answered.
        truth: What is true of it.
        overlay: Public identities in front of its sockets.
    """

    world: World
    truth: Truth
    overlay: Overlay
    _workers: Sequence["_Worker"] = field(repr=False)

    @property
    def bootstrap_text(self) -> str:
        """The list a scanner starts from, one ``host:port:t|s`` per line."""
        return self.world.bootstrap_text

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the workers."""
        return tuple(worker.process.pid for worker in self._workers)

    async def arrivals(self) -> tuple[Arrival, ...]:
        """Return every visitor so far, oldest first."""
        found = [arrival for worker in self._workers for arrival in await worker.arrivals()]
        return tuple(sorted(found, key=lambda arrival: arrival.at_s))

    async def wait(self) -> None:
        """Wait for as long as everything runs. Raises LabError when a worker dies; is otherwise to be cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.outlive())
        except ExceptionGroup as errors:
            raise LabError(_DIED) from errors


@contextlib.asynccontextmanager
async def run_lab(
    file: WorldFile,
    *,
    now: datetime,
    seed: int | None = None,
    workers: int = DEFAULT_WORKERS,
    folder: Path | None = None,
) -> AsyncIterator[RunningLab]:
    """Run a world for the length of the block.

    Args:
        file: The world.
        now: The present, aware; worlds without a start of their own start on this day.
        seed: Instead of the file's.
        workers: How many processes share the machines.
        folder: Where to write overlay.json, truth.json and bootstrap.txt; None for nowhere.

    Raises:
        InputError: The world cannot be built.
        LabError: A worker did not come up.
        StoreError: The folder cannot be written.
    """
    world = World.build(file, seed=seed, now=now)
    origin = asyncio.get_running_loop().time()
    async with contextlib.AsyncExitStack() as stack:
        started = [
            await stack.enter_async_context(_worker(world, origin, machines))
            for machines in _shares([machine.machine_id for machine in world.machines], workers)
        ]
        sockets = [socket for worker in started for socket in await worker.sockets()]
        lab = RunningLab(world=world, truth=truth_of(world), overlay=overlay_of(world, sockets), _workers=started)
        if folder is not None:
            write_lab(lab, folder)
        yield lab


def write_lab(lab: RunningLab, folder: Path) -> None:
    """Write overlay.json (for scanners), truth.json (for those who check them) and bootstrap.txt into a folder.

    Raises:
        StoreError: The folder cannot be written or is full.
    """
    texts = {"overlay.json": _json(lab.overlay.to_json()), "truth.json": _json(lab.truth.to_json())}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (texts | {"bootstrap.txt": lab.bootstrap_text}).items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: the files of the lab cannot be written there: {error.strerror}") from error


def _json(value: object) -> str:
    return json.dumps(value, indent=1) + "\n"


def overlay_of(world: World, sockets: Sequence[OpenSocket]) -> Overlay:
    """Put the public identities of a world in front of its sockets.

    A dead machine's ports lead to a loopback address where nothing listens, so that they are refused for real.
    """
    real = {(socket.machine, socket.transport): socket.port for socket in sockets}
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for machine in world.machines:
        if machine.fault is Fault.SILENT:
            continue
        for address in machine.addresses:
            for transport, port in machine.ports.items():
                found[address, port] = (machine.loopback, real.get((machine.machine_id, transport), _CLOSED_PORT))
    return Overlay(
        name=world.file.name,
        sockets=found,
        silent=frozenset(address for machine in _silent(world) for address in machine.addresses),
        names=world.names,
        pointers=world.pointers,
        time_scale=world.file.time_scale,
        reference=world.reference,
    )


def _silent(world: World) -> list[Machine]:
    return [machine for machine in world.machines if machine.fault is Fault.SILENT]


def _shares(machines: list[str], workers: int) -> list[tuple[str, ...]]:
    count = max(1, min(workers, len(machines)))
    return [tuple(machines[index::count]) for index in range(count)]


class _Worker:
    """The parent's end of one worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._turn = asyncio.Lock()

    async def assign(self, assignment: Assignment) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(assignment) + b"\n")
        await self.process.stdin.drain()

    async def sockets(self) -> list[OpenSocket]:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                line = await self._line()
        except TimeoutError as error:
            raise LabError(f"a worker of the lab was not ready after {_READY_SECONDS} s") from error
        answer = msgspec.json.decode(line)
        if "error" in answer:
            raise LabError(answer["error"])
        return msgspec.convert(answer["sockets"], type=list[OpenSocket])

    async def arrivals(self) -> list[Arrival]:
        async with self._turn:
            assert self.process.stdin is not None
            self.process.stdin.write(b"visits\n")
            return msgspec.json.decode(await self._line(), type=list[Arrival])

    async def outlive(self) -> None:
        """Return never: raise LabError once the process is gone."""
        await self.process.wait()
        raise LabError(_DIED)

    async def _line(self) -> bytes:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise LabError(_DIED)
        return line

    async def stop(self) -> None:
        """Close its input, which ends it; kill it if that does not."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@contextlib.asynccontextmanager
async def _worker(world: World, origin: float, machines: tuple[str, ...]) -> AsyncIterator[_Worker]:
    """Start a worker in a session of its own, so that Ctrl-C reaches only the parent, who may want to finish first."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "electrum_observatory.lab.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        start_new_session=True,
    )
    worker = _Worker(process)
    try:
        await worker.assign(
            Assignment(
                world=WORLD_FILE.dump_json(world.file).decode(),
                seed=world.seed,
                start=world.start,
                origin=origin,
                machines=machines,
            )
        )
        yield worker
    finally:
        await worker.stop()
