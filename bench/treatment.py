"""Differential treatment in world time: every arm put to a simulated server, round by round."""

import random
from collections.abc import Mapping, Sequence

from bench.rounds import Asked, Round, read_round
from bench.visiting import BETWEEN_VISITS_S
from electrum_observatory.analysis.treatment import USUAL_KIND
from electrum_observatory.lab.driving import Message, drive
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.scanner.arms import ArmSteps, Question, round_of

PATIENCE_S = 15.0


def questions_of(scripts: Mapping[str, str]) -> tuple[Question, ...]:
    """Return what every arm asks: fees, and the history and balance of one script of each kind of address."""
    targets = (2, 25, 144)
    fees = [Question(name=f"fee {target}", method="blockchain.estimatefee", params=(target,)) for target in targets]
    about = [
        Question(name=f"{method} {kind}", method=f"blockchain.scripthash.{method}", params=(script,), stratum=kind)
        for kind, script in sorted(scripts.items())
        for method in ("get_history", "get_balance")
    ]
    return (*fees, *about)


def asked(questions: Sequence[Question]) -> tuple[Asked, ...]:
    """Return the questions as the analysis knows them."""
    return tuple(
        Asked(
            name=question.name,
            kind=question.stratum,
            twin=""
            if question.stratum in ("", USUAL_KIND)
            else question.name.removesuffix(question.stratum) + USUAL_KIND,
        )
        for question in questions
    )


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
    said: dict[str, Dialogue] = {}
    for steps in round_of(questions, rng=rng, client_name=client_name, burst_scripts=burst_scripts):
        said[steps.arm.id], over = drive(program, _messages(steps), at=at, patience_s=PATIENCE_S)
        at = over + BETWEEN_VISITS_S
    return read_round(said, asked(questions))


def _messages(steps: ArmSteps) -> list[Message]:
    in_one_breath = steps.burst[1:]
    return [Message(name=step.name, sent=step.line, together=step in in_one_breath) for step in steps.all]
