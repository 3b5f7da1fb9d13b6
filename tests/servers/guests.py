"""Starts ``tests.servers.priced_visits`` in namespaces of its own, which end with it, and reads what it prints."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.priced_visits import priced_address

PRICED_VERSIONS = ("1.16.0", "1.20.0", "2.0.0")
_NAMESPACES = ("unshare", "--net", "--pid", "--fork", "--kill-child")
"""Whatever is left in them is killed with the one process that was started here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCampaign:
    """A campaign as the servers' books tell it.

    Attributes:
        exit_code: Of the command.
        said: What it told a person meanwhile.
        counts: What it counted; empty where it did not end well.
        data: Its data folder.
        visits: By version, each visit in order: ``before``, ``highest``, ``at_once`` (``priced_visits.PricedVisit``).
        throttling: By version, lines of the log about visitors that were slowed down or turned out.
    """

    exit_code: int
    said: str
    counts: Mapping[str, int]
    data: Path
    visits: Mapping[str, Sequence[Mapping[str, float]]]
    throttling: Mapping[str, Sequence[str]]


def address_of(version: str) -> str:
    """Return where a version of ``PRICED_VERSIONS`` listens in the namespace."""
    return priced_address(PRICED_VERSIONS.index(version))


def start_priced_campaign(
    folder: Path, *, pause_s: float, environment: Mapping[str, str], versions: Sequence[str] = PRICED_VERSIONS
) -> subprocess.Popen[str]:
    """Start node, servers and campaign; returns at once."""
    command = [*namespaces(), sys.executable, "-m", "tests.servers.priced_visits", str(folder), str(pause_s), *versions]
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def namespaces() -> list[str]:
    """Return what begins the namespaces: without rights where the system allows it, else as root; else it will fail."""
    without_rights = [*_NAMESPACES, "--map-root-user"]
    allowed = subprocess.run([*without_rights, "true"], check=False, capture_output=True).returncode == 0
    return [*(without_rights if allowed else _NAMESPACES), "--"]


def read_priced_campaign(process: subprocess.Popen[str], *, timeout_s: float) -> PricedCampaign:
    """Wait for its end and read it. Raises RuntimeError with its own words where it broke."""
    printed, complaints = process.communicate(timeout=timeout_s)
    if process.returncode != 0:
        raise RuntimeError(f"priced visits ended with {process.returncode}:\n{complaints}")
    report: dict[str, Any] = json.loads(printed)
    return PricedCampaign(
        exit_code=report["exit_code"],
        said=report["said"],
        counts=report["counts"],
        data=Path(report["data"]),
        visits={version: one["visits"] for version, one in report["servers"].items()},
        throttling={version: one["throttling"] for version, one in report["servers"].items()},
    )
