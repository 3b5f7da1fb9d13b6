"""Differential treatment in world time: every arm put to a server again and again, and the pairs that come of it.

An answer is *usual* where it comes in time and is what most of a panel says to the same question at the same time:
equal for what has one true answer, near the median for fees. Pairs of one round are what ``analysis.differential``
compares; arms and questions come in the orders that the chance passed in draws.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.visiting import BETWEEN_VISITS_S
from electrum_observatory.analysis.differential import Arm as ComparedArm
from electrum_observatory.analysis.differential import Comparison, Pair, compare
from electrum_observatory.lab.driving import Message, drive
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.model.dialogue import Exchange
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.scanner.arms import WALLET, ArmSteps, Question, round_of

IN_TIME_MS = 2500.0
"""Later than any program keeps an answer back."""
PATIENCE_S = 15.0
NEAR = 1.5
"""Factor from the panel's median within which a fee is usual."""
USUAL_KIND = "p2wpkh"
"""The kind of address that others are compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer to a question.

    Attributes:
        text: The result, spelled out; an error says so.
        number: The result where it is a number.
        after_ms: How late it came.
    """

    text: str
    number: float | None
    after_ms: float


Round = Mapping[str, Mapping[str, Told]]
"""Arm to question to what was told, in the order in which the arms came; what was not answered is missing."""


def questions_of(scripts: Mapping[str, str]) -> tuple[Question, ...]:
    """Return what every arm asks: fees, and the history and balance of one script of each kind of address."""
    fees = [
        Question(name=f"fee {target}", method="blockchain.estimatefee", params=(target,)) for target in (2, 25, 144)
    ]
    about = [
        Question(name=f"{method} {kind}", method=f"blockchain.scripthash.{method}", params=(script,), stratum=kind)
        for kind, script in sorted(scripts.items())
        for method in ("get_history", "get_balance")
    ]
    return (*fees, *about)


def ask_round(
    program: Program,
    questions: Sequence[Question],
    *,
    at: float,
    rng: random.Random,
    client_name: str,
    burst_scripts: Sequence[str],
) -> Round:
    """Put one round to a server: each arm on a connection of its own, visits ten minutes apart."""
    found: dict[str, Mapping[str, Told]] = {}
    for steps in round_of(questions, rng=rng, client_name=client_name, burst_scripts=burst_scripts):
        dialogue, at = drive(program, _messages(steps), at=at, patience_s=PATIENCE_S)
        names = {step.name for step in steps.questions}
        found[steps.arm.id] = {
            exchange.name: told
            for exchange in dialogue.exchanges
            if exchange.name in names and (told := _told(exchange)) is not None
        }
        at += BETWEEN_VISITS_S
    return found


def pairs_of(
    rounds: Sequence[Round], panel: Sequence[Sequence[Round]], questions: Sequence[Question]
) -> tuple[Pair, ...]:
    """Return the pairs of one server's rounds, each held against the panel's of the same number."""
    return tuple(
        pair for one, others in zip(rounds, panel, strict=True) for pair in _pairs_of_round(one, others, questions)
    )


def treatment(rounds: Sequence[Round], panel: Sequence[Sequence[Round]], questions: Sequence[Question]) -> Comparison:
    """Compare two batches, the first and the second half of the rounds.

    ``panel`` holds, for each round, that of several other servers.
    """
    half = len(rounds) // 2
    batches = slice(0, half), slice(half, 2 * half)
    return compare(*(pairs_of(rounds[one], panel[one], questions) for one in batches))


def _pairs_of_round(one: Round, panel: Sequence[Round], questions: Sequence[Question]) -> Iterable[Pair]:
    fits: dict[str, Mapping[str, bool]] = {}
    at_once = zip(*(other.values() for other in panel), strict=True)
    for (arm, told), others in zip(one.items(), at_once, strict=True):
        usual = {question.name: _usual(question, others) for question in questions}
        fits[arm] = {name: name in told and usual[name].fits(told[name]) for name in usual}
    for arm in ComparedArm:
        for name, fitting in fits.get(arm.value, {}).items():
            yield Pair(question=name, arm=arm, usual=fits[WALLET.id][name], other=fitting)
    yield from _by_kind(fits[WALLET.id], questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usual:
    text: str | None
    number: float | None

    def fits(self, told: Told) -> bool:
        if told.after_ms > IN_TIME_MS:
            return False
        if self.number is not None and told.number is not None and self.number > 0 < told.number:
            return 1 / NEAR <= told.number / self.number <= NEAR
        return self.text is None or told.text == self.text


def _usual(question: Question, panel: Sequence[Mapping[str, Told]]) -> _Usual:
    told = [one[question.name] for one in panel if question.name in one]
    numbers = [one.number for one in told if one.number is not None]
    if len(numbers) * 2 > len(told):
        return _Usual(text=None, number=median(numbers))
    text, count = Counter(one.text for one in told).most_common(1)[0] if told else ("", 0)
    return _Usual(text=text if count * 2 > len(told) else None, number=None)


def _by_kind(fits: Mapping[str, bool], questions: Sequence[Question]) -> Iterable[Pair]:
    for question in questions:
        twin = question.name.replace(question.stratum, USUAL_KIND)
        if question.stratum and question.stratum != USUAL_KIND and twin in fits:
            yield Pair(
                question=question.name, arm=ComparedArm.ADDRESS_KIND, usual=fits[twin], other=fits[question.name]
            )


def _messages(steps: ArmSteps) -> list[Message]:
    in_one_breath = steps.burst[1:]
    return [Message(name=step.name, sent=step.line, together=step in in_one_breath) for step in steps.all]


def _told(exchange: Exchange) -> Told | None:
    for line in exchange.lines:
        reply = decode_server_message(line.data)
        if isinstance(reply, Reply):
            text = _spelled(reply.result) if reply.error is None else f"error {reply.error.message}"
            number = reply.result if isinstance(reply.result, float | int) else None
            return Told(text=text, number=None if number is None else float(number), after_ms=line.after_ms or 0.0)
    return None


def _spelled(result: Json) -> str:
    """Spell a result so that programs which order its members differently agree; fees of waiting items stay out."""
    if isinstance(result, dict):
        return str(sorted((key, _spelled(value)) for key, value in result.items() if key != "fee"))
    if isinstance(result, list):
        return str([_spelled(element) for element in result])
    return str(result)
