"""Run ``observatory scan`` against a lab in a process of its own, and bring home what it cost and what it counted."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.frame import Figure
from electrum_observatory.cli.exits import Exit

PROJECT = Path(__file__).parents[1]
_LAST_WORDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRun:
    """A scan that ended.

    Attributes:
        wall_s: From starting the process to its end, imports and sealing included.
        cpu_s: CPU seconds of the process, all threads.
        peak_bytes: Its peak resident memory.
        counts: The counts that the campaign was sealed with.
        stored_bytes: Size of everything in the data folder afterwards.
        data: The data folder.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: float
    counts: Mapping[str, int]
    stored_bytes: int
    data: Path

    @property
    def peak_mb(self) -> float:
        """Peak resident memory in millions of bytes."""
        return self.peak_bytes / 1e6

    @property
    def endpoints(self) -> int:
        """Endpoints with an outcome."""
        return self.counts.get("endpoints", 0)

    def costs(self) -> tuple[Figure, ...]:
        """Return the figures that every scan reports."""
        return (
            Figure(name="endpoints per client CPU second", measured=self.endpoints / self.cpu_s),
            Figure(name="wall time of the command", measured=self.wall_s, unit="s"),
            Figure(name="CPU time of the scanner", measured=self.cpu_s, unit="s"),
            Figure(name="peak memory of the scanner", measured=self.peak_mb, unit="MB"),
            Figure(name="stored bytes per endpoint", measured=self.stored_bytes / max(1, self.endpoints), unit="B"),
        )


async def scan(
    lab: Path,
    data: Path,
    *,
    profile: str = "lab",
    options: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> ScanRun:
    """Scan a lab.

    Args:
        lab: Where its overlay.json and bootstrap.txt lie.
        data: The data folder to be made.
        profile: The profile of the scan.
        options: Further options of the command.
        settings: Settings as environment variables.

    Raises:
        RuntimeError: The command failed; its last words are in the message.
    """
    cost = data.with_suffix(".cost.json")
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.measured", str(cost), "scan", str(lab / "bootstrap.txt")),
        *("--overlay", str(lab / "overlay.json"), "--data", str(data), "--profile", profile, "--json", *options),
        cwd=PROJECT,
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    wall_s = time.monotonic() - began
    if process.returncode != Exit.DONE:
        raise RuntimeError(f"the scan ended with {process.returncode}: {complained.decode()[-_LAST_WORDS:]}")
    measured = json.loads(cost.read_text(encoding="utf-8"))
    return ScanRun(
        wall_s=wall_s,
        cpu_s=measured["cpu_s"],
        peak_bytes=measured["peak_bytes"],
        counts=json.loads(said)["counts"],
        stored_bytes=_size(data),
        data=data,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
