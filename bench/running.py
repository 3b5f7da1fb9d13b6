"""Runs rows one after another and keeps what came of each: a row that breaks is a row that missed, not the end."""

import asyncio
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.frame import Bench, Figure, Row, RowResult

SEED = 20261120
LONGEST_S, LONGEST_SMALL_S = 1800.0, 300.0
"""A row that takes longer has missed, whatever it would have measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A row that was run.

    Attributes:
        row: The row.
        small: Whether its small twin was run.
        seconds: How long the whole row took, its lab included.
        result: What it measured; None where it broke.
        error: The traceback where it broke, "" otherwise.
    """

    row: Row
    small: bool
    seconds: float
    result: RowResult | None
    error: str = ""

    def judged(self, figure: Figure) -> bool:
        """Whether a figure is held against its bound in this run."""
        return figure.bounded and (figure.always or not self.small)

    def missed(self) -> Sequence[Figure]:
        """Return the figures that are not what was asked."""
        figures = self.result.figures if self.result is not None else ()
        return [one for one in figures if self.judged(one) and not one.within]

    @property
    def met(self) -> bool:
        """Whether the row ran and every judged figure is what was asked."""
        return self.result is not None and not self.missed()


async def run_row(row: Row, *, small: bool, seed: int = SEED) -> Outcome:
    """Run one row in a folder of its own, which is gone afterwards."""
    began = time.monotonic()
    result: RowResult | None = None
    error = ""
    with tempfile.TemporaryDirectory(prefix=f"bench-{row.name}-", ignore_cleanup_errors=True) as folder:
        try:
            async with asyncio.timeout(LONGEST_SMALL_S if small else LONGEST_S):
                result = await row.run(Bench(small=small, seed=seed, folder=Path(folder)))
        except Exception:  # noqa: BLE001  whatever broke is shown and counts as missed; the other rows still run
            error = traceback.format_exc()
    return Outcome(row=row, small=small, seconds=time.monotonic() - began, result=result, error=error)
