"""Pairs of outcomes where several servers were asked in every arm at the same times, as in world time they can be.

``analysis.treatment_stored`` does it for campaigns, in which each server is asked in its own time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from electrum_observatory.analysis.differential import Arm, Comparison, Pair, compare
from electrum_observatory.analysis.treatment import WALLET, Told, told_in, usual_of
from electrum_observatory.model.dialogue import Dialogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that every arm puts.

    Attributes:
        name: The name of its exchanges.
        kind: Kind of the address that it is about; "" for none.
        twin: The name of the same question about the usual kind; "" where there is none.
    """

    name: str
    kind: str = ""
    twin: str = ""


Round: TypeAlias = Mapping[str, Mapping[str, Told]]
"""Arm to question to what was told, in the order in which the arms came; what was not answered is missing."""


def read_round(conversations: Mapping[str, Dialogue], questions: Sequence[Asked]) -> Round:
    """Read the conversations of one server in one round, by arm and in order of time."""
    names = {question.name for question in questions}
    return {
        arm: {
            exchange.name: told
            for exchange in dialogue.exchanges
            if exchange.name in names and (told := told_in(exchange)) is not None
        }
        for arm, dialogue in conversations.items()
    }


def treatment(rounds: Sequence[Round], others: Sequence[Sequence[Round]], questions: Sequence[Asked]) -> Comparison:
    """Compare two batches, the first and the second half of the rounds of one server.

    ``others`` holds, for each round, what other servers told in it, connection by connection at the same times.
    """
    half = len(rounds) // 2
    batches = slice(0, half), slice(half, 2 * half)
    return compare(*(pairs_of(rounds[one], others[one], questions) for one in batches))


def pairs_of(
    rounds: Sequence[Round], others: Sequence[Sequence[Round]], questions: Sequence[Asked]
) -> tuple[Pair, ...]:
    """Return the pairs of one server's rounds, each held against the others' of the same number."""
    return tuple(
        pair for one, beside in zip(rounds, others, strict=True) for pair in _pairs_of_round(one, beside, questions)
    )


def _pairs_of_round(one: Round, others: Sequence[Round], questions: Sequence[Asked]) -> Iterator[Pair]:
    fits: dict[str, Mapping[str, bool]] = {}
    at_once = zip(*(other.values() for other in others), strict=True)
    for (arm, told), beside in zip(one.items(), at_once, strict=True):
        usual = {question.name: usual_of(_told_to(question, beside)) for question in questions}
        fits[arm] = {name: name in told and usual[name].fits(told[name]) for name in usual}
    for other_arm in Arm:
        for name, fitting in fits.get(other_arm.value, {}).items():
            yield Pair(question=name, arm=other_arm, usual=fits[WALLET][name], other=fitting)
    for question in questions:
        if question.twin:
            usual_kind, other_kind = fits[WALLET][question.twin], fits[WALLET][question.name]
            yield Pair(question=question.name, arm=Arm.ADDRESS_KIND, usual=usual_kind, other=other_kind)


def _told_to(question: Asked, others: Iterable[Mapping[str, Told]]) -> list[Told]:
    return [one[question.name] for one in others if question.name in one]
