"""Puts every arm to several servers, round by round, and hands back the conversations.

All servers are asked at the same times, so that answers which change with time can be compared; which arm comes when,
each server's own draw says. Connections to one server keep the rest between visits apart. Nothing is stored: this is a
study of its own, for a lab and for servers whose operators agreed (see ``arms``).
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.model.ports import Clock
from electrum_observatory.net.deadline import Deadline
from electrum_observatory.scanner.arms import ARMS, ArmSteps, Question, round_of
from electrum_observatory.scanner.conversation import Asked, Conversation, ConversationLimits
from electrum_observatory.scanner.ports import Dialing

AT_ONCE = 20
"""Servers that are asked at the same time."""
MOST_UNANSWERED = 3
"""A server that leaves more unanswered is asked no further in that visit."""
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmVisit:
    """One arm at one server in one round.

    Attributes:
        endpoint: Who was asked.
        number: Of the round, from 0.
        arm: Id of the arm.
        dialogue: What was said; None where nothing was.
        failure: Why the connection did not come about or ended early; None for neither.
    """

    endpoint: Endpoint
    number: int
    arm: str
    dialogue: Dialogue | None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStudy:
    """What is asked, of whom, how often, and in which limits.

    Attributes:
        endpoints: Whom; one per machine.
        questions: What every arm asks.
        rounds: How often each arm comes.
        client_name: What we call ourselves in the arms that say so.
        burst_scripts: Scripthashes for the burst.
        rest_s: Seconds between two connections to one server: what the budgets say of visits.
        dial_s: Seconds for a connection.
        limits: Of each conversation.
    """

    endpoints: Sequence[Endpoint]
    questions: Sequence[Question]
    rounds: int
    client_name: str
    burst_scripts: Sequence[str]
    rest_s: float
    dial_s: float
    limits: ConversationLimits


async def visit_arms(
    study: ArmStudy, *, dialer: Dialing, clock: Clock, rng: random.Random
) -> AsyncIterator[tuple[ArmVisit, ...]]:
    """Yield what came of each place of each round, of all servers, in the order of the study's endpoints."""
    for number in range(study.rounds):
        plans = [
            round_of(study.questions, rng=rng, client_name=study.client_name, burst_scripts=study.burst_scripts)
            for _ in study.endpoints
        ]
        for place in range(len(ARMS)):
            if number or place:
                await clock.sleep(study.rest_s)
            yield await _at_once(study, number, [plan[place] for plan in plans], dialer, clock)


def by_arm(visits: Sequence[ArmVisit]) -> Mapping[str, Dialogue]:
    """Return the conversations of one server's round by arm, in order of time; an arm without one is empty."""
    return {visit.arm: visit.dialogue or Dialogue(transport=visit.endpoint.transport, exchanges=()) for visit in visits}


async def _at_once(
    study: ArmStudy, number: int, plans: Sequence[ArmSteps], dialer: Dialing, clock: Clock
) -> tuple[ArmVisit, ...]:
    seats = asyncio.Semaphore(AT_ONCE)

    async def ask(endpoint: Endpoint, steps: ArmSteps) -> ArmVisit:
        async with seats:
            return await _ask(study, endpoint, number, steps, dialer, clock)

    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(ask(endpoint, steps)) for endpoint, steps in zip(study.endpoints, plans, strict=True)
        ]
    return tuple(task.result() for task in asking)


async def _ask(
    study: ArmStudy, endpoint: Endpoint, number: int, steps: ArmSteps, dialer: Dialing, clock: Clock
) -> ArmVisit:
    try:
        with Deadline(study.dial_s):
            connection = await dialer.connect(endpoint)
    except (VisitError, TimeoutError) as error:
        failure = error.failure if isinstance(error, VisitError) else _slow_dial(study.dial_s)
        return ArmVisit(endpoint=endpoint, number=number, arm=steps.arm.id, dialogue=None, failure=failure)
    conversation = Conversation(connection, clock, study.limits)
    try:
        connection.hand_over(conversation)
        await _converse(conversation, steps)
    finally:
        connection.abort()
    return ArmVisit(
        endpoint=endpoint,
        number=number,
        arm=steps.arm.id,
        dialogue=_dialogue(endpoint, conversation.asked),
        failure=None if conversation.failure is None else conversation.failure.failure,
    )


async def _converse(conversation: Conversation, steps: ArmSteps) -> None:
    """Put the steps one after the other, the burst in one breath; stop where too much is left unanswered."""
    unanswered = 0
    burst: list[Asked] = []
    for step in steps.all:
        asked = conversation.send(step)
        if step in steps.burst:
            burst.append(asked)
            continue
        for one in (*burst, asked):
            unanswered += not await conversation.settled(one)
            if conversation.failure is not None or unanswered > MOST_UNANSWERED:
                return
        burst.clear()


def _dialogue(endpoint: Endpoint, asked: Sequence[Asked]) -> Dialogue:
    return Dialogue(
        transport=endpoint.transport,
        exchanges=tuple(
            Exchange(
                name=one.step.name,
                sent=one.step.line,
                lines=tuple(
                    Line(data=line.data, after_ms=(line.received_monotonic_ns - one.sent_ns) / _NS_PER_MS)
                    for line in one.lines
                ),
            )
            for one in asked
        ),
    )


def _slow_dial(seconds: float) -> Failure:
    return Failure(kind=FailureKind.CONNECT_TIMEOUT, stage=Stage.CONNECT, detail=f"not done within {seconds:g} s")
