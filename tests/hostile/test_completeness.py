"""Whatever the lab plays is tested, documented, and stands on defences that the mutation run switches off."""

import pytest

from bench.mutations import SMALL, all_mutants
from electrum_observatory.lab.hostile.registry import HOSTILE
from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.defence import Defence
from tests.hostile.defences import DEFENCES
from tests.hostile.page import rows, written

FEWEST_ACTS = 40


def test_there_are_enough_acts_and_each_has_a_case() -> None:
    assert set(CASES) == set(HOSTILE)
    assert len(HOSTILE) >= FEWEST_ACTS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_says_what_is_recorded_and_names_defences(case: Case) -> None:
    assert case.recorded
    assert case.defences
    assert set(case.defences) <= set(DEFENCES)
    assert set(case.transports) <= set(HOSTILE[case.act].transports)


def test_every_defence_is_needed_by_an_act() -> None:
    assert {defence for case in CASES.values() for defence in case.defences} == set(DEFENCES)


@pytest.mark.parametrize("defence", DEFENCES.values(), ids=DEFENCES)
def test_a_defence_is_where_it_is_said_to_be_and_can_be_replaced(defence: Defence) -> None:
    defence.fits()


def test_the_quick_mutants_are_among_all() -> None:
    assert set(SMALL) <= set(all_mutants())


def test_the_page_of_acts_is_that_of_the_registry() -> None:
    assert written() == rows(), "python -m tests.hostile.page"
