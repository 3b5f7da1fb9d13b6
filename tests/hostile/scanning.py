"""One scan in a process of its own, bounded from outside: real engine, real dialler, real store, real deadlines.

Nothing here is lenient because it is a test, except that waiting is short: the caps are those of the default profile.
"""

import asyncio
import dataclasses
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd  # noqa: F401  what sealing loads when it is needed: here once, before the fork, for every child
import pyarrow.parquet as pq  # noqa: F401

from electrum_observatory.cli import running
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Selection, prepare, read_overlay
from electrum_observatory.model.observation import Observation
from electrum_observatory.net.loop import loop_factory
from electrum_observatory.net.resolve import CachingResolver
from electrum_observatory.store.reader import StoreReader
from tests.hostile.defences import switch_off
from tests.hostile.orders import Order, Record, Seen
from tests.hostile.shifting_names import ShiftingNames

PATIENT: dict[str, Any] = {
    "scan": {
        "depth": 1,
        "budgets": {"spacing_s": 0.0},
        "deadlines": {"dial_s": 6.0, "request_s": 4.0, "probe_s": 12.0, "session_s": 12.0, "resolve_s": 2.0},
    },
    "dialling": {"connect": 3.0, "tls": 4.0, "websocket": 4.0},
}
"""Enough for a busy machine; whoever waits a deadline out has a case with shorter ones."""
_LONGEST_RESULT = 20_000
_TURNS_TO_CLOSE = 5
_LARGEST_FILE = 300_000_000

_dialled: set[tuple[str, int]] = set()


def obey(order: Order) -> None:
    """Scan within bounds and leave the record in the order's folder. The process is of no use afterwards."""
    bound(order)
    sys.addaudithook(note_connections)
    for defence in order.without:
        switch_off(defence)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        record = runner.run(scan(order))
    Path(order.folder, "record.json").write_bytes(msgspec.json.encode(record))


def bound(order: Order) -> None:
    """Let the system kill what does not end or takes too much, whatever code is running then."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(order.seconds)
    room = virtual_bytes() + order.room
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (order.seconds, order.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def note_connections(event: str, arguments: tuple[Any, ...]) -> None:
    """Keep the internet addresses that the interpreter connects to."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _dialled.add((str(arguments[1][0]), int(arguments[1][1])))


async def scan(order: Order) -> Record:
    """Scan, and read back what the store holds."""
    folder = Path(order.folder)
    targets = folder / "targets.txt"
    targets.write_text("".join(f"{line}\n" for line in order.targets))
    overlay = read_overlay(Path(order.overlay))
    settings = load_settings("default", **merged(PATIENT, order.settings))
    prepared = prepare(settings, Selection(targets=(str(targets),)), folder / "data", overlay=overlay)
    if order.names or order.pointers:
        shifting = CachingResolver(ShiftingNames(prepared.resolver, order.names, order.pointers))
        prepared = dataclasses.replace(prepared, resolver=shifting)
    base_kb, began, cpu_began = memory("VmRSS"), time.perf_counter(), time.process_time()
    outcome = await running.scan_into(prepared, folder / "data", quiet=True)
    wall_s, cpu_s, peak_kb = time.perf_counter() - began, time.process_time() - cpu_began, memory("VmHWM")
    for _ in range(_TURNS_TO_CLOSE):  # in which the loop closes what was dropped
        await asyncio.sleep(0)
    left_open = connections_left()
    with StoreReader.open(folder / "data") as reader:
        campaign = reader.campaign(prepared.campaign.campaign_id)
        seen = [seen_of(one) for one in reader.observations(campaign.campaign.campaign_id)]
        sightings = sum(1 for _ in reader.sightings(campaign.campaign.campaign_id))
    return Record(
        state=str(outcome.state),
        counts=dict(outcome.counts),
        seen=tuple(seen),
        sightings=sightings,
        dialled=tuple(sorted(_dialled)),
        left_open=left_open,
        wall_s=wall_s,
        cpu_s=cpu_s,
        base_kb=base_kb,
        peak_kb=peak_kb,
    )


def seen_of(one: Observation) -> Seen:
    """Return an observation without what would make the record long."""
    attempt, failure = one.attempt, one.attempt.failure
    return Seen(
        endpoint=one.endpoint.canonical,
        probe=one.probe,
        status=str(attempt.status),
        stage=str(failure.stage) if failure else None,
        kind=str(failure.kind) if failure else None,
        detail=failure.detail if failure else "",
        reason=attempt.reason or "",
        duration_ms=(one.duration_us or 0) / 1000,
        kept=sum(len(witness.data) for witness in one.witnesses),
        result=shortened(attempt.result),
    )


def shortened(result: object) -> object:
    """Return a result, with the length of its JSON in its place where that is long."""
    text = json.dumps(result)
    return result if len(text) <= _LONGEST_RESULT else {"characters": len(text)}


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings in which the second mapping's wishes win, key by key."""
    return {
        key: merged(one.get(key, {}), value) if isinstance(value, Mapping) else value
        for key, value in {**one, **other}.items()
    }


def connections_left() -> int:
    """Return how many TCP connections this process holds."""
    return sum(is_connection(int(name)) for name in os.listdir("/proc/self/fd"))


def is_connection(descriptor: int) -> bool:
    """Whether a descriptor is an internet socket with a peer."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as sock:
            return sock.family in (socket.AF_INET, socket.AF_INET6) and bool(sock.getpeername())
    except OSError:
        return False


def memory(what: str) -> int:
    """Return a line of this process's memory in kB: VmRSS, VmHWM (the most ever), VmSize."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0])


def virtual_bytes() -> int:
    """Return the address space in use."""
    return memory("VmSize") * 1024
