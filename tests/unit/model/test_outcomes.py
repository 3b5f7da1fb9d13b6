"""Attempts, failures, errors and campaigns: consistency, and closed lists."""

import pytest

from electrum_observatory.model.attempt import Attempt, AttemptStatus
from electrum_observatory.model.campaign import campaign_id
from electrum_observatory.model.errors import InputError, ObservatoryError, StoreError, UsageError, VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Side, Stage

FAILURE = Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_REFUSED)


def test_the_four_outcomes_are_made_with_what_belongs_to_them() -> None:
    assert Attempt.completed({"height": 1}).result == {"height": 1}
    assert Attempt.failed(Stage.TLS, FailureKind.TLS_HANDSHAKE, "alert").failure == Failure(
        stage=Stage.TLS, kind=FailureKind.TLS_HANDSHAKE, detail="alert"
    )
    assert Attempt.not_applicable("plain TCP").reason == "plain TCP"
    assert Attempt.not_scheduled("budget").status is AttemptStatus.NOT_SCHEDULED


def test_an_empty_result_is_a_result() -> None:
    assert Attempt.completed({}).status is AttemptStatus.COMPLETED


@pytest.mark.parametrize(
    ("status", "result", "failure"),
    [
        (AttemptStatus.COMPLETED, None, None),
        (AttemptStatus.COMPLETED, {}, FAILURE),
        (AttemptStatus.FAILED, None, None),
        (AttemptStatus.FAILED, {}, FAILURE),
        (AttemptStatus.NOT_APPLICABLE, {}, None),
        (AttemptStatus.NOT_SCHEDULED, None, FAILURE),
    ],
)
def test_an_outcome_that_contradicts_its_status_is_refused(
    status: AttemptStatus, result: object, failure: Failure | None
) -> None:
    with pytest.raises(ValueError, match="attempt with"):
        Attempt(status=status, result=result, failure=failure)


def test_a_bug_of_ours_never_says_something_about_a_server() -> None:
    assert FailureKind.BUG_IN_OBSERVATORY.side is Side.OURS
    assert FailureKind.UNKNOWN.side is not Side.THEIRS
    assert FailureKind.NOT_JSON.side is Side.THEIRS


def test_every_side_has_failures_of_its_own() -> None:
    assert {kind.side for kind in FailureKind} == set(Side)


def test_failure_ids_are_stable_snake_case() -> None:
    assert all(kind.value == kind.name.lower() for kind in FailureKind)
    assert all(stage.value == stage.name.lower() for stage in Stage)


def test_a_broken_visit_names_stage_kind_and_detail() -> None:
    error = VisitError(Stage.REQUEST, FailureKind.EOF, "after 3 replies")

    assert str(error) == "request/eof: after 3 replies"
    assert str(VisitError(Stage.REQUEST, FailureKind.EOF)) == "request/eof"
    assert error.failure == Failure(stage=Stage.REQUEST, kind=FailureKind.EOF, detail="after 3 replies")


def test_there_is_one_error_family() -> None:
    assert all(issubclass(error, ObservatoryError) for error in (VisitError, UsageError, InputError, StoreError))


def test_a_campaign_id_sorts_by_time_and_names_its_vantage() -> None:
    assert campaign_id(1_795_212_900_000_000, "local", "0a1b2c") == "20261120T221500Z-local-0a1b2c"
