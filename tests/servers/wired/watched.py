"""``unshare … python -m tests.servers.wired.watched FOLDER REFRESH EVERY SECONDS SEED``: watch servers of known wiring.

Starts two connected nodes with different mempools and three versions of ElectrumX on each, makes transactions and
blocks, and meanwhile watches the servers with ``observatory monitor``, a round each EVERY seconds for SECONDS. REFRESH
is how often a server remakes its histogram, in seconds. What the nodes say of themselves goes to ``nodes.jsonl``. At
the end one JSON document is printed: the data folder, which server stands on which node, and which transactions only
one node was given. Everything runs in namespaces of its own that end with this process.
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from electrum_observatory.model.watch import Question
from tests.servers.electrumx import TCP_PORT, ElectrumX
from tests.servers.wired.recorder import NodeRecorder
from tests.servers.wired.traffic import PUBLIC_ADDRESS, Traffic
from tests.servers.wired.wiring import start_nodes, start_servers

OBSERVATORY = Path(sys.executable).with_name("observatory")
LOOK_EVERY_S = 1.0
GOODBYE_S = 60.0
LONGEST_PACE_S = 3.0


def main(folder: Path, refresh_s: float, every_s: float, seconds: float, seed: int) -> None:
    """Start everything, watch, print who stands where, and end everything."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with start_nodes(folder) as nodes:
        traffic = Traffic(nodes, random.Random(seed))
        traffic.begin()
        with start_servers(folder, nodes, refresh_s) as servers, (folder / "nodes.jsonl").open("w") as output:
            told = _watched(folder, [server for _, server in servers], every_s, seconds, traffic, refresh_s, output)
    wiring = {f"{server.address}:{TCP_PORT}": node for node, server in servers}
    versions = {f"{server.address}:{TCP_PORT}": server.version for _, server in servers}
    facts = {"data": str(folder / "data"), "wiring": wiring, "versions": versions, "alone": traffic.alone}
    print(json.dumps({**facts, **told}))


def _watched(
    folder: Path,
    servers: list[ElectrumX],
    every_s: float,
    seconds: float,
    traffic: Traffic,
    refresh_s: float,
    output: Any,
) -> dict[str, Any]:
    """Watch while the network lives; return what the command said, and how it ended."""
    said = folder / "monitor.log"
    recorder = NodeRecorder(traffic.nodes, output)
    with said.open("wb") as errors:
        command = _command(folder, servers, every_s, seconds)
        monitor = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            code = _live(
                monitor,
                traffic,
                recorder,
                deadline=time.monotonic() + seconds + GOODBYE_S,
                pace_s=min(refresh_s / 2, LONGEST_PACE_S),
            )
        finally:
            monitor.kill()
            monitor.wait()
    return {"exit_code": code, "said": said.read_text(encoding="utf-8", errors="replace")}


def _live(
    monitor: subprocess.Popen[bytes], traffic: Traffic, recorder: NodeRecorder, *, deadline: float, pace_s: float
) -> int:
    """Let things happen until the monitor has ended, two or more between two refreshes of a histogram."""
    looked = 0.0
    while time.monotonic() < deadline:
        traffic.step()
        if time.monotonic() - looked >= LOOK_EVERY_S:
            looked = time.monotonic()
            recorder.look()
        try:
            return monitor.wait(pace_s)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError("the monitor did not end in time")


def _command(folder: Path, servers: list[ElectrumX], every_s: float, seconds: float) -> list[str]:
    profile = folder / "monitor.yaml"
    profile.write_text(json.dumps(_settings(every_s)), encoding="utf-8")  # JSON is YAML
    targets = [f"{server.address}:{TCP_PORT}:t" for server in servers]
    return [
        *(str(OBSERVATORY), "monitor", *targets, "--profile", str(profile), "--network", "litecoin-regtest"),
        *("--allow-private", "127.77.0.0/16", "--data", str(folder / "data"), "--for", f"{seconds:g}s"),
        *("--script", PUBLIC_ADDRESS),
    ]


def _settings(every_s: float) -> dict[str, Any]:
    """Round upon round, and 1.4 alone: over litecoind, 1.6 knows no relay fee (mempool.get_info is an error there)."""
    cadences = {f"{question}_s": every_s for question in Question}
    manners = {"versions": ["1.4"], "lines_per_minute": 6_000, "bytes_per_minute": 10_000_000}
    dials = {"spacing_s": 0.1, "first_backoff_s": 0.5}
    watching = {
        "cadences": cadences,
        "manners": manners,
        "dials": dials,
        "jitter_s": 0.0,
        "deadline_s": min(0.95 * every_s, 20.0),
        "spread_s": 0.0,
    }
    scan = {"limits": "lab", "budgets": {"revisit_s": 0.1, "spacing_s": 0.1}}
    return {"scan": scan, "monitor": {"watching": watching, "rediscovery": {"full_s": 0.0}}}


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
