"""``python -m bench.killed_scan scan …``: the real command, which also tells line by line what it has acknowledged.

Through standard output it says ``o <digest>`` and ``s <digest>`` for each observation and sighting once its batch is on
the disk, and ``sealing`` and ``files`` when it comes to them. Somebody else kills it, or takes its disk away.
"""

import functools
import hashlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from electrum_observatory.cli import running
from electrum_observatory.cli.main import run
from electrum_observatory.model.campaign import CampaignSeal
from electrum_observatory.model.observation import Observation
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.store import sealing
from electrum_observatory.store.json_text import to_json_text
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.records import observation_json, sighting_json


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


def main() -> None:
    """Run the command line; it ends the process with its exit code."""
    seal: Callable[[LiveStore, CampaignSeal], Any] = LiveStore.seal_campaign
    LiveStore.seal_campaign = announced("sealing", seal)  # type: ignore[method-assign]  # watched from outside
    sealing.write_files = announced("files", sealing.write_files)
    running.scan_into = functools.partial(running.scan_into, on_commit=acknowledge)
    run(sys.argv[1:])


if __name__ == "__main__":
    main()
