"""What a row of the bench is: a name, the words of what is asked, and a run that returns figures.

A figure either only reports, or stands against a bound. Speed and size are judged at full size only; what must hold at
any size (nobody lost, nothing missing) is marked ``always`` and is judged in the small twins of the tests too.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number.

    Attributes:
        name: What was measured.
        measured: The number.
        unit: Its unit, "" for a count or a ratio.
        at_most: Largest value that meets what is asked; None for no such bound.
        at_least: Smallest value that meets what is asked; None for no such bound.
        always: Whether the bound holds at any size, and so in the small twin too.
    """

    name: str
    measured: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    always: bool = False

    @property
    def bounded(self) -> bool:
        """Whether anything is asked of it."""
        return self.at_most is not None or self.at_least is not None

    @property
    def within(self) -> bool:
        """Whether it is what was asked; a figure without bounds always is."""
        above = self.at_most is not None and self.measured > self.at_most
        below = self.at_least is not None and self.measured < self.at_least
        return not (above or below)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What a row measured.

    Attributes:
        figures: The numbers, the ones that are judged first.
        facts: How it was measured: sizes, seeds, the limits that applied. Plain values for JSON.
    """

    figures: tuple[Figure, ...]
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a row is given.

    Attributes:
        small: Whether to run the small twin: the same code with fewer machines, kills or seconds.
        seed: Chance of the row's worlds and moments.
        folder: A folder of its own for this row, removed afterwards.
    """

    small: bool
    seed: int
    folder: Path

    @property
    def workers(self) -> int:
        """Worker processes of a lab: two, against 20,000 descriptors each; one where the world is small."""
        return 1 if self.small else 2


RowRun: TypeAlias = Callable[[Bench], Awaitable[RowResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        name: As the command line takes it.
        asks: What is measured, in one line for people.
        run: Measures; runs on the bench's event loop, in a process that holds neither scanner nor servers.
        limits: Profile of the scans in it, as printed: "lab" or "default".
    """

    name: str
    asks: str
    run: RowRun
    limits: str = "lab"
