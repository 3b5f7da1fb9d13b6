"""Who waits until a machine has rested, and when it may go."""

from electrum_observatory.scanner.resting import Resting


def nobody(_machine: str) -> bool:
    return False


def resting() -> Resting[str]:
    """A machine that was visited until second 10, with two pieces of work waiting."""
    made: Resting[str] = Resting(600.0)
    made.begun("m")
    made.ended("m", 10.0)
    made.put("m", "first")
    made.put("m", "second")
    return made


def test_work_is_due_when_the_rest_since_the_last_visit_is_over() -> None:
    one = resting()

    assert one.take_due(609.9, busy=nobody) == []
    assert one.next_due_s(busy=nobody) == 610.0
    assert one.take_due(610.0, busy=nobody) == [("m", "first")]


def test_one_piece_at_a_time_and_the_rest_begins_anew_when_it_has_ended() -> None:
    one = resting()
    one.take_due(700.0, busy=nobody)

    assert one.take_due(2_000.0, busy=nobody) == []
    assert one.next_due_s(busy=nobody) is None, "nobody knows how long the visit takes"

    one.ended("m", 2_000.0)
    assert one.next_due_s(busy=nobody) == 2_600.0


def test_a_visit_of_another_endpoint_of_the_machine_lengthens_the_rest() -> None:
    one = resting()
    one.begun("m")
    assert one.take_due(700.0, busy=nobody) == []
    one.ended("m", 700.0)

    assert one.next_due_s(busy=nobody) == 1_300.0


def test_nobody_is_called_while_other_work_is_about_to_begin_there() -> None:
    one = resting()

    assert one.take_due(700.0, busy=lambda machine: machine == "m") == []
    assert one.next_due_s(busy=lambda _machine: True) is None
    assert one.take_due(700.0, busy=nobody) == [("m", "first")]


def test_a_machine_is_held_once_its_first_piece_was_handed_out() -> None:
    one = resting()
    assert not one.holds("m")
    one.take_due(700.0, busy=nobody)

    assert one.holds("m")
    assert not one.holds("another")


def test_what_was_asked_in_an_earlier_sitting_counts_as_well() -> None:
    one: Resting[str] = Resting(600.0)
    one.rest_until("m", 450.0, held=True)
    one.put("m", "work")

    assert one.holds("m")
    assert one.next_due_s(busy=nobody) == 450.0


def test_the_last_visit_is_known_from_what_each_piece_stands_for() -> None:
    one = resting()

    assert one.visits(lambda work: 3 if work == "first" else 1) == 4
    assert one.last_due_s(lambda work: 3 if work == "first" else 1, 0.0) == 610.0 + 3 * 600.0
    assert Resting[str](600.0).last_due_s(lambda _work: 1, 0.0) is None


def test_what_waits_can_be_dropped() -> None:
    one = resting()

    assert one.drop_waiting() == ["first", "second"]
    assert one.waiting == 0
