"""From the conversations of several arms to pairs of outcomes: is one way of asking answered otherwise than another?

Every arm put the same questions to a server, on a connection of its own; several servers were asked in the same rounds.
An answer is *usual* where it comes in time and is what most of the other servers say to the same question at the same
time: equal for what has one true answer, near the median for fees. What follows from the pairs says ``differential``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

from electrum_observatory.analysis.differential import Arm, Comparison, Pair, compare
from electrum_observatory.model.dialogue import Dialogue, Exchange
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, decode_server_message

WALLET = "wallet"
"""The arm that the others are compared with."""

IN_TIME_MS = 2500.0
"""Later than any known program keeps an answer back."""

NEAR = 1.5
"""Factor from the others' median within which a fee is usual."""

_ERROR = "error "

USUAL_KIND = "p2wpkh"
"""The kind of address that others are compared with."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer.

    Attributes:
        text: The result, spelled out so that programs which order its members differently agree; an error says so.
        number: The result where it is a number.
        after_ms: How late it came; None where that is not known.
    """

    text: str
    number: float | None
    after_ms: float | None

    @property
    def refused(self) -> bool:
        """Whether it is an error reply."""
        return self.text.startswith(_ERROR)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What most of the others say to one question at about the same time.

    Attributes:
        text: What most say; None where they do not agree, or say numbers.
        number: Their median, where most say numbers.
    """

    text: str | None
    number: float | None

    def fits(self, told: Told) -> bool:
        """Whether an answer is in time and like theirs."""
        if told.after_ms is not None and told.after_ms > IN_TIME_MS:
            return False
        if self.number is not None and told.number is not None and self.number > 0 < told.number:
            return 1 / NEAR <= told.number / self.number <= NEAR
        return self.text is None or told.text == self.text


def usual_of(told: Sequence[Told]) -> Usual:
    """Return what is usual, from the answers of others to one question."""
    numbers = [one.number for one in told if one.number is not None]
    if len(numbers) * 2 > len(told):
        return Usual(text=None, number=median(numbers))
    text, count = Counter(one.text for one in told).most_common(1)[0] if told else ("", 0)
    return Usual(text=text if count * 2 > len(told) else None, number=None)


def told_in(exchange: Exchange) -> Told | None:
    """Return the first reply to a question; None where it was left unanswered."""
    for line in exchange.lines:
        reply = decode_server_message(line.data)
        if isinstance(reply, Reply):
            text = _spelled(reply.result) if reply.error is None else _ERROR + reply.error.message
            number = reply.result if isinstance(reply.result, float | int) else None
            return Told(text=text, number=None if number is None else float(number), after_ms=line.after_ms)
    return None


def _spelled(result: Json) -> str:
    if isinstance(result, dict):
        return str(sorted((key, _spelled(value)) for key, value in result.items() if key != "fee"))
    if isinstance(result, list | tuple):
        return str([_spelled(element) for element in result])
    return str(result)
