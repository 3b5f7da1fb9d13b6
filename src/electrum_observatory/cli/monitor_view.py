"""What the monitor knows of itself at this moment: kept by whoever acts, shown by ``monitor_table``."""

from collections import deque
from dataclasses import dataclass, field

from electrum_observatory.cli.monitor_digest import RoundDigest
from electrum_observatory.model.watch import BlindSpell

_MOST_WARNINGS = 5


@dataclass(slots=True, kw_only=True)
class MonitorView:
    """Changed from the event loop alone.

    Attributes:
        watch_id: The watch.
        began_us: UTC microseconds at which this stint began.
        rounds: Rounds of this stint that are on the disk.
        last: The latest of them.
        next_due_us: UTC microseconds of the next round; None while nobody is watched.
        watched: Servers that are watched.
        connected: Those whose connection stands.
        resting: Servers that join once they have rested from a campaign's visit.
        joining_us: UTC microseconds by which the last of them does; None where nobody rests.
        campaign: What runs beside the watch, in words; "" for nothing.
        next_campaign_us: UTC microseconds of the next; None while one runs.
        heights: What each server told of its tip last, by canonical endpoint.
        news: Tips that servers told of by themselves, in this stint.
        data_bytes: Size of the data folder; None until it was first measured.
        free_bytes: Room on its disk.
        spells: Blind spells of this stint, and the one that lies before it.
        warnings: The latest, the oldest first.
        stopping: Whether it is ending.
    """

    watch_id: str
    began_us: int
    rounds: int = 0
    last: RoundDigest | None = None
    next_due_us: int | None = None
    watched: int = 0
    connected: int = 0
    resting: int = 0
    joining_us: int | None = None
    campaign: str = ""
    next_campaign_us: int | None = None
    heights: dict[str, int] = field(default_factory=dict)
    news: int = 0
    data_bytes: int | None = None
    free_bytes: int | None = None
    spells: list[BlindSpell] = field(default_factory=list)
    warnings: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_MOST_WARNINGS))
    stopping: bool = False
