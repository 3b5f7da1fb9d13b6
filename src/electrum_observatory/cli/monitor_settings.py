"""What may be set about a watch, beside what is set about scans; ``experiments/config/default.yaml`` shows it all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from electrum_observatory.cli.durations import seconds_of
from electrum_observatory.model.errors import UsageError
from electrum_observatory.model.watch import Question
from electrum_observatory.scanner.watching.config import WatchingConfig

DISCOVERY, FULL = "discovery", "full"
"""The two campaigns that a watch makes, as ``--every`` names them."""
NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rediscovery:
    """The campaigns that a watch makes beside itself: who is there, and what do they look like by now?

    Attributes:
        discovery_s: From one campaign that asks for certificate, features, peers and genesis to the next; 0 for never.
        full_s: The same for campaigns that ask everything that a scan asks; 0 for never. Each is a discovery too.
        peer_lists: How many servers a discovery asks for their peers; 0 for all. Lists are most of what it brings;
            two hundred of sixty names leave out nobody of a thousand, sixty-four leave out one in fifty.
        concurrency: Conversations of such a campaign that are worked on at the same time: nothing hurries it, and what
            it does to our event loop would blur the stamps of the watch.
    """

    discovery_s: float = 86_400.0
    full_s: float = 604_800.0
    peer_lists: int = 200
    concurrency: int = 16

    def __post_init__(self) -> None:
        """Refuse a campaign of nobody."""
        if self.concurrency < 1:
            raise ValueError(f"concurrency is {self.concurrency}, and must be at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorSettings:
    """The ``monitor:`` section.

    Attributes:
        watching: The watch itself: cadences, deadlines, manners.
        rediscovery: The campaigns beside it.
        disk_low_bytes: Less room than this on the disk of the data folder is told.
        scripts: Public scripts, by address or script hash, whose pending transactions every server is asked for.
    """

    watching: WatchingConfig = field(default_factory=WatchingConfig)
    rediscovery: Rediscovery = field(default_factory=Rediscovery)
    disk_low_bytes: int = 2_000_000_000
    scripts: tuple[str, ...] = ()


def watch_flags(every: Sequence[str], scripts: Sequence[str]) -> dict[str, Any]:
    """Return what ``--every WHAT=DURATION`` and ``--script`` say, in the shape of the settings.

    Raises:
        UsageError: It names something else, or no duration.
    """
    cadences: dict[str, float] = {}
    campaigns: dict[str, float] = {}
    for one in every:
        what, _, text = one.partition("=")
        if what in (DISCOVERY, FULL):
            campaigns[f"{what}_s"] = 0.0 if text == NEVER else seconds_of(text)
        elif what in tuple(Question):
            cadences[f"{what}_s"] = seconds_of(text)
        else:
            known = ", ".join((*Question, DISCOVERY, FULL))
            raise UsageError(f"--every {one}: write WHAT=DURATION, such as histogram=5m; WHAT is one of {known}")
    monitor: dict[str, Any] = {}
    if cadences:
        monitor["watching"] = {"cadences": cadences}
    if campaigns:
        monitor["rediscovery"] = campaigns
    if scripts:
        monitor["scripts"] = tuple(scripts)
    return {"monitor": monitor} if monitor else {}


def check_pending(every: Sequence[str], settings: MonitorSettings) -> None:
    """Refuse a cadence of what nobody would be asked for. Raises UsageError."""
    if not settings.scripts and any(one.startswith(f"{Question.PENDING}=") for one in every):
        raise UsageError(
            "--every pending=…: no public script is named (--script), so nobody is asked (docs/monitor.md)"
        )
