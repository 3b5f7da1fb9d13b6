"""Which visits compare how arms are treated: within the budgets, in an order that anybody can draw again."""

from collections import Counter
from itertools import groupby

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.scanner.arms import ARMS
from electrum_observatory.scanner.behaviour import Subject
from electrum_observatory.scanner.config import Budgets
from electrum_observatory.scanner.packing import PlannedVisit
from electrum_observatory.scanner.probes.treatment import TreatmentProbe
from electrum_observatory.scanner.treatment import questions, treatment_visits

SUBJECT = Subject(
    network=NETWORKS["bitcoin"], reference=None, client_name="electrum-observatory/test", campaign="2026-11-21-a"
)
ROUNDS = 12


def visits_to(endpoint: str, subject: Subject = SUBJECT) -> tuple[PlannedVisit, ...]:
    return treatment_visits(endpoint, subject, batches=2, rounds=ROUNDS, first_number=9)


def arms_of(visits: tuple[PlannedVisit, ...]) -> list[TreatmentProbe]:
    return [probe for visit in visits for probe in visit.probes if isinstance(probe, TreatmentProbe)]


def test_every_round_has_every_arm_once_in_two_visits_within_the_budgets() -> None:
    visits = visits_to("a")

    assert [visit.number for visit in visits] == list(range(9, 9 + 4 * ROUNDS))
    for visit in visits:
        assert len(visit.connections) <= 2
        assert visit.requests <= Budgets().requests
        assert visit.errors <= Budgets().errors
        for probe in visit.probes:
            assert len(probe.steps(SUBJECT)) == probe.cost.requests
    rounds = [[*group] for _, group in groupby(arms_of(visits), key=lambda probe: probe.round)]
    assert len(rounds) == 2 * ROUNDS
    assert all({probe.said.arm.id for probe in one} == {arm.id for arm in ARMS} for one in rounds)
    assert all([probe.order for probe in one] == [0, 1, 2] for one in rounds)
    assert Counter(probe.batch for probe in arms_of(visits)) == {0: 3 * ROUNDS, 1: 3 * ROUNDS}


def test_every_arm_puts_the_same_questions() -> None:
    names = {question.name for question in questions(SUBJECT)}

    assert len(names) == 5
    for probe in arms_of(visits_to("a")):
        assert sorted(step.name for step in probe.said.questions) == sorted(names)


def test_the_order_is_drawn_of_campaign_and_endpoint_and_can_be_drawn_again() -> None:
    def order(endpoint: str) -> list[str]:
        return [probe.key for probe in arms_of(visits_to(endpoint))]

    assert order("a") == order("a")
    assert order("a") != order("b")
    assert sorted(order("a")) == sorted(order("b"))
    assert {probe.seed for probe in arms_of(visits_to("a"))} == {"2026-11-21-a a"}
    first = Counter(probe.said.arm.id for probe in arms_of(visits_to("a")) if probe.order == 0)
    assert set(first) == {arm.id for arm in ARMS}, "none is always the last"
