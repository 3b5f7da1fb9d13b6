"""Three servers, what they tell of each other, and a scan of them in virtual time."""

from typing import Any

from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import run_virtually

A, B, C = "5.9.1.2", "5.9.1.3", "88.99.1.4"
NAMES = {"a.org": [A], "b.org": [B], "c.org": [C]}


def telling(*rows: list[Any], **results: Any) -> Any:
    """A server that names these peers."""
    return server(**{"server.peers.subscribe": list(rows)}, **results)


def run(scan: Scan) -> Any:
    return run_virtually(scan.run())
