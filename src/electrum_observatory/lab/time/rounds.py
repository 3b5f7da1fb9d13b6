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

from electrum_observatory.lab.chance import stream, uniform
from electrum_observatory.lab.personalities.electrumx import ElectrumX
from electrum_observatory.lab.personalities.padding import FLUSH_DELAY_SECONDS
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.plans import WorldPlan
from electrum_observatory.lab.time.ranges import RANGES, draw
from electrum_observatory.lab.time.regimes import DAY_S
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import USUAL_QUESTIONS, BlindSpell, Question, Round
from electrum_observatory.model.watch_ports import NewsColumns

BOOT_ID = "virtual"
PENDING_S = 3_600.0
"""From one round to the next that asks what is pending, where there are public scripts."""

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
        back_s: How long until its replies are here: its own work, what it holds back, the way, and a second sending
            of what got lost; shape (T, S).
        lost: Whether they did not come in time at all; shape (T, S).
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

    def said(self, chunk: Chunk, heard: NDArray[np.bool_] | None = None) -> Mapping[Question, Said]:
        """The answers to TIP, FEE_FLOOR, ESTIMATES and PING; ``heard`` tells which of them matter, None for all."""

    def news(self, chunk: Chunk) -> NewsColumns:
        """The tip news that arrives in the chunk, by arrival; ``endpoints`` are those of the plan, in its order."""


def chunk_of(plan: WorldPlan, *, from_s: float, to_s: float, every_s: float, pending_s: float = PENDING_S) -> Chunk:
    """Lay out the rounds that begin in a time, every ``every_s`` from world time 0.

    Chance is drawn by the day, so that a round is the same in whichever chunk it stands. Where the world has public
    scripts, what is pending is asked about every ``pending_s``.
    """
    numbers = np.arange(-int(-from_s // every_s), -int(-to_s // every_s))
    days = np.unique(numbers * every_s // DAY_S).astype(np.int64).tolist()
    ways = _joined([_ways_of_day(plan, day, every_s) for day in days or [0]], numbers)
    at_s = numbers * every_s + ways.jitter_s
    sent_s = at_s[:, None] + ways.spread_s
    asking = _asking_pending(plan, from_s, to_s, every_s, pending_s)
    rounds = [
        _round(plan, number, at, USUAL_QUESTIONS if number not in asking else (*USUAL_QUESTIONS, Question.PENDING))
        for number, at in zip(numbers.tolist(), at_s.tolist(), strict=True)
    ]
    return Chunk(
        from_s=from_s,
        to_s=to_s,
        rounds=tuple(rounds),
        at_s=at_s,
        sent_s=sent_s,
        asked_s=sent_s + ways.there_s,
        back_s=ways.back_s,
        lost=ways.lost,
        node_at=_answering(plan, numbers),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ways:
    """The chance of some rounds: when they and their questions leave, and how long those and the replies travel."""

    numbers: Numbers
    jitter_s: Floats
    spread_s: Floats
    there_s: Floats
    back_s: Floats
    lost: NDArray[np.bool_]


def _ways_of_day(plan: WorldPlan, day: int, every_s: float) -> _Ways:
    numbers = np.arange(-int(-day * DAY_S // every_s), -int(-(day + 1) * DAY_S // every_s))
    rng = np.random.default_rng(stream(plan.seed, "rounds", day, every_s).getrandbits(64))
    shape = (len(numbers), len(plan.servers))
    path = np.array([server.path_s for server in plan.servers])
    jitter, load = RANGES["server.path_jitter"].high, RANGES["server.shared_load_delay"].high / 4
    late = RANGES["server.resent"]
    hit = rng.random(shape) < np.array([server.loss for server in plan.servers])
    back = path / 2 * (1 + rng.exponential(jitter, shape)) + rng.exponential(load, shape)
    back += np.where(hit, rng.uniform(late.low, late.high, shape), 0.0)
    back += rng.uniform(0.0, FLUSH_DELAY_SECONDS, shape) * _padded(plan)
    return _Ways(
        numbers=numbers,
        jitter_s=rng.uniform(0, 1.0, len(numbers)),
        spread_s=rng.uniform(0, 3.0, shape),
        there_s=path / 2 * (1 + rng.exponential(jitter, shape)),
        back_s=back,
        lost=hit & (rng.random(shape) < draw("server.never_came", plan.seed)),
    )


def _joined(days: Sequence[_Ways], numbers: Numbers) -> _Ways:
    """Put days together and take these rounds of them."""
    rows = np.searchsorted(np.concatenate([day.numbers for day in days]), numbers)
    return _Ways(
        numbers=numbers,
        jitter_s=np.concatenate([day.jitter_s for day in days])[rows],
        spread_s=np.concatenate([day.spread_s for day in days])[rows],
        there_s=np.concatenate([day.there_s for day in days])[rows],
        back_s=np.concatenate([day.back_s for day in days])[rows],
        lost=np.concatenate([day.lost for day in days])[rows],
    )


def _padded(plan: WorldPlan) -> NDArray[np.bool_]:
    """Which servers hold replies back until the next packet is due (ElectrumX 1.18 and later)."""
    builds = [PERSONALITIES[server.personality] for server in plan.servers]
    return np.array([isinstance(build, ElectrumX) and build.release.padded for build in builds])


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


def _asking_pending(plan: WorldPlan, from_s: float, to_s: float, every_s: float, pending_s: float) -> set[int]:
    """The rounds of a time that ask what is pending.

    It is one of two at each due time, by chance: otherwise they would keep step with load balancers' turns.
    """
    if not plan.scripts:
        return set()
    due = range(max(int((from_s - 2 * every_s) // pending_s), 0), int(to_s // pending_s) + 1)
    lots = (uniform(plan.seed, "pending round", number) for number in due)
    return {int((number * pending_s) // every_s + (lot < 1 / 2)) for number, lot in zip(due, lots, strict=True)}


def _round(plan: WorldPlan, number: int, at: float, questions: tuple[Question, ...]) -> Round:
    started = plan.start_us + round(at * 1e6)
    return Round(
        number=number + 1,
        due_at_us=started,
        started_at_us=started,
        started_monotonic_ns=round(at * 1e9) + 10**15,
        boot_id=BOOT_ID,
        duration_us=8_000_000,
        questions=questions,
        lag_max_us=2_000,
    )


def _answering(plan: WorldPlan, numbers: Numbers) -> Numbers:
    places = {node.node_id: place for place, node in enumerate(plan.nodes)}
    first = np.array([places[server.nodes[0]] for server in plan.servers])
    other = np.array([places[server.nodes[-1]] for server in plan.servers])
    return np.where((numbers % 2 == 0)[:, None], first, other).astype(np.int64)
