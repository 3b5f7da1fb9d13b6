"""What the politeness row makes of the lab's book: the largest of each, connections that are still open included."""

from collections.abc import Sequence

import pytest

from bench.politeness import _by_machine, _gaps, _most, _most_at_once, _most_in_a_minute
from electrum_observatory.lab.visits import Arrival
from electrum_observatory.model.endpoint import Transport


def arrival(at_s: float, left_s: float | None, machine: str = "one") -> Arrival:
    return Arrival(machine=machine, transport=Transport.TCP, at_s=at_s, left_s=left_s)


@pytest.mark.parametrize(
    ("stays", "at_once"),
    [
        (((0, 1), (1, 2)), 1),
        (((0, 3), (1, 2), (2, 4)), 2),
        (((0, None), (5, None), (9, None)), 3),
    ],
)
def test_connections_open_at_once_are_counted_from_arrival_to_leave(
    stays: Sequence[tuple[float, float | None]], at_once: int
) -> None:
    seen = _by_machine([arrival(*stay) for stay in stays], scale=1.0)

    assert _most_at_once(seen["one"]) == at_once


def test_machines_are_told_apart_and_times_are_those_of_the_world() -> None:
    seen = _by_machine([arrival(3, 4), arrival(0, 1), arrival(1, 2, "other"), arrival(40, None)], scale=2.0)

    assert sorted(_gaps(seen.values())) == [6, 74]
    assert [_most_in_a_minute(seen[machine]) for machine in ("one", "other")] == [2, 1]


def test_one_connection_beyond_the_budget_is_beyond_it_whatever_the_others_did() -> None:
    assert not _most("requests of one connection", [1, 1, 41, 1], 40).within
    assert _most("requests of one connection", [40, 1], 40).within
