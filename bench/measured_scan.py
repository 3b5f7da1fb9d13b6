"""``python -m bench.measured_scan LAB DATA PROBES [RECORDING]``: client (c), the real scanner, store and TLS parsing.

It joins a scan exactly as the command does, runs it into a data folder to the sealed campaign with its files, and
reports the cost. Given the name of a RECORDING it also writes down every line that was sent, which is where the other
clients' lines come from; what that pass costs is not used.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from bench.questions import AT_ONCE, Costs
from electrum_observatory.cli.running import run_scan
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.cli.wiring import Scan, Selection, prepare, read_overlay
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.net.connection import Connection, ConnectionFacts, LineReceiver, ReceivedLine
from electrum_observatory.net.dial import Dialer
from electrum_observatory.store import parquet, raw_json, sealing
from electrum_observatory.store.reader import StoreReader

_IMPORTED_AT_THE_SEAL = (parquet, raw_json)
"""Imported here with the rest: what a client imports counts as start-up for all three, whenever it does."""

_REPLIES = "SELECT sum(length(data) + pad_length) FROM witnesses JOIN blobs USING (digest) WHERE kind = 'reply'"


class RecordedConnection:
    """A connection that writes down what is said on it, in rounds; it hears what its receiver is told."""

    def __init__(self, connection: Connection) -> None:
        self.rounds: list[list[bytes]] = []
        self._connection = connection
        self._silent_since_reply = True

    @property
    def facts(self) -> ConnectionFacts:
        return self._connection.facts

    def send(self, data: bytes) -> None:
        if self._silent_since_reply:
            self.rounds.append([])
            self._silent_since_reply = False
        self.rounds[-1].append(data)
        self._connection.send(data)

    def hand_over(self, receiver: LineReceiver) -> None:
        self._receiver = receiver
        self._connection.hand_over(self)

    def line_received(self, line: ReceivedLine) -> None:
        self._silent_since_reply = True
        self._receiver.line_received(line)

    def connection_ended(self, error: VisitError) -> None:
        self._receiver.connection_ended(error)

    def abort(self) -> None:
        self._connection.abort()


class RecordingDialer:
    """Dials as the real one and keeps every connection."""

    def __init__(self, dialer: Dialer) -> None:
        self.connections: list[RecordedConnection] = []
        self._dialer = dialer

    async def connect(self, endpoint: Endpoint, *, legacy_tls: bool = False) -> Connection:
        self.connections.append(RecordedConnection(await self._dialer.connect(endpoint, legacy_tls=legacy_tls)))
        return self.connections[-1]

    def conversations(self) -> list[tuple[list[list[str]], int]]:
        """Return every different conversation, in rounds, with how many servers it was held with."""
        said = Counter(json.dumps([[*map(bytes.decode, lines)] for lines in one.rounds]) for one in self.connections)
        return [(json.loads(text), number) for text, number in said.most_common()]


class Timed:
    """Calls a function and sums the CPU time of the process meanwhile."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.seconds = 0.0
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        began = time.process_time()
        try:
            return self._function(*arguments)
        finally:
            self.seconds += time.process_time() - began


def prepared(lab: Path, data: Path, probes: tuple[str, ...]) -> Scan:
    """Join the scan of all TLS endpoints of a lab; what their peer lists name besides is known and not dialled."""
    scan = {"probes": probes, "concurrency": AT_ONCE}
    # A busy computer may be slow to shake hands; what is measured is CPU time, and nobody may be missed.
    settings = load_settings("lab", scan=scan, dialling={"connect": 60, "tls": 60})
    selection = Selection(targets=(str(lab / "targets.txt"),), only=("ssl",))
    return prepare(settings, selection, data, overlay=read_overlay(lab / "overlay.json"))


def main() -> None:
    """Scan and report the cost."""
    costs = Costs()
    lab, data, probes = Path(sys.argv[1]), Path(sys.argv[2]), tuple(filter(None, sys.argv[3].split(",")))
    scan = prepared(lab, data, probes)
    recorder = RecordingDialer(scan.dialer)
    if len(sys.argv) > 4:
        scan = replace(scan, dialer=cast("Dialer", recorder))
    files = Timed(sealing.write_files)
    sealing.write_files = files  # type: ignore[assignment]  # measured from outside
    outcome = run_scan(scan, data, quiet=True)
    costs.report(
        servers=outcome.counts["answered"],
        sent=outcome.counts["requests"],
        received=0,
        files_s=files.seconds,
    )
    with StoreReader.open(data) as reader:
        received = reader.select(_REPLIES)[0][0]
    print(json.dumps({"received": received, "counts": dict(outcome.counts)}))
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_text(json.dumps(recorder.conversations()), encoding="utf-8")


if __name__ == "__main__":
    main()
