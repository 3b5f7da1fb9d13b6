"""Whether a server answers one kind of client otherwise than another: paired outcomes, exact McNemar, Holm, a repeat.

Each question is put twice, once in either way, in an order that the caller draws at random. Only pairs in which the two
answers differ in *quality* count (one was what most servers say, the other was not); under equal treatment either way
round is as likely. A difference is reported only where a second, independent batch shows it again.

McNemar (1947); its exact form is a sign test on the discordant pairs, summed in integers. Holm (1979).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

ALPHA = 0.05
"""Family-wise error over all questions and arms of one server, per batch."""


class Arm(StrEnum):
    """In which other way a question is put; the one it is compared with is always the current wallet's."""

    BARE_CLIENT = "bare_client"  # a client of few words: bare name, plain version
    ADDRESS_KIND = "address_kind"  # about another kind of address
    AFTER_BURST = "after_burst"  # after many questions in a row, as a wallet that looks for its addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One question put both ways.

    Attributes:
        question: Id of the question.
        arm: The other way.
        usual: Whether the answer was as most servers give it, put as a current wallet puts it.
        other: The same, put the other way.
    """

    question: str
    arm: Arm
    usual: bool
    other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question on which a server treats the two ways differently, in both batches.

    Attributes:
        question: Id of the question.
        arm: The way that is treated differently.
        worse: Whether the other way fares worse than the current wallet.
        discordant: Pairs that differ, (usual better, other better), over both batches.
        pairs: All pairs, over both batches.
        p_first: Exact two-sided p in the first batch, before Holm.
        p_second: The same in the second.
    """

    question: str
    arm: Arm
    worse: bool
    discordant: tuple[int, int]
    pairs: int
    p_first: float
    p_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two batches show of one server.

    Attributes:
        differences: Those that were repeated, strongest first.
        insufficient: Questions and arms with too few pairs to show any difference, however great.
        asked: How many questions and arms were compared.
    """

    differences: tuple[Difference, ...]
    insufficient: tuple[tuple[str, Arm], ...]
    asked: int


def mcnemar_exact(usual_better: int, other_better: int) -> float:
    """Return the exact two-sided p of discordant pairs under equal treatment; 1 where there are none.

    Raises:
        ValueError: A count is negative.
    """
    if min(usual_better, other_better) < 0:
        raise ValueError("counts are not negative")
    total = usual_better + other_better
    tail = sum(comb(total, count) for count in range(min(usual_better, other_better) + 1))
    return min(1.0, 2 * tail / (1 << total))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the p-values adjusted for being several, in their order (Holm's step-down)."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


def compare(first: Iterable[Pair], second: Iterable[Pair], *, alpha: float = ALPHA) -> Comparison:
    """Return the differences that the first batch shows and the second, independent one repeats.

    The first batch is adjusted over the questions of both (one that was not put shows nothing, and counts); the second
    over those that the first left, in the same direction. So an honest server is reported with a probability below
    ``alpha`` squared, times the chance of agreeing in direction.
    """
    early, late = _tables(first), _tables(second)
    early, late = _filled(early, late), _filled(late, early)
    needed = pairs_needed(len(early), alpha=alpha)
    candidates = _significant(early, alpha)
    repeated = _significant({key: late[key] for key in candidates}, alpha)
    differences = [
        _difference(key, early[key], late[key])
        for key in repeated
        if (early[key].usual_better > early[key].other_better) == (late[key].usual_better > late[key].other_better)
    ]
    return Comparison(
        differences=tuple(sorted(differences, key=lambda one: max(one.p_first, one.p_second))),
        insufficient=tuple(key for key, table in early.items() if table.pairs < needed),
        asked=len(early),
    )


def pairs_needed(questions: int, *, alpha: float = ALPHA) -> int:
    """Return how many discordant pairs, all one way, the first batch needs at least to show anything."""
    count = 1
    while max(1, questions) * mcnemar_exact(count, 0) > alpha:
        count += 1
    return count


def power(*, pairs: int, dose: float, questions: int, alpha: float = ALPHA) -> float:
    """Return the probability that :func:`compare` reports a question that is refused the other way.

    Args:
        pairs: Pairs of the question in each batch.
        dose: Probability that the answer to the other way is worse; the usual way is always answered.
        questions: How many questions and arms are compared at all; the others never differ.
        alpha: As in :func:`compare`.
    """
    first, again = pairs_needed(questions, alpha=alpha), pairs_needed(1, alpha=alpha)
    return _at_least(first, pairs, dose) * _at_least(again, pairs, dose)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    usual_better: int
    other_better: int
    pairs: int

    @property
    def p(self) -> float:
        return mcnemar_exact(self.usual_better, self.other_better)


def _tables(pairs: Iterable[Pair]) -> dict[tuple[str, Arm], _Table]:
    counts: dict[tuple[str, Arm], list[int]] = {}
    for pair in pairs:
        row = counts.setdefault((pair.question, pair.arm), [0, 0, 0])
        row[0] += pair.usual and not pair.other
        row[1] += pair.other and not pair.usual
        row[2] += 1
    return {
        key: _Table(usual_better=usual, other_better=other, pairs=total)
        for key, (usual, other, total) in sorted(counts.items())
    }


def _filled(
    tables: Mapping[tuple[str, Arm], _Table], others: Mapping[tuple[str, Arm], _Table]
) -> dict[tuple[str, Arm], _Table]:
    """Return tables with an empty one for each key that only others have."""
    empty = _Table(usual_better=0, other_better=0, pairs=0)
    return {key: tables.get(key, empty) for key in sorted(tables.keys() | others.keys())}


def _significant(tables: Mapping[tuple[str, Arm], _Table], alpha: float) -> list[tuple[str, Arm]]:
    keys = list(tables)
    return [key for key, p in zip(keys, holm([tables[key].p for key in keys]), strict=True) if p <= alpha]


def _difference(key: tuple[str, Arm], early: _Table, late: _Table) -> Difference:
    return Difference(
        question=key[0],
        arm=key[1],
        worse=early.usual_better > early.other_better,
        discordant=(early.usual_better + late.usual_better, early.other_better + late.other_better),
        pairs=early.pairs + late.pairs,
        p_first=early.p,
        p_second=late.p,
    )


def _at_least(least: int, trials: int, chance: float) -> float:
    return sum(comb(trials, n) * chance**n * (1 - chance) ** (trials - n) for n in range(least, trials + 1))
