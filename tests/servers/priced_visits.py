"""``unshare … python -m tests.servers.priced_visits FOLDER PAUSE VERSION…``: what our visits cost real servers.

ElectrumX charges nobody on loopback or in a private network, so everything runs in a network namespace of its own that
holds the addresses 100.64.0.0/10: a node, servers with their own default limits, and the product's fingerprinting
campaign as a child process. What is printed is read from the servers' own books while the campaign runs.

PAUSE is the time between two visits to one server, in seconds. Where it is shorter than the product's ten minutes, each
visit comes from another /24, so that it meets a server to which it owes nothing (what the real pause would have
refunded is reckoned afterwards), and padded packets leave at once.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.servers.costs import AT_ONCE, Books, books_of, throttling
from tests.servers.electrumx import SSL_PORT, ElectrumX, launch
from tests.servers.litecoin_node import LitecoinNode

OBSERVATORY = Path(sys.executable).with_name("observatory")
NETWORK = "100.64.0.0/10"
OURS = "100.64.0.1"
LOOK_EVERY_S = 0.1
LONGEST_S = 7_200
REAL_PAUSE_S = 600.0
"""``budgets.revisit_s`` of the product."""


NOTHING_CHARGED = Books(open_sessions=0, open_cost=0.0, retained_cost=0.0, at_once=AT_ONCE)


@dataclass(slots=True, kw_only=True)
class PricedVisit:
    """One visit as a server's books tell it.

    Attributes:
        before: Cost that earlier visits had left when it began.
        highest: Highest cost while it lasted and right after it.
        at_once: The least requests of a session that were worked on at once; AT_ONCE where nothing was throttled.
        ended: When it was over, in seconds since the campaign began.
    """

    before: float
    highest: float = 0.0
    at_once: int = AT_ONCE
    ended: float = 0.0


@dataclass(slots=True, kw_only=True)
class Watch:
    """Follows one server's books, visit by visit."""

    server: ElectrumX
    pause: float
    source: str = OURS
    visits: list[PricedVisit] = field(default_factory=list)
    _quiet_since: float | None = None
    _in_visit: bool = False
    _last: Books = NOTHING_CHARGED

    def look(self, at: float) -> None:
        """Read the books once more."""
        books = books_of(self.server, self.source)
        # A connection may come and go between two looks; then only its retained cost tells of it.
        visited = books.open_sessions > 0 or books.retained_cost > self._last.retained_cost
        if visited and not self._in_visit:
            self._in_visit = True
            self.visits.append(PricedVisit(before=self._last.retained_cost))
        if self._in_visit:
            visit = self.visits[-1]
            visit.highest = max(visit.highest, books.cost)
            visit.at_once = min(visit.at_once, books.at_once)
            self._quiet_since = None if visited else self._quiet_since or at
            if self._quiet_since is not None and at - self._quiet_since > self.pause / 3:
                visit.ended, self._in_visit, self._quiet_since = at, False, None
        self._last = books

    def come_from(self, source: str) -> None:
        """Let our further connections have this source address, in a /24 that the server does not know."""
        _run("ip", "route", "replace", "local", self.server.address, "dev", "lo", "src", source, "table", "local")
        self.source = source
        self._last = NOTHING_CHARGED


def priced_address(number: int) -> str:
    """Return where the server with this place in the list listens."""
    return f"100.64.{1 + number}.1"


def main(folder: Path, pause: float, versions: list[str]) -> None:
    """Start everything, run the campaign, print what it cost, and end everything."""
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", f"{OURS}/10", "dev", "lo")
    node = LitecoinNode.start(_made(folder / "litecoind"))
    servers: list[ElectrumX] = []
    try:
        node.grow()
        for number, version in enumerate(versions):
            at = _made(folder / version)
            address, hurried = priced_address(number), pause < REAL_PAUSE_S
            servers.append(launch(version, address=address, node=node, folder=at, costs_limited=True, hurried=hurried))
        for server in servers:
            server.program.wait_until(partial(_has_books, server))
        print(json.dumps(_watched_campaign(folder, pause, servers)))
    finally:
        for server in servers:
            server.program.end()
        node.program.end()


def _watched_campaign(folder: Path, pause: float, servers: list[ElectrumX]) -> dict[str, Any]:
    watches = [Watch(server=server, pause=pause) for server in servers]
    began = time.monotonic()
    told, said = folder / "scan.json", folder / "scan.log"
    with told.open("wb") as output, said.open("wb") as errors:
        scan = subprocess.Popen(_command(folder, servers), env=_environment(pause), stdout=output, stderr=errors)
        try:
            while (code := _ended(scan)) is None:
                if time.monotonic() - began > LONGEST_S:
                    raise RuntimeError(f"the campaign did not end: {said.read_text()}")
                _look(watches, time.monotonic() - began)
            _look(watches, time.monotonic() - began)
        finally:
            scan.kill()
            scan.wait()
    return {
        "exit_code": code,
        "said": said.read_text(encoding="utf-8", errors="replace"),
        "counts": json.loads(told.read_bytes())["counts"] if code == 0 else {},
        "data": str(folder / "data"),
        "servers": {
            watch.server.version: {
                "visits": [asdict(visit) for visit in watch.visits],
                "throttling": throttling(watch.server),
            }
            for watch in watches
        },
    }


def _look(watches: list[Watch], at: float) -> None:
    for watch in watches:
        ended = sum(visit.ended > 0 for visit in watch.visits)
        watch.look(at)
        if watch.pause < REAL_PAUSE_S and sum(visit.ended > 0 for visit in watch.visits) > ended:
            watch.come_from(f"100.64.{100 + len(watch.visits)}.1")


def _command(folder: Path, servers: list[ElectrumX]) -> list[str]:
    targets = [f"{server.address}:{SSL_PORT}:s" for server in servers]
    options = ["--profile", "fingerprinting", "--network", "litecoin-regtest", "--allow-private", NETWORK, "--json"]
    return [str(OBSERVATORY), "scan", *options, "--data", str(folder / "data"), *targets]


def _environment(pause: float) -> dict[str, str]:
    """The profile as it is; where its ten minutes are not waited for, nor are the seconds between connections."""
    if pause >= REAL_PAUSE_S:
        return dict(os.environ)
    budgets = {"OBSERVATORY_SCAN__BUDGETS__REVISIT_S": f"{pause:g}", "OBSERVATORY_SCAN__BUDGETS__SPACING_S": "0"}
    return {**os.environ, **budgets}


def _has_books(server: ElectrumX) -> bool:
    """Whether it listens; asked over its RPC, so that nothing is charged before the campaign."""
    try:
        books_of(server, OURS)
    except (OSError, ValueError):
        return False
    return True


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait a moment for a process to end; return its exit code, None while it runs."""
    try:
        return process.wait(LOOK_EVERY_S)
    except subprocess.TimeoutExpired:
        return None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
