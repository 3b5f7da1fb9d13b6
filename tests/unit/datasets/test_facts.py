from electrum_observatory.datasets.facts import gather
from electrum_observatory.model.attempt import Attempt
from electrum_observatory.model.failure import FailureKind, Stage
from tests.factories import (
    STARTED_AT_US,
    make_campaign,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_visit,
)


def facts_of(*observations):
    return gather(make_campaign(), None, observations, ())


def test_one_value_per_endpoint_whatever_the_order_of_observations():
    other = make_endpoint(port=50001, transport="tcp")
    visit = [*make_visit(), *make_visit(other)]

    assert facts_of(*visit) == facts_of(*reversed(visit))
    assert [seen.endpoint.port for seen in facts_of(*visit).endpoints] == [50002, 50001]


def test_a_completed_attempt_tells_more_than_a_later_failure():
    failed = make_failed_observation(started_at_us=STARTED_AT_US + 5_000_000)

    [seen] = facts_of(failed, *make_visit()).endpoints

    assert seen.reachable
    assert seen.answered
    assert seen.failure is None


def test_of_two_failures_the_later_one_tells():
    first = make_failed_observation(kind=FailureKind.CONNECT_TIMEOUT)
    second = make_failed_observation(kind=FailureKind.CONNECT_REFUSED, started_at_us=STARTED_AT_US + 1)

    [seen] = facts_of(second, first).endpoints

    assert seen.failure.kind is FailureKind.CONNECT_REFUSED
    assert seen.first_observed_us == STARTED_AT_US


def test_a_connection_without_an_answer_is_reachable_and_names_the_handshakes_failure():
    connection = make_observation("connection", make_connection_result())
    handshake = make_failed_observation("server_version", Stage.NEGOTIATE, FailureKind.EOF)

    [seen] = facts_of(connection, handshake).endpoints

    assert seen.reachable
    assert not seen.answered
    assert (seen.failure.stage, seen.failure.kind) == (Stage.NEGOTIATE, FailureKind.EOF)


def test_a_name_that_did_not_resolve_was_not_dialled():
    nameless = make_endpoint(address=None)
    lookup = make_failed_observation("connection", Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, endpoint=nameless)

    [seen] = facts_of(lookup).endpoints

    assert (seen.dialled, seen.unresolved) == (False, True)


def test_a_lookup_of_names_beside_a_refused_dial_does_not_make_it_a_dial():
    refused = make_failed_observation("connection", Stage.POLICY, FailureKind.PORT_REFUSED)
    names = make_observation("reverse_dns", {"names": [], "forward_confirmed": []})

    [seen] = facts_of(refused, names).endpoints

    assert (seen.dialled, seen.unresolved) == (False, False)


def test_an_import_without_a_record_of_the_dial_was_dialled_where_anything_was_answered():
    [seen] = facts_of(make_observation()).endpoints

    assert seen.dialled


def test_what_was_not_asked_is_neither_a_result_nor_a_failure():
    skipped = make_observation("banner", attempt=Attempt.not_scheduled("budget"))

    [seen] = facts_of(skipped).endpoints

    assert seen.result("banner") == {}
    assert seen.failure is None


def test_exchanges_of_further_visits_are_left_behind_since_they_are_most_of_a_campaign():
    told = {"visit": 1, "connection": 0, "place": 0, "error": None, "exchanges": [{"name": "q", "lines": ["0.0"]}]}

    [seen] = facts_of(make_observation("unknown_method", result=told)).endpoints

    assert seen.result("unknown_method") == {"visit": 1, "connection": 0, "place": 0, "error": None}
