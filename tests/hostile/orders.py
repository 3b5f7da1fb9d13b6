"""What a scanner child is told, and what it tells: plain values that cross a process border as JSON."""

from typing import Any

import msgspec


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One scan.

    Attributes:
        folder: A fresh folder of its own: the store goes to ``data``, the record to ``record.json``.
        overlay: The overlay.json of the running stage.
        targets: ``host:port:letter`` lines.
        settings: What differs from the stage's own, as the flags of ``load_settings``.
        names: Host names that resolve in this scan beside those of the overlay; for each lookup in turn one list of
            addresses, the last for all later ones.
        pointers: Addresses and the names that reverse DNS gives them in this scan.
        without: Ids of the defences that are switched off.
        seconds: The child is killed after so long.
        room: Bytes of address space that it may take beyond those it starts with.
    """

    folder: str
    overlay: str
    targets: tuple[str, ...]
    settings: dict[str, Any] = {}
    names: dict[str, list[list[str]]] = {}
    pointers: dict[str, tuple[str, ...]] = {}
    without: tuple[str, ...] = ()
    seconds: int = 20
    room: int = 1_000_000_000


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One observation of the store; ``kept`` are the bytes of its witnesses, ``result`` is None where it is long."""

    endpoint: str
    probe: str
    status: str
    stage: str | None
    kind: str | None
    detail: str
    reason: str
    duration_ms: float
    kept: int
    result: Any

    def __repr__(self) -> str:
        """As a judge quotes it."""
        how = f" in {self.stage}: {self.kind}, {self.detail}" if self.kind else ""
        return f"{self.endpoint}: {self.probe} {self.status}{how}"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one scan.

    Attributes:
        died: How the child ended, if not by itself: its last words and the signal. Then all else is empty.
        state: How the campaign was sealed.
        counts: What the seal counts.
        seen: Every observation that is in the store.
        sightings: How many sightings are.
        dialled: Every socket address that was connected to.
        left_open: Connections that the scan still held at its end.
        wall_s: From the first line of the scan to the sealed store.
        cpu_s: Processor time of the same.
        base_kb: Resident memory before the scan.
        peak_kb: The most that there ever was (VmHWM).
    """

    died: str = ""
    state: str = ""
    counts: dict[str, int] = {}
    seen: tuple[Seen, ...] = ()
    sightings: int = 0
    dialled: tuple[tuple[str, int], ...] = ()
    left_open: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    base_kb: int = 0
    peak_kb: int = 0

    @property
    def growth_mb(self) -> float:
        """How much memory the scan took at its worst."""
        return (self.peak_kb - self.base_kb) / 1000

    def of(self, host: str) -> list[Seen]:
        """Return what was seen of a host, by name or address, in the order of the store."""
        return [one for one in self.seen if f"//{host}:" in one.endpoint or one.endpoint.endswith(f"@{host}")]

    def one(self, host: str, probe: str) -> Seen:
        """Return the only observation of a probe at a host."""
        found = [one for one in self.of(host) if one.probe == probe]
        assert len(found) == 1, f"{probe} of {host}: {found}"
        return found[0]
