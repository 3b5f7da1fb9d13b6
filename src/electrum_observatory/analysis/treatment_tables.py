"""What two batches of pairs show of one server, question by question: counts, p-values, and how many pairs are missing.

``differential.compare`` decides what is reported; this shows the numbers beside the decision, those of questions
without a difference too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from electrum_observatory.analysis.differential import (
    ALPHA,
    Arm,
    Pair,
    compare,
    holm,
    mcnemar_exact,
    pairs_needed,
    power,
)

HIGH_DOSE = 0.9
"""Share of answers in which a difference shows, for which the power is told."""

_Key = tuple[str, Arm]


class Standing(StrEnum):
    """How the treatment of one server stands."""

    DIFFERENT = "different"  # a difference was repeated
    ALIKE = "alike"  # none was, and a full one would have shown
    INSUFFICIENT = "insufficient"  # too few pairs to show any difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of one question put two ways.

    Attributes:
        pairs: How many pairs.
        b: Pairs in which only the usual way was answered as usual.
        c: Pairs in which only the other way was.
        p: Exact two-sided p of the two.
        holm_p: The same adjusted for the questions that are judged together; None where it was not judged.
    """

    pairs: int
    b: int
    c: int
    p: float
    holm_p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTable:
    """One question put two ways, in both batches.

    Attributes:
        question: Its name.
        arm: The other way.
        first: The batch that raises a suspicion; adjusted over all questions and arms.
        second: The independent one that has to repeat it; adjusted over those that the first left.
        repeated: Whether it did, in the same direction: then the difference is reported.
        worse: Whether the other way fares worse than the usual one; None where nothing is reported.
        still_needed: Pairs that are missing, over both batches, before a full difference could show at all.
    """

    question: str
    arm: Arm
    first: Batch
    second: Batch
    repeated: bool
    worse: bool | None
    still_needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """How one server treats the ways of asking.

    Attributes:
        tables: Every question and arm of which there is a pair.
        standing: See :class:`Standing`.
        power: Probability that a difference in nine of ten answers would have been reported, for the question with the
            fewest pairs.
    """

    tables: tuple[QuestionTable, ...]
    standing: Standing
    power: float

    @property
    def differences(self) -> tuple[QuestionTable, ...]:
        """Those that are reported."""
        return tuple(one for one in self.tables if one.repeated)

    @property
    def still_needed(self) -> int:
        """Pairs that the worst question lacks."""
        return max((one.still_needed for one in self.tables), default=pairs_needed(1) * 2)


def treated(first: Sequence[Pair], second: Sequence[Pair]) -> Treated:
    """Judge two independent batches of one server."""
    reported = {(one.question, one.arm): one.worse for one in compare(first, second).differences}
    keys = sorted({(pair.question, pair.arm) for pair in (*first, *second)})
    early = _batches(first, keys, dict(zip(keys, _adjusted(first, keys), strict=True)))
    left = [key for key in keys if (early[key].holm_p or 0) <= ALPHA and early[key].pairs]
    late = _batches(second, keys, dict(zip(left, _adjusted(second, left), strict=True)))
    need, again = pairs_needed(len(keys)), pairs_needed(1)
    tables = tuple(
        QuestionTable(
            question=key[0],
            arm=key[1],
            first=early[key],
            second=late[key],
            repeated=key in reported,
            worse=reported.get(key),
            still_needed=max(0, need - early[key].pairs) + max(0, again - late[key].pairs),
        )
        for key in keys
    )
    fewest = min((min(one.first.pairs, one.second.pairs) for one in tables), default=0)
    return Treated(
        tables=tables,
        standing=_standing(tables),
        power=power(pairs=fewest, dose=HIGH_DOSE, questions=len(keys)) if tables else 0.0,
    )


def _standing(tables: Sequence[QuestionTable]) -> Standing:
    if any(one.repeated for one in tables):
        return Standing.DIFFERENT
    return Standing.INSUFFICIENT if not tables or any(one.still_needed for one in tables) else Standing.ALIKE


def _adjusted(pairs: Sequence[Pair], keys: Sequence[_Key]) -> tuple[float, ...]:
    return holm([_p(pairs, key) for key in keys])


def _p(pairs: Sequence[Pair], key: _Key) -> float:
    _, b, c = _counts(pairs, key)
    return mcnemar_exact(b, c)


def _batches(pairs: Sequence[Pair], keys: Sequence[_Key], adjusted: Mapping[_Key, float]) -> dict[_Key, Batch]:
    found = {}
    for key in keys:
        number, b, c = _counts(pairs, key)
        found[key] = Batch(pairs=number, b=b, c=c, p=mcnemar_exact(b, c), holm_p=adjusted.get(key))
    return found


def _counts(pairs: Sequence[Pair], key: _Key) -> tuple[int, int, int]:
    own = [pair for pair in pairs if (pair.question, pair.arm) == key]
    b = sum(pair.usual and not pair.other for pair in own)
    return len(own), b, sum(pair.other and not pair.usual for pair in own)
