"""One lab for all hostile acts: a machine for each act and honest neighbours that know nobody."""

import asyncio
import contextlib
import queue
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.registry import HOSTILE
from electrum_observatory.lab.process import RunningLab, run_lab
from electrum_observatory.lab.programs import HOSTILE_PREFIX
from electrum_observatory.lab.world_file import WORLD_FILE, WorldFile
from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.children import Children
from tests.hostile.orders import Order, Record
from tests.hostile.places import NEIGHBOUR, NEIGHBOUR_ADDRESS, address_of, crowd_of, host_of

_PORTS = {Transport.TCP: 50001, Transport.SSL: 50002, Transport.WS: 50003, Transport.WSS: 50004}
_LETTERS = {Transport.TCP: "t", Transport.SSL: "s", Transport.WS: "ws", Transport.WSS: "wss"}
AT_ONCE = 3
"""Scans that may be under way at a time, each from a thread of its own: they wait as much as they work."""


def stage_file() -> WorldFile:
    """Return the world: every act on every transport that it can be played on."""
    honest = {
        "id": "neighbour",
        "software": {"personality": "fulcrum_2"},
        "addresses": [NEIGHBOUR_ADDRESS],
        "names": [NEIGHBOUR],
        "certificate": {"recipe": "ec"},
    }
    world = {
        "schema_version": 1,
        "name": "hostile-stage",
        "chain": {"height": 100},
        "mempool": {"initial": 50, "transactions_per_s": 0.1},
        "groups": [_crowd(case) for case in CASES.values() if case.crowd],
        "servers": [honest, *(_server(act) for act in HOSTILE.values())],
        "gossip": {"known_share": 0.0, "stale_share": 0.0},
    }
    return WORLD_FILE.validate_python(world)


def _server(act: HostileAct) -> dict[str, Any]:
    return {
        "id": act.id.replace("_", "-"),
        "software": {"personality": HOSTILE_PREFIX + act.id},
        "addresses": [address_of(act.id)],
        "names": [host_of(act.id)],
        "certificate": {"recipe": "ec"},
        "listen": {transport.value: _PORTS[transport] for transport in act.transports},
    }


def _crowd(case: Case) -> dict[str, Any]:
    stem = case.act.replace("_", "-")
    return {
        "id": f"{stem}-crowd",
        "machines": case.crowd,
        "software": [{"personality": HOSTILE_PREFIX + case.act}],
        "providers": [{"provider": provider} for provider in ("hetzner", "ovh", "aws", "google")],
        "names": {"pattern": f"{stem}-{{number}}.example"},
        "certificates": [{"recipe": "ec"}],
        "listen": [{transport.value: _PORTS[transport] for transport in HOSTILE[case.act].transports}],
    }


class Stage:
    """A running stage, and the children that scan it."""

    def __init__(self, lab: RunningLab, overlay: Path, children: Sequence[Children]) -> None:
        """Take the lab, where its overlay lies, and who scans: each has one scan at a time."""
        self._lab = lab
        self._overlay = overlay
        self._free: queue.SimpleQueue[Children] = queue.SimpleQueue()
        for one in children:
            self._free.put(one)

    def lab_peak_mb(self) -> float:
        """Return the most memory that the lab's worker ever took."""
        status = Path(f"/proc/{self._lab.worker_pids[0]}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1000

    def scan(self, case: Case, *, without: Sequence[str] = ()) -> Record:
        """Scan the machine of a case's act and the honest neighbour, in that order; any thread may ask."""
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder, self._children() as children:
            return children.scan(
                Order(
                    folder=folder,
                    overlay=str(self._overlay),
                    targets=(*targets_of(case), f"{NEIGHBOUR}:50002:s", f"{NEIGHBOUR}:50001:t", *case.targets),
                    settings=dict(case.settings),
                    names={host: [list(one) for one in answers] for host, answers in case.names.items()},
                    pointers={address_of(case.act): case.pointers} if case.pointers else {},
                    without=tuple(without),
                    seconds=case.seconds,
                    room=case.room,
                )
            )

    @contextlib.contextmanager
    def _children(self) -> Iterator[Children]:
        """Take those that are free, or wait for them."""
        free = self._free.get()
        try:
            yield free
        finally:
            self._free.put(free)


def targets_of(case: Case) -> tuple[str, ...]:
    """Return the lines that name the act's machine."""
    transports = case.transports or HOSTILE[case.act].transports
    hosts = (host_of(case.act), *crowd_of(case.act, case.crowd))
    return tuple(f"{host}:{_PORTS[one]}:{_LETTERS[one]}" for host in hosts for one in transports)


@contextlib.contextmanager
def running_stage() -> Iterator[Stage]:
    """Run the stage for the length of the block."""
    with contextlib.ExitStack() as ends:
        text = ends.enter_context(tempfile.TemporaryDirectory(prefix="stage-"))
        runner = ends.enter_context(asyncio.Runner())
        children = [ends.enter_context(Children()) for _ in range(AT_ONCE)]
        lab = run_lab(stage_file(), now=datetime.now(UTC), workers=1, folder=Path(text))
        running = runner.run(lab.__aenter__())
        try:
            yield Stage(running, Path(text, "overlay.json"), children)
        finally:
            runner.run(lab.__aexit__(None, None, None))
