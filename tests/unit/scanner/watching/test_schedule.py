"""When rounds are due: together where cadences allow, jittered as a whole, by the monotonic clock."""

import random

from electrum_observatory.model.watch import Question
from electrum_observatory.scanner.watching.schedule import Schedule

SECOND_NS = 1_000_000_000
START_NS = 1_000 * SECOND_NS


def schedule(jitter_s: float = 0.0, seed: int = 1, **cadences: float) -> Schedule:
    every = dict.fromkeys(Question, 300.0) | {Question(name): seconds for name, seconds in cadences.items()}
    return Schedule(every, start_ns=START_NS, jitter_s=jitter_s, together_s=20.0, rng=random.Random(seed))


def seconds(at_ns: int) -> float:
    return (at_ns - START_NS) / SECOND_NS


def test_questions_of_one_cadence_share_every_round_and_the_histogram_comes_first() -> None:
    rounds = [schedule_.next() for schedule_ in [schedule()] for _ in range(3)]

    assert [seconds(one.at_ns) for one in rounds] == [0, 300, 600]
    assert all(one.questions == tuple(Question) for one in rounds)
    assert rounds[0].questions[0] is Question.HISTOGRAM


def test_a_rarer_question_joins_the_rounds_of_the_others() -> None:
    rare = schedule(estimates=900.0)

    rounds = [rare.next() for _ in range(7)]

    assert [seconds(one.at_ns) for one in rounds] == [0, 300, 600, 900, 1200, 1500, 1800]
    assert [Question.ESTIMATES in one.questions for one in rounds] == [True, False, False, True, False, False, True]


def test_times_nearer_than_a_round_may_take_share_one() -> None:
    near = schedule(ping=310.0)

    rounds = [near.next() for _ in range(4)]

    assert [Question.PING in one.questions for one in rounds] == [True, True, True, False]
    assert seconds(rounds[3].at_ns) == 900


def test_jitter_moves_whole_rounds_and_never_adds_up() -> None:
    jittered = schedule(jitter_s=10.0)

    due = [seconds(jittered.next().at_ns) for _ in range(200)]

    off = [at - 300 * number for number, at in enumerate(due)]
    assert due[0] >= 0
    assert max(map(abs, off)) <= 10
    assert min(off[1:]) < -8
    assert max(off) > 8


def test_a_round_is_of_its_time_for_half_a_cadence() -> None:
    due = schedule().next()

    assert seconds(due.skip_after_ns) == 150


def test_what_is_pending_is_never_asked_alone() -> None:
    often = schedule(pending=100.0)

    asked = [often.next().questions for _ in range(4)]

    assert asked == [
        tuple(Question),
        (Question.PING, Question.PENDING),
        (Question.PING, Question.PENDING),
        tuple(Question),
    ]
