"""The rounds of a virtual watch, and the shapes in which the parts of the rendering hand their work to each other.

A chunk is the rounds of a day or less: T rounds by S servers, in the order of ``WorldPlan.servers``. Each part is given
the whole plan and history at its start and a chunk at a time afterwards; it keeps nothing between chunks that decides a
byte, so that chunks may be rendered in any order and in several processes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import BlindSpell, Question, Round
from electrum_observatory.model.watch_ports import NewsColumns

BOOT_ID = "virtual"
QUESTIONS = (Question.HISTOGRAM, Question.TIP, Question.FEE_FLOOR, Question.ESTIMATES, Question.PING)

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """Some consecutive rounds, and when each server was asked in them.

    Attributes:
        from_s: World time at which the chunk begins: tip news from here on belongs to it.
        to_s: World time at which it ends, exclusive.
        rounds: T rounds.
        at_s: World time of each round's start; shape (T,).
        sent_s: World time at which the questions left for each server; shape (T, S).
        asked_s: World time at which they reached it: answers are of this moment; shape (T, S).
        back_s: How long its replies travel, the server's own work included; shape (T, S).
        lost: Whether questions or replies got lost on the way; shape (T, S).
        node_at: Which of its nodes answers, as a place in ``plan.nodes``: a load balancer alternates; shape (T, S).
    """

    from_s: float
    to_s: float
    rounds: tuple[Round, ...]
    at_s: Floats
    sent_s: Floats
    asked_s: Floats
    back_s: Floats
    lost: NDArray[np.bool_]
    node_at: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """What the servers of a chunk say to one question.

    Attributes:
        texts: Distinct answers: reply lines with fixed request ids.
        text_at: Index of ``texts``, or ``NOTHING`` where this server has no answer to it; shape (T, S).
    """

    texts: Sequence[bytes]
    text_at: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """How the servers of a chunk were found.

    Attributes:
        availability: Index of ``AVAILABILITIES``, before losses on the way; shape (T, S).
        failures: Distinct failures.
        failure_at: Index of ``failures``, or ``NOTHING``; shape (T, S).
    """

    availability: Numbers
    failures: Sequence[Failure]
    failure_at: Numbers


class Lives(Protocol):
    """The servers' own comings and goings (``life``)."""

    def starts(self, server: int) -> Floats:
        """World times at which this server's process was started, by time; the first before the watch."""

    def found(self, chunk: Chunk) -> Found:
        """How each server was found in each round."""


class Answers(Protocol):
    """What servers say to everything but the histogram (``answers``)."""

    def said(self, chunk: Chunk) -> Mapping[Question, Said]:
        """The answers to TIP, FEE_FLOOR, ESTIMATES and PING."""

    def news(self, chunk: Chunk) -> NewsColumns:
        """The tip news that arrives in the chunk, by arrival; ``endpoints`` are those of the plan, in its order."""


def chunk_of(plan: WorldPlan, *, from_s: float, to_s: float, every_s: float) -> Chunk:
    """Lay out the rounds that begin in a time, every ``every_s`` from world time 0."""
    first, last = -int(-from_s // every_s), -int(-to_s // every_s)
    numbers = np.arange(first, last)
    rng = np.random.default_rng(stream(plan.seed, "rounds", first, every_s).getrandbits(64))
    shape = (len(numbers), len(plan.servers))
    at_s = numbers * every_s + rng.uniform(0, 1.0, len(numbers))
    path = np.array([server.path_s for server in plan.servers])
    jitter = RANGES["server.path_jitter"].high
    there = path / 2 * (1 + rng.exponential(jitter, shape))
    back = path / 2 * (1 + rng.exponential(jitter, shape))
    back += rng.exponential(RANGES["server.shared_load_delay"].high / 4, shape)
    sent = at_s[:, None] + rng.uniform(0, 3.0, shape)
    loss = np.array([server.loss for server in plan.servers])
    lost = rng.random(shape) < loss
    return Chunk(
        from_s=from_s,
        to_s=to_s,
        rounds=tuple(_round(plan, int(number), at) for number, at in zip(numbers, at_s.tolist(), strict=True)),
        at_s=at_s,
        sent_s=sent,
        asked_s=sent + there,
        back_s=back,
        lost=lost,
        node_at=_answering(plan, numbers),
    )


def without(chunk: Chunk, spells: Sequence[BlindSpell]) -> Chunk:
    """Leave out the rounds that would have begun while nobody watched."""
    started = np.array([one.started_at_us for one in chunk.rounds], dtype=np.int64)
    blind = np.zeros(len(started), dtype=np.bool_)
    for spell in spells:
        blind |= (started >= spell.from_us) & (started < spell.to_us)
    kept = np.flatnonzero(~blind)
    return replace(
        chunk,
        rounds=tuple(chunk.rounds[place] for place in kept.tolist()),
        at_s=chunk.at_s[kept],
        sent_s=chunk.sent_s[kept],
        asked_s=chunk.asked_s[kept],
        back_s=chunk.back_s[kept],
        lost=chunk.lost[kept],
        node_at=chunk.node_at[kept],
    )


def _round(plan: WorldPlan, number: int, at: float) -> Round:
    started = plan.start_us + round(at * 1e6)
    return Round(
        number=number + 1,
        due_at_us=started,
        started_at_us=started,
        started_monotonic_ns=round(at * 1e9) + 10**15,
        boot_id=BOOT_ID,
        duration_us=8_000_000,
        questions=QUESTIONS,
        lag_max_us=2_000,
    )


def _answering(plan: WorldPlan, numbers: Numbers) -> Numbers:
    places = {node.node_id: place for place, node in enumerate(plan.nodes)}
    first = np.array([places[server.nodes[0]] for server in plan.servers])
    other = np.array([places[server.nodes[-1]] for server in plan.servers])
    return np.where((numbers % 2 == 0)[:, None], first, other).astype(np.int64)
