import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.scanner.budget import MachineBudget, machine_key
from tests.factories import make_endpoint


@pytest.mark.parametrize(
    ("endpoint", "key"),
    [
        (make_endpoint(address="5.9.1.2"), "5.9.1.2"),
        (make_endpoint(host="other.example.org", port=50001, address="5.9.1.2"), "5.9.1.2"),
        (make_endpoint(address="2a01:4f8:1:2::1"), "2a01:4f8:1:2::/64"),
        (make_endpoint(address="2a01:4f8:1:2:ffff::9"), "2a01:4f8:1:2::/64"),
        (make_endpoint(host="a" * 56 + ".onion", address=None), "a" * 56 + ".onion"),
        (make_endpoint(host="behind-a-proxy.example.org", address=None), "behind-a-proxy.example.org"),
    ],
)
def test_a_machine_is_what_shares_an_address_or_a_network_of_one_customer(endpoint, key) -> None:
    assert machine_key(endpoint) == key


def test_a_machine_gets_one_new_connection_per_spacing() -> None:
    budget: MachineBudget[int] = MachineBudget(at_once=2)
    for work in range(3):
        budget.put("m", work)

    assert budget.take() == ("m", 0)
    assert budget.take() is None, "cooling"
    budget.ended("m")
    assert budget.take() is None, "still cooling"
    budget.cooled("m")
    assert budget.take() == ("m", 1)


def test_a_machine_has_no_more_connections_open_than_allowed() -> None:
    budget: MachineBudget[int] = MachineBudget(at_once=2)
    for work in range(3):
        budget.put("m", work)

    for work in range(2):
        assert budget.take() == ("m", work)
        budget.cooled("m")
    assert budget.take() is None
    budget.ended("m")
    assert budget.take() == ("m", 2)


def test_a_waiting_machine_stands_in_nobodys_way() -> None:
    budget: MachineBudget[str] = MachineBudget(at_once=1)
    for work in ("a1", "a2", "a3"):
        budget.put("a", work)
    budget.put("b", "b1")

    assert [budget.take(), budget.take(), budget.take()] == [("a", "a1"), ("b", "b1"), None]
    assert (budget.waiting, budget.longest_queue) == (2, 2)


def test_a_second_try_comes_before_all_that_waits_for_its_machine() -> None:
    budget: MachineBudget[str] = MachineBudget(at_once=1)
    budget.put("m", "later")
    budget.put("m", "again", next_in_turn=True)

    assert budget.take() == ("m", "again")


def test_dropped_work_is_handed_back_and_nothing_is_left() -> None:
    budget: MachineBudget[int] = MachineBudget(at_once=1)
    for work in range(3):
        budget.put("m", work)
    budget.take()

    assert budget.drop_waiting() == [1, 2]
    budget.ended("m")
    budget.cooled("m")
    assert (budget.waiting, budget.take(), budget.longest_queue) == (0, None, 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "take", "ended", "cooled"])), max_size=80))
def test_the_limits_hold_in_every_order_of_events(steps) -> None:
    budget: MachineBudget[int] = MachineBudget(at_once=2)
    open_now: dict[str, int] = {}
    cooling: set[str] = set()
    put = taken = 0
    for machine, step in steps:
        if step == "put":
            budget.put(machine, put)
            put += 1
        elif step == "take":
            found = budget.take()
            if found is not None:
                assert found[0] not in cooling
                cooling.add(found[0])
                open_now[found[0]] = open_now.get(found[0], 0) + 1
                assert open_now[found[0]] <= 2
                taken += 1
        elif step == "ended" and open_now.get(machine):
            open_now[machine] -= 1
            budget.ended(machine)
        elif step == "cooled" and machine in cooling:
            cooling.discard(machine)
            budget.cooled(machine)
        assert budget.waiting == put - taken
