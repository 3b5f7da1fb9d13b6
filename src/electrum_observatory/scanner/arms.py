"""Ways of asking one server the same questions: as a current wallet, as a bare client, after a burst.

Pure data and the lines that follow from it; who sends them, when and how often is the caller's business, and what the
answers mean is ``analysis.differential``'s. Each arm is a connection of its own within the budgets of a visit. The
order of arms and questions comes from the chance that is passed in, so that no order can pass for a preference.

An arm that bears a wallet's name is not honest about who asks. It is only for servers whose operator agreed, or where a
study says so openly; no profile of ours makes it unless ``treatment`` is asked for.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.versions import PROTOCOL_MAX, PROTOCOL_MIN
from electrum_observatory.scanner.behaviour import Step

_RANGE: tuple[Json, ...] = (PROTOCOL_MIN, PROTOCOL_MAX)
_PADDED_BYTES = 1024


class Spelling(StrEnum):
    """How a client writes its requests. Ids never change their meaning."""

    OURS = "ours"  # jsonrpc, id, method, params; compact
    ELECTRUM = "electrum"  # jsonrpc, method, id, params (left out where empty); filled with spaces to 1024 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that every arm puts.

    Attributes:
        name: Pairs it with the same question of other arms.
        method: What is asked.
        params: Its parameters.
        stratum: What it is about, where answers are compared between kinds of subject: "p2tr"; "" for nothing such.
    """

    name: str
    method: str
    params: tuple[Json, ...] = ()
    stratum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way of asking.

    Attributes:
        id: Stable name.
        client_name: As ``server.version`` says it; None for the scanner's own.
        versions: As ``server.version`` says them.
        spelling: How its lines are written.
        before: What it asks before the questions, as (method, parameters).
        burst: How many different scripts it asks for in one breath before the questions.
    """

    id: str
    client_name: str | None = None
    versions: Json = _RANGE
    spelling: Spelling = Spelling.OURS
    before: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    burst: int = 0


WALLET = Arm(
    id="wallet",
    client_name="electrum/4.8.1",
    spelling=Spelling.ELECTRUM,
    before=(
        ("server.features", ()),
        ("blockchain.headers.subscribe", ()),
        *(("blockchain.estimatefee", (target,)) for target in (1008, 144, 25, 10, 5, 2)),
    ),
)
"""What Electrum 4.8 sends as a session starts (recorded), up to the first script; the others are compared with it."""
BARE_CLIENT = Arm(id="bare_client", versions=PROTOCOL_MIN)
"""Ourselves: our own name, one version, nothing beforehand."""
AFTER_BURST = replace(WALLET, id="after_burst", burst=20)
"""The wallet, right behind twenty scripts in one breath, as many as it opens with."""

ARMS: tuple[Arm, ...] = (WALLET, BARE_CLIENT, AFTER_BURST)
"""Ids are those of ``analysis.differential.Arm``, where they are compared with the wallet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSteps:
    """What one arm sends in one round.

    Attributes:
        arm: Which arm.
        opening: The handshake and what the arm asks before the questions.
        burst: What leaves in one breath.
        questions: One step for each question, named after it, in the order drawn.
    """

    arm: Arm
    opening: tuple[Step, ...]
    burst: tuple[Step, ...]
    questions: tuple[Step, ...]

    @property
    def all(self) -> tuple[Step, ...]:
        """Every message, in order."""
        return (*self.opening, *self.burst, *self.questions)


def round_of(
    questions: Sequence[Question],
    *,
    rng: random.Random,
    client_name: str,
    burst_scripts: Sequence[str] = (),
    arms: Sequence[Arm] = ARMS,
) -> tuple[ArmSteps, ...]:
    """Return one round: every arm once, in an order drawn from ``rng``, each with the questions in an order of its own.

    Args:
        questions: What is asked; names are unique.
        rng: Chance of the order.
        client_name: What we call ourselves.
        burst_scripts: Scripthashes for the burst, published ones or a lab's own; the burst is as long as they reach.
        arms: Which arms take part.
    """
    return tuple(
        _steps(arm, rng.sample(questions, len(questions)), client_name, burst_scripts)
        for arm in rng.sample(arms, len(arms))
    )


def _steps(arm: Arm, questions: Sequence[Question], client_name: str, burst_scripts: Sequence[str]) -> ArmSteps:
    name = client_name if arm.client_name is None else arm.client_name
    versions = list(arm.versions) if isinstance(arm.versions, tuple) else arm.versions
    opening = [("server.version", (name, versions)), *arm.before]
    burst = [("blockchain.scripthash.get_balance", (script,)) for script in burst_scripts[: arm.burst]]
    asked = [(question.method, question.params) for question in questions]
    names = [method for method, _ in (*opening, *burst)] + [question.name for question in questions]
    steps = [
        Step(
            line=_line(arm.spelling, number, method, params),
            name=names[number],
            request_id=number,
            settle=number == 0 or number >= len(opening) + len(burst),
        )
        for number, (method, params) in enumerate((*opening, *burst, *asked))
    ]
    first, then = len(opening), len(opening) + len(burst)
    return ArmSteps(
        arm=arm, opening=tuple(steps[:first]), burst=tuple(steps[first:then]), questions=tuple(steps[then:])
    )


def _line(spelling: Spelling, number: int, method: str, params: Sequence[Json]) -> bytes:
    members: Mapping[str, Json]
    if spelling is Spelling.ELECTRUM:
        members = {"jsonrpc": "2.0", "method": method, "id": number} | ({"params": list(params)} if params else {})
    else:
        members = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
    line = json.dumps(members, separators=(",", ":")).encode()
    if spelling is Spelling.ELECTRUM:
        line = line[:-1] + b" " * (_PADDED_BYTES - 1 - len(line)) + line[-1:]
    return line + b"\n"
