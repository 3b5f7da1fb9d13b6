"""The builds that inference knows, in order of time for each program.

A build is a point from which a program behaved in a new way: a release, and for ElectrumX also a day between releases,
since it changes its version string only on release day. A build stands for everything until the next one; ``label`` is
the version that it says of itself then. Source: release dates and the table of git builds of the field reference.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One interval of a program's history.

    Attributes:
        implementation: Id of the program.
        key: Names the build within its program, stable: a version, or "git-" and a day.
        label: The version it says of itself at its beginning.
        until: The last version that it stands for, where that is another.
        since: Its first day; None where no source dates it.
    """

    implementation: str
    key: str
    label: str
    until: str
    since: date | None = None

    @property
    def build_id(self) -> str:
        """Stable id, as results name it."""
        return f"{self.implementation}-{self.key}"


def _line(implementation: str, *builds: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Build, ...]:
    """Read rows of (key, label, first day or "", last label where it is another)."""
    return tuple(
        Build(
            implementation=implementation,
            key=row[0],
            label=row[1],
            until=row[3] if len(row) > 3 else row[1],
            since=date.fromisoformat(row[2]) if row[2] else None,
        )
        for row in builds
    )


_NUMBERS = 4
_VERSION = re.compile(
    r"v?(?P<numbers>\d{1,9}(?:\.\d{1,9})*)(?P<before>[-.]?(?:a|b|rc|alpha|beta|dev)(?![a-z]))?.*", re.DOTALL
)
_SAID_BY_TWO = frozenset({"1.20", "1.20.0", "1.20.1", "1.20.2"})

TIMELINES = {
    "electrumx": _line(
        "electrumx",
        ("1.15.0", "1.15.0", "2020-10-25"),
        ("1.16.0", "1.16.0", "2020-12-10"),
        ("git-2022-01-28", "1.16.0", "2022-01-28"),
        ("git-2022-03-29", "1.16.0", "2022-03-29"),
        ("git-2025-02-19", "1.16.0", "2025-02-19"),
        ("git-2025-02-26", "1.16.0", "2025-02-26"),
        ("1.17.0", "1.17.0", "2025-04-16"),
        ("git-2025-05-29", "1.17.0", "2025-05-29"),
        ("1.18.0", "1.18.0", "2025-06-13"),
        ("git-2025-10-24", "1.18.0", "2025-10-24"),
        ("git-2025-10-27", "1.18.0", "2025-10-27"),
        ("git-2025-10-31", "1.18.0", "2025-10-31"),
        ("git-2025-11-07", "1.18.0", "2025-11-07"),
        ("1.19.0", "1.19.0", "2025-11-11"),
        ("git-2025-11-17", "1.19.0", "2025-11-17"),
        ("1.20.0", "1.20.0", "2026-06-03"),
        ("git-2026-06-03", "2.0b1", "2026-06-03"),
        ("2.0.0", "2.0.0", "2026-07-03"),
    ),
    "fulcrum": _line(
        "fulcrum",
        ("1.0", "1.0", "2020-01-01", "1.2.10"),
        ("1.3", "1.3", "2020-11-01", "1.5.5"),
        ("1.6", "1.6", "2022-01-25", "1.8.2"),
        ("1.9.0", "1.9.0", ""),
        ("1.9.1", "1.9.1", "2023-04-08"),
        ("1.9.2", "1.9.2", "2023-09-29", "1.9.6"),
        ("1.9.7", "1.9.7", ""),
        ("1.9.8", "1.9.8", "2024-01-13"),
        ("1.10.0", "1.10.0", "2024-03-04"),
        ("1.11.0", "1.11.0", "2024-06-09"),
        ("1.11.1", "1.11.1", "2024-09-12"),
        ("1.12.0", "1.12.0", "2025-03-21"),
        ("2.0", "2.0", "2025-09-23"),
        ("2.1.0", "2.1.0", "2025-11-19"),
        ("2.1.1", "2.1.1", "2026-05-07"),
    ),
    "romanz_electrs": _line(
        "romanz_electrs",
        ("0.9.0", "0.9.0", "2021-09-30", "0.9.11"),
        ("0.9.12", "0.9.12", "", "0.9.13"),
        ("0.9.14", "0.9.14", "2023-06-09"),
        ("0.10.0", "0.10.0", "2023-07-21", "0.10.10"),
        ("0.11.0", "0.11.0", "2025-11-15"),
        ("0.11.1", "0.11.1", "2026-02-22"),
        ("git-2026-08", "0.11.1", "2026-08-01"),
    ),
    "blockstream_electrs": _line("blockstream_electrs", ("old", "0.4.1", ""), ("new", "0.4.1", "")),
    "mempool_electrs": _line("mempool_electrs", ("old", "3.0.0", "", "3.1.0"), ("new", "3.1.0", "", "3.2.0")),
    "floresta": _line("floresta", ("all", "0.8.0", "")),
    "eps": _line("eps", ("0.2.4", "0.2.4", "")),
    "bwt": _line("bwt", ("0.2.4", "0.2.4", "")),
    "frigate": _line("frigate", ("1.0.0", "1.0.0", "")),
    "bsv_electrumx": _line("bsv_electrumx", ("1.20.2", "1.20.2", "")),
}
"""Program → its builds, oldest first."""

BUILDS: tuple[Build, ...] = tuple(build for timeline in TIMELINES.values() for build in timeline)

_PROGRAMS = {build.build_id: build.implementation for build in BUILDS}

NAMES = {
    "electrumx": "ElectrumX",
    "fulcrum": "Fulcrum",
    "romanz_electrs": "electrs (romanz)",
    "blockstream_electrs": "electrs-esplora (Blockstream)",
    "mempool_electrs": "mempool-electrs",
    "floresta": "Floresta",
    "eps": "Electrum Personal Server",
    "bwt": "bwt",
    "frigate": "Frigate",
    "bsv_electrumx": "ElectrumX (Bitcoin SV)",
}
"""Program → how people call it."""


def programs_of(build_ids: Iterable[str]) -> frozenset[str]:
    """Return the programs that builds belong to."""
    return frozenset(_PROGRAMS[build_id] for build_id in build_ids)


def candidates(implementation: str | None, version: str | None) -> tuple[Build, ...]:
    """Return the builds that a claim may mean: the interval of which the claimed version is the lower bound.

    A version between two rows belongs to the row before it; one older than the first row to the first, one newer than
    the last to the last, since features come in order; without a version it is every build. Two programs call
    themselves ElectrumX; what 1.20 is depends on who says it. Empty where the program is none we know.
    """
    if implementation is None:
        return ()
    found = _labelled(TIMELINES[implementation], version)
    if implementation == "electrumx" and version in _SAID_BY_TWO:
        return (*found, *TIMELINES["bsv_electrumx"])
    return found


def _labelled(timeline: tuple[Build, ...], version: str | None) -> tuple[Build, ...]:
    wanted = None if version is None else version_key(version)
    if wanted is None:
        return timeline
    within = tuple(
        build for build in timeline if (version_key(build.label) or ()) <= wanted <= (version_key(build.until) or ())
    )
    if within:
        return within
    labels = [version_key(build.label) or () for build in timeline]
    reached = max((label for label in labels if label <= wanted), default=min(labels))
    return tuple(build for build, label in zip(timeline, labels, strict=True) if label == reached)


@lru_cache(maxsize=1_024)
def version_key(version: str) -> tuple[int, ...] | None:
    """Return what orders versions: four numbers, then whether it is a release; None for what is no version.

    "2.0b1" and "3.1.0-dev" come right before the release that they lead to.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    numbers = [int(number) for number in found["numbers"].split(".")[:_NUMBERS]]
    return (*numbers, *[0] * (_NUMBERS - len(numbers)), 0 if found["before"] else 1)
