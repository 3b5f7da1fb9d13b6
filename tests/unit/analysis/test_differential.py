"""Differential treatment: textbook figures, the promise about false alarms, and what a dose needs."""

import random
from itertools import pairwise
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.analysis.differential import (
    ALPHA,
    Arm,
    Pair,
    compare,
    holm,
    mcnemar_exact,
    pairs_needed,
    power,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("usual_better", "other_better", "p"),
    [
        (0, 0, 1.0),
        (0, 5, 0.0625),
        (0, 6, 0.03125),
        (1, 9, 22 / 1024),
        (5, 5, 1.0),
        (12, 2, 212 / 2**14),
        (150, 86, 3.716e-05),  # Agresti, Categorical Data Analysis: approval of a prime minister, asked twice
    ],
)
def test_exact_mcnemar_against_the_binomial_by_hand(usual_better: int, other_better: int, p: float) -> None:
    total = usual_better + other_better
    by_hand = min(1.0, sum(comb(total, n) for n in range(min(usual_better, other_better) + 1)) / 2 ** (total - 1))

    assert mcnemar_exact(usual_better, other_better) == pytest.approx(by_hand)
    assert mcnemar_exact(usual_better, other_better) == pytest.approx(p, rel=2e-3)


@given(one=st.integers(0, 200), other=st.integers(0, 200))
def test_mcnemar_is_a_probability_that_knows_no_sides(one: int, other: int) -> None:
    assert 0 < mcnemar_exact(one, other) <= 1
    assert mcnemar_exact(one, other) == mcnemar_exact(other, one)
    assert mcnemar_exact(one + 1, 0) <= mcnemar_exact(one, 0)


def test_holm_on_the_usual_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()


@given(p_values=P_VALUES)
def test_holm_is_between_no_correction_and_bonferroni_and_keeps_the_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)

    for raw, new in zip(p_values, adjusted, strict=True):
        assert raw <= new <= min(1.0, raw * len(p_values)) or new == pytest.approx(min(1.0, raw * len(p_values)))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert all(adjusted[a] <= adjusted[b] for a, b in pairwise(order))


def _pairs(question: str, arm: Arm, *, usual: int, other: int, same: int) -> list[Pair]:
    return [
        *(Pair(question=question, arm=arm, usual=True, other=False) for _ in range(usual)),
        *(Pair(question=question, arm=arm, usual=False, other=True) for _ in range(other)),
        *(Pair(question=question, arm=arm, usual=True, other=True) for _ in range(same)),
    ]


def test_a_difference_that_repeats_is_reported_with_its_direction() -> None:
    first = _pairs("history", Arm.BARE_CLIENT, usual=9, other=0, same=3)
    second = _pairs("history", Arm.BARE_CLIENT, usual=8, other=1, same=3)

    (found,) = compare(first, second).differences

    assert (found.question, found.arm, found.worse) == ("history", Arm.BARE_CLIENT, True)
    assert found.discordant == (17, 1)
    assert found.pairs == 24


@pytest.mark.parametrize(
    "second",
    [
        [],
        _pairs("history", Arm.BARE_CLIENT, usual=1, other=1, same=10),
        _pairs("history", Arm.BARE_CLIENT, usual=0, other=9, same=3),
        _pairs("balance", Arm.BARE_CLIENT, usual=9, other=0, same=3),
    ],
    ids=["never asked again", "gone", "the other way round", "another question"],
)
def test_a_difference_that_does_not_repeat_is_not_reported(second: list[Pair]) -> None:
    first = _pairs("history", Arm.BARE_CLIENT, usual=9, other=0, same=3)

    assert compare(first, second).differences == ()


def test_too_few_pairs_are_called_insufficient() -> None:
    few = _pairs("history", Arm.ADDRESS_KIND, usual=5, other=0, same=0)

    found = compare(few, few)

    assert found.differences == ()
    assert found.insufficient == (("history", Arm.ADDRESS_KIND),)
    assert pairs_needed(1) == 6
    assert pairs_needed(12) == 9


def test_equal_answers_however_bad_are_no_difference() -> None:
    down = [Pair(question="history", arm=Arm.AFTER_BURST, usual=False, other=False)] * 50

    assert compare(down, down).differences == ()


def _batch(draw: random.Random, questions: int, pairs: int, chance: float, worse: float = 0.0) -> list[Pair]:
    """Answers fail by chance, in either way alike; of question 0 the other way fails ``worse`` more often."""
    return [
        Pair(
            question=str(question),
            arm=Arm.BARE_CLIENT,
            usual=draw.random() >= chance,
            other=draw.random() >= max(chance, worse if question == 0 else 0.0),
        )
        for question in range(questions)
        for _ in range(pairs)
    ]


def test_of_two_thousand_honest_servers_fewer_than_alpha_are_reported() -> None:
    draw = random.Random(20261121)
    servers, reported, after_one = 2_000, 0, 0
    for _ in range(servers):
        chance = draw.choice((0.02, 0.1, 0.3, 0.5))
        first, second = (_batch(draw, 6, 20, chance) for _ in range(2))
        reported += bool(compare(first, second).differences)
        after_one += bool(compare(first, first).differences)

    assert after_one <= ALPHA * servers  # the family-wise error of one batch alone
    assert reported <= ALPHA**2 * servers


@pytest.mark.parametrize("dose", [0.5, 0.8, 1.0])
def test_the_power_that_is_promised_is_the_power_that_is_seen(dose: float) -> None:
    draw = random.Random(7)
    runs = 300

    seen = sum(
        bool(compare(_batch(draw, 6, 20, 0.0, dose), _batch(draw, 6, 20, 0.0, dose)).differences) for _ in range(runs)
    )

    assert seen / runs == pytest.approx(power(pairs=20, dose=dose, questions=6), abs=0.08)


def test_power_grows_with_the_dose_and_needs_enough_pairs() -> None:
    assert power(pairs=5, dose=1.0, questions=1) == 0
    assert power(pairs=20, dose=1.0, questions=6) == 1
    assert power(pairs=20, dose=0.3, questions=6) < power(pairs=40, dose=0.3, questions=6)
