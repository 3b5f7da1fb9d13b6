"""``python -m bench.killed_scan LAB DATA [CAMPAIGN]``: a real scan that tells, line by line, what it has acknowledged.

It joins and runs a scan exactly as the command does; with CAMPAIGN it goes on with that one. Through standard output it
says ``o <digest>`` and ``s <digest>`` for each observation and sighting once its batch is on the disk, and ``sealing``,
``files`` and ``done`` as it comes to them. Somebody else kills it.
"""

import asyncio
import functools
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from electrum_observatory.cli import running
from electrum_observatory.cli.resuming import Resumed, read_resumed
from electrum_observatory.cli.settings import load_settings, settings_of
from electrum_observatory.cli.wiring import Scan, Selection, prepare, read_overlay
from electrum_observatory.model.campaign import CampaignSeal
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.loop import run
from electrum_observatory.store import sealing
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.records import observation_json, sighting_json

PROFILE = "lab"


def observation_digest(one: Observation) -> str:
    """Return what names an observation byte for byte, its witnesses included."""
    return _digest(to_json_text([one.campaign_id, one.endpoint.canonical, observation_json(one)]))


def sighting_digest(one: Sighting) -> str:
    """Return what names a sighting, statement and time."""
    return _digest(to_json_text([one.host, one.port, one.transport.value, sighting_json(one)]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:24]


def tell(words: str) -> None:
    """Say something to whoever may kill us, at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def acknowledge(observations: Sequence[Observation], sightings: Sequence[Sighting]) -> None:
    """Tell that a batch is on the disk."""
    lines = [f"o {observation_digest(one)}" for one in observations]
    lines += [f"s {sighting_digest(one)}" for one in sightings]
    tell("\n".join(lines))


def announced(words: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, which first tells that it begins; what it does is unchanged."""

    @functools.wraps(function)
    def telling(*arguments: Any) -> Any:
        tell(words)
        return function(*arguments)

    return telling


def prepared(lab: Path, data: Path, resumed: Resumed | None) -> Scan:
    """Join the scan of a lab, as ``observatory scan`` and ``observatory scan --resume`` do."""
    path = lab / "overlay.json"
    overlay = read_overlay(path)
    if resumed is not None:
        settings, selection = settings_of(resumed.settings), resumed.selection(Selection())
        return prepare(settings, selection, data, overlay=overlay, overlay_path=path, resumed=resumed)
    selection = Selection(targets=(str(lab / "bootstrap.txt"),))
    return prepare(load_settings(PROFILE), selection, data, overlay=overlay, overlay_path=path)


def main() -> None:
    """Scan, or go on; the exit code is the command's."""
    lab, data = Path(sys.argv[1]), Path(sys.argv[2])
    seal: Callable[[LiveStore, CampaignSeal], Any] = LiveStore.seal_campaign
    LiveStore.seal_campaign = announced("sealing", seal)  # type: ignore[method-assign]  # watched from outside
    sealing.write_files = announced("files", sealing.write_files)
    resumed = read_resumed(data, sys.argv[3]) if len(sys.argv) > 3 else None
    if resumed is not None and not isinstance(resumed, Resumed):
        running.nothing_left(resumed, data, report=None, as_json=False)
        tell("done")
        return
    scan = prepared(lab, data, resumed)
    outcome = run(running.scan_into(scan, data, quiet=True, on_commit=acknowledge))
    tell("done")
    sys.exit(running.exit_of(outcome))


if __name__ == "__main__":
    try:
        main()
    except asyncio.CancelledError:
        sys.exit(130)
