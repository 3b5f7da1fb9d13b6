"""Write a watch of servers in front of recorded nodes into a data folder; ``lab`` and ``store`` meet here."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from electrum_observatory import __version__
from electrum_observatory.lab.time.recorded import Recording, read_recording
from electrum_observatory.lab.time.replay import Replay, cast, replay
from electrum_observatory.lab.time.rounds import BOOT_ID
from electrum_observatory.model.watch import Stint, Watch
from electrum_observatory.model.watch_ports import WatchSink

START_US = 1_795_305_600_000_000  # 2026-11-22: any day will do, as long as the same replay is the same watch
_MONOTONIC_NS = 10**15
_BUNDLED = files("electrum_observatory.lab") / "recordings" / "litecoind_pair.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedWatch:
    """What was written.

    Attributes:
        program: What the recorded nodes call themselves.
        watch_id: The watch.
        readings: How many readings were kept.
        nodes: Server, node that it stands on, build.
    """

    program: str
    watch_id: str
    readings: int
    nodes: tuple[tuple[str, str, str], ...]


def bundled_recording() -> Recording:
    """Return the recording that comes with the program: two litecoinds with different mempools, eleven minutes."""
    with as_file(_BUNDLED) as path:
        return read_recording(path)


def plan_replay(path: Path | None, *, seed: int, every_s: float, hasten: float) -> Replay:
    """Put servers in front of a recording, or of the bundled one. Raises InputError where it cannot be read."""
    recording = bundled_recording() if path is None else read_recording(path)
    servers = cast(recording, seed)
    return Replay(recording=recording, servers=servers, seed=seed, start_us=START_US, every_s=every_s, hasten=hasten)


def write_replayed_watch(asked: Replay, sink: WatchSink) -> ReplayedWatch:
    """Replay into a sink."""
    recording, watch = asked.recording, replayed_watch(asked)
    stint = Stint(started_at_us=START_US, started_monotonic_ns=_MONOTONIC_NS, boot_id=BOOT_ID, tool_version=__version__)
    sink.begin_stint_now(watch, stint)
    rendered = replay(asked)
    kept = sink.record_columns(rendered.readings)
    sink.record_news_columns(rendered.news)
    asyncio.run(
        sink.end_stint(START_US + round(recording.seconds * 1e6), _MONOTONIC_NS + round(recording.seconds * 1e9))
    )
    return ReplayedWatch(
        program=recording.program,
        watch_id=watch.watch_id,
        readings=kept,
        nodes=tuple((one.endpoint.canonical, one.nodes[0], one.personality) for one in asked.servers),
    )


def replayed_watch(asked: Replay) -> Watch:
    """Describe the watch of a replay: its id is made of what is asked for, so that it is the same each time."""
    config = {"program": asked.recording.program, "seed": asked.seed, "every_s": asked.every_s, "hasten": asked.hasten}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
    return Watch(
        watch_id=f"20261122T000000Z-replayed-{digest[:6]}",
        vantage="replayed",
        network="litecoin-regtest",
        started_at_us=START_US,
        config=config,
        config_sha256=digest,
        overlay={"name": "replayed nodes", "sha256": digest},  # so that nobody takes its servers for real ones
        note="simulated servers in front of recorded nodes",
    )
