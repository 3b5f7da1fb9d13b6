"""Visits are packed from declared costs alone: within every limit, in order, closers last, the aggressive alone."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Opening, Step, Subject, ask
from electrum_observatory.scanner.costs import ProbeCost
from electrum_observatory.scanner.packing import CONNECTIONS_PER_VISIT, PlannedVisit, pack, requests_of
from electrum_observatory.scanner.probes.registry import BATTERY

WHOLE = pack(BATTERY, requests=40, errors=6)
ORDER = {probe.id: place for place, probe in enumerate(BATTERY)}

ONE = ProbeCost(requests=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(BehaviourProbe):
    """A question of any cost."""

    id: str = "asking"  # type: ignore[misc]  # of the instance, in this test
    cost: ProbeCost = ONE  # type: ignore[misc]
    opening: Opening = Opening.RANGE  # type: ignore[misc]
    group: Group = Group.CORE  # type: ignore[misc]
    first_id: ClassVar[int] = 1

    def steps(self, subject: Subject) -> list[Step]:
        return [ask(1, "server.ping")]


def asking(name: str, requests: int = 1, errors: int = 0, **cost: object) -> Asking:
    return Asking(id=name, cost=ProbeCost(requests=requests, errors=errors, **cost))  # type: ignore[arg-type]


def ids(visit: PlannedVisit) -> list[list[str]]:
    return [[probe.id for probe in one.probes] for one in visit.connections]


def test_every_question_is_put_exactly_once() -> None:
    put = [probe.id for visit in WHOLE for probe in visit.probes]

    assert sorted(put) == sorted(ORDER)
    assert [visit.number for visit in WHOLE] == list(range(1, len(WHOLE) + 1))


def test_every_visit_is_within_the_limits_of_a_guest() -> None:
    for visit in WHOLE:
        assert visit.errors <= 6, visit.number
        assert visit.alone or visit.requests <= 40, visit.number
        assert 1 <= len(visit.connections) <= CONNECTIONS_PER_VISIT
        assert [one.number for one in visit.connections] == list(range(len(visit.connections)))


def test_questions_keep_their_order_on_a_connection_and_one_that_may_close_comes_last() -> None:
    for one in (one for visit in WHOLE for one in visit.connections):
        staying = [ORDER[probe.id] for probe in one.probes if not probe.cost.may_close]
        assert staying == sorted(staying)
        assert not any(probe.cost.may_close for probe in one.probes[:-1]), one
        assert all(probe.opening is one.opening for probe in one.probes)
        assert one.opening is not Opening.BARE or len(one.probes) == 1, "its own message begins it"


def test_what_only_consenting_operators_are_asked_has_visits_of_its_own_at_the_end() -> None:
    alone = [visit for visit in WHOLE if visit.alone]

    assert len(alone) == sum(probe.group is Group.AGGRESSIVE for probe in BATTERY) == 4
    assert all(len(visit.probes) == 1 for visit in alone)
    assert alone == list(WHOLE[-4:])


def test_the_core_of_the_battery_is_done_within_an_hour() -> None:
    core = [visit.number for visit in WHOLE if any(probe.group is Group.CORE for probe in visit.probes)]

    assert max(core) <= 5


def test_the_same_questions_make_the_same_visits() -> None:
    assert pack(BATTERY, requests=40, errors=6) == WHOLE


def test_a_question_goes_into_the_first_visit_that_has_room() -> None:
    probes = [asking("a", 30, 6), asking("b", 5, 1), asking("c", 4), asking("d", 6)]

    assert [ids(one) for one in pack(probes, requests=40, errors=6)] == [[["a", "c"]], [["b", "d"]]]


def test_a_second_closer_opens_a_second_connection_and_a_third_another_visit() -> None:
    probes = [asking(name, may_close=True, pings=1) for name in ("a", "b", "c")] + [asking("d")]

    assert [ids(one) for one in pack(probes, requests=40, errors=6)] == [[["d", "a"], ["b"]], [["c"]]]


def test_pings_and_handshakes_count_as_requests() -> None:
    probe = asking("a", 37, pings=2)

    assert requests_of(probe) == 39
    assert pack([probe], requests=40, errors=6)[0].requests == 40
    with pytest.raises(ValueError, match="a may cost 40 requests and 0 errors; a visit has 39 and 6"):
        pack([probe], requests=39, errors=6)
