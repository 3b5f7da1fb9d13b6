"""Every defence against hostile servers, switched off once for each act that is said to need it.

The judge is the test's own (tests/hostile), and so is everything else: the same scan, in the same kind of child, judged
by the same function. A mutant that the judge does not notice is a defence that nothing watches over, and a miss.
"""

import asyncio
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from bench.frame import Bench, Figure, RowResult
from tests.hostile.case import judged
from tests.hostile.cases import CASES
from tests.hostile.defences import DEFENCES
from tests.hostile.stage import Stage, running_stage

SMALL = (
    # quick ones, one of each family
    ("never_ending_line", "line_cap"),
    ("gigabyte_of_lines", "byte_cap"),
    ("reset_mid_reply", "system_errors_named"),
    ("certificate_expired", "certificates_are_only_read"),
    ("plain_text_on_tls", "strangers_are_told_apart"),
    ("websocket_compression_forced", "no_compression_offered"),
    ("string_ids", "replies_are_matched"),
    ("forbidden_addresses", "address_policy"),
    ("fat_answers", "bytes_per_probe"),
)
"""Act and defence of the mutants in the small twin."""
_LONGEST_WORDS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A defence that was switched off, and what became of it.

    Attributes:
        act: Who was visited.
        defence: What was missing; "" for nothing: the act as the test sees it.
        said: What the judge found wrong; "" for nothing.
    """

    act: str
    defence: str
    said: str

    @property
    def as_expected(self) -> bool:
        """Whether the judge found fault with a mutant, or none with the scanner as it is."""
        return bool(self.said) == bool(self.defence)


async def run(bench: Bench) -> RowResult:
    """Try every mutant; the small twin a handful."""
    wanted = SMALL if bench.small else all_mutants()
    mutants = await asyncio.to_thread(try_all, wanted)
    table(mutants)
    return RowResult(
        figures=(
            Figure(name="mutants that survived", measured=survivors(mutants), at_most=0, always=True),
            Figure(name="acts misjudged with all defences on", measured=misjudged(mutants), at_most=0, always=True),
            Figure(name="mutants", measured=sum(bool(one.defence) for one in mutants)),
            Figure(name="acts", measured=len({one.act for one in mutants})),
            Figure(name="defences", measured=len({one.defence for one in mutants if one.defence})),
        ),
        facts={"mutants": [asdict(one) for one in mutants]},
    )


def all_mutants() -> tuple[tuple[str, str], ...]:
    """Return every act with each of its defences."""
    return tuple((case.act, defence) for case in CASES.values() for defence in case.defences)


def try_all(wanted: tuple[tuple[str, str], ...]) -> list[Mutant]:
    """Try each act as it is, then without each defence.

    Raises:
        AttributeError: A defence has moved; that mutant would prove nothing.
        TypeError: A defence is called in another way by now.
    """
    for _, defence in wanted:
        DEFENCES[defence].fits()
    with running_stage() as stage:
        return list(_tried(stage, wanted))


def _tried(stage: Stage, wanted: tuple[tuple[str, str], ...]) -> Iterator[Mutant]:
    for act in Counter(act for act, _ in wanted):
        for defence in ("", *(one for named, one in wanted if named == act)):
            yield Mutant(act=act, defence=defence, said=verdict(stage, act, defence))


def verdict(stage: Stage, act: str, defence: str) -> str:
    """Scan an act without a defence and return what its judge says; "" where it is content."""
    record = stage.scan(CASES[act], without=(defence,) if defence else ())
    try:
        judged(CASES[act], record)
    except Exception as error:  # noqa: BLE001  a judge that trips over what it is shown has noticed it, too
        words = str(error) or (traceback.extract_tb(error.__traceback__)[-1].line or "")
        return " ".join(words.split())[:_LONGEST_WORDS] or type(error).__name__
    return ""


def survivors(mutants: list[Mutant]) -> int:
    """Return how many mutants nobody noticed."""
    return sum(bool(one.defence) and not one.as_expected for one in mutants)


def misjudged(mutants: list[Mutant]) -> int:
    """Return how many acts were found fault with although nothing was missing."""
    return sum(not one.defence and not one.as_expected for one in mutants)


def table(mutants: list[Mutant]) -> None:
    """Print act, defence and verdict of each mutant."""
    shown = Table("act", "defence switched off", "what the judge said")
    for one in mutants:
        if one.defence or not one.as_expected:
            mark = "" if one.as_expected else "SURVIVED: " if one.defence else "MISJUDGED: "
            shown.add_row(one.act, one.defence or "(none)", f"{mark}{one.said}".replace("[", r"\["))
    Console(width=180, highlight=False).print(shown)
