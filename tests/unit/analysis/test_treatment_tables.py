"""What two batches of pairs show of one server, question by question."""

from electrum_observatory.analysis.differential import Arm, Pair, mcnemar_exact, pairs_needed
from electrum_observatory.analysis.treatment_tables import Standing, treated

QUESTIONS = [f"fee.{number}" for number in range(6)]
ENOUGH = 12


def pairs(count: int, *, worse: int = 0, better: int = 0, question: str = "fee.0") -> list[Pair]:
    """Pairs of all questions, all alike but these of one."""
    alike = [
        Pair(question=name, arm=arm, usual=True, other=True)
        for name in QUESTIONS
        for arm in (Arm.BARE_CLIENT, Arm.AFTER_BURST)
        if (name, arm) != (question, Arm.BARE_CLIENT)
        for _ in range(count)
    ]
    differing = [(True, False)] * worse + [(False, True)] * better + [(True, True)] * (count - worse - better)
    return alike + [Pair(question=question, arm=Arm.BARE_CLIENT, usual=one, other=two) for one, two in differing]


def test_a_difference_that_is_repeated_is_reported_with_its_counts() -> None:
    found = treated(pairs(ENOUGH, worse=11), pairs(ENOUGH, worse=12))

    (row,) = found.differences
    assert (row.question, row.arm, row.worse) == ("fee.0", Arm.BARE_CLIENT, True)
    assert (row.first.pairs, row.first.b, row.first.c) == (ENOUGH, 11, 0)
    assert row.first.p == mcnemar_exact(11, 0)
    assert row.first.holm_p == 12 * mcnemar_exact(11, 0), "the smallest of twelve"
    assert row.second.holm_p == mcnemar_exact(12, 0), "judged alone"
    assert found.standing is Standing.DIFFERENT
    assert len(found.tables) == 12


def test_what_a_second_batch_does_not_repeat_is_shown_and_not_reported() -> None:
    for second in (pairs(ENOUGH, worse=5), pairs(ENOUGH, better=12)):
        found = treated(pairs(ENOUGH, worse=12), second)

        row = next(one for one in found.tables if one.first.b == 12)
        assert (row.repeated, row.worse) == (False, None)
        assert found.standing is Standing.ALIKE
        assert found.power > 0.9


def test_too_few_pairs_are_insufficient_and_say_how_many_are_missing() -> None:
    found = treated(pairs(4, worse=4), pairs(4, worse=4))

    assert found.standing is Standing.INSUFFICIENT
    assert found.still_needed == pairs_needed(12) - 4 + pairs_needed(1) - 4
    assert found.power == 0
    assert treated([], []).standing is Standing.INSUFFICIENT
    assert treated([], []).still_needed >= pairs_needed(1)


def test_just_enough_pairs_can_show_a_full_difference() -> None:
    need, again = pairs_needed(12), pairs_needed(1)

    assert treated(pairs(need, worse=need), pairs(again, worse=again)).standing is Standing.DIFFERENT
    assert treated(pairs(need - 1, worse=need - 1), pairs(again, worse=again)).standing is Standing.INSUFFICIENT


def test_what_is_reported_is_what_the_numbers_beside_it_say() -> None:
    """A question that only the second batch put counts among those that the first could have shown."""
    six = [Pair(question="fee.0", arm=Arm.BARE_CLIENT, usual=True, other=False) for _ in range(6)]
    late_only = [
        Pair(question=f"fee.{number}", arm=Arm.BARE_CLIENT, usual=True, other=True)
        for number in range(1, 5)
        for _ in range(6)
    ]

    found = treated(six, [*six, *late_only])

    row = next(one for one in found.tables if one.question == "fee.0")
    assert row.first.holm_p == 5 * mcnemar_exact(6, 0)
    assert not row.repeated
