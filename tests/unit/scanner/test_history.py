"""Nobody is asked twice within minutes, and the dead rest for longer and longer."""

import pytest

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import Failure, FailureKind, Stage
from electrum_observatory.scanner.config import Budgets
from electrum_observatory.scanner.history import History, PastDial
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import VirtualClock, run_virtually

NOON = 1_795_262_400_000_000
MINUTE = 60_000_000
DOWN = Failure(stage=Stage.CONNECT, kind=FailureKind.CONNECT_TIMEOUT)
ONE = make_endpoint(host="a.org", address="5.9.1.2")
OTHER_PORT = make_endpoint(host="b.org", address="5.9.1.2", port=50001)
ELSEWHERE = make_endpoint(host="a.org", address="88.99.1.2")


def dials(*times: tuple[int, Failure | None], endpoint: Endpoint = ONE) -> History:
    return History.of(PastDial(endpoint=endpoint, at_us=NOON + minute * MINUTE, failure=how) for minute, how in times)


def rests_until(history: History, *, minute: float, endpoint: Endpoint = ONE, **budgets: float) -> float | None:
    now_us = NOON + round(minute * MINUTE)
    rest = history.rest(endpoint, now_us=now_us, budgets=Budgets(**budgets))
    return None if rest is None else (rest.until_us - NOON) / MINUTE


def test_a_machine_is_left_alone_for_ten_minutes_at_whatever_name_or_port() -> None:
    asked = dials((0, None))

    assert rests_until(asked, minute=9.99) == 10
    assert rests_until(asked, minute=9.99, endpoint=OTHER_PORT) == 10
    assert rests_until(asked, minute=9.99, endpoint=ELSEWHERE) is None
    assert rests_until(asked, minute=10) is None


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (8, 1280), (9, 1440), (25, 1440)])
def test_each_failure_doubles_the_pause_up_to_a_day(failures: int, minutes: int) -> None:
    dead = dials(*((number - failures + 1, DOWN) for number in range(failures)))

    assert rests_until(dead, minute=minutes - 0.01) == minutes
    assert rests_until(dead, minute=minutes) is None


def test_a_dead_port_does_not_keep_its_machine_s_other_ports_longer_than_ten_minutes() -> None:
    dead = dials((0, DOWN), (1, DOWN), (2, DOWN))

    assert rests_until(dead, minute=13) == 42
    assert rests_until(dead, minute=13, endpoint=OTHER_PORT) is None


def test_a_dead_socket_rests_under_whatever_name() -> None:
    dead = dials((0, DOWN), (1, DOWN), (2, DOWN))

    assert rests_until(dead, minute=13, endpoint=make_endpoint(host="renamed.org", address="5.9.1.2")) == 42
    assert rests_until(dead, minute=13, endpoint=make_endpoint(host="5.9.1.2", address=None)) == 42
    assert rests_until(dead, minute=13, endpoint=ELSEWHERE) is None


def test_failures_that_may_depend_on_the_name_rest_the_names_of_its_domain_only() -> None:
    no_tls = Failure(stage=Stage.TLS, kind=FailureKind.TLS_HANDSHAKE)
    refused = dials((0, no_tls), (1, no_tls), (2, no_tls), endpoint=make_endpoint(host="x.evil.org", address="5.9.1.2"))

    assert rests_until(refused, minute=13, endpoint=make_endpoint(host="y.evil.org", address="5.9.1.2")) == 42
    assert rests_until(refused, minute=13) is None


def test_who_takes_connections_and_never_answers_the_handshake_rests_for_longer_and_longer() -> None:
    hung_up = Failure(stage=Stage.NEGOTIATE, kind=FailureKind.EOF)
    visits = [(minute, failure) for minute in (0, 10, 30) for failure in (None, hung_up)]
    history = [
        PastDial(endpoint=ONE, at_us=NOON + minute * MINUTE, failure=failure, is_handshake=failure is not None)
        for minute, failure in visits
    ]
    answered = PastDial(endpoint=ONE, at_us=NOON + 31 * MINUTE, failure=None, is_handshake=True)

    assert rests_until(History.of(history), minute=45) == 30 + 40
    assert rests_until(History.of([*history, answered]), minute=45) is None


def test_one_success_forgives_everything() -> None:
    assert rests_until(dials((0, DOWN), (1, DOWN), (2, None)), minute=13) is None


@pytest.mark.parametrize(
    "ours",
    [
        Failure(stage=Stage.CONNECT, kind=FailureKind.CANCELLED),
        Failure(stage=Stage.CONNECT, kind=FailureKind.NETWORK_UNREACHABLE),
        Failure(stage=Stage.PROXY, kind=FailureKind.PROXY_UNREACHABLE),
        Failure(stage=Stage.CONNECT, kind=FailureKind.OUT_OF_DESCRIPTORS),
    ],
)
def test_trouble_of_ours_is_no_failure_of_the_host(ours: Failure) -> None:
    assert rests_until(dials((0, ours), (1, ours), (2, ours)), minute=12) is None
    assert rests_until(dials((0, DOWN), (1, ours), (2, DOWN)), minute=12) == 22


@pytest.mark.parametrize("stage", [Stage.POLICY, Stage.RESOLVE])
def test_what_was_never_dialled_needs_no_rest(stage: Stage) -> None:
    refused = Failure(stage=stage, kind=FailureKind.OPTED_OUT)

    assert rests_until(dials((0, refused)), minute=1) is None


def test_a_clock_that_was_set_back_lengthens_no_pause() -> None:
    assert rests_until(dials((600, None)), minute=0) == 10


def test_a_lab_s_limits_know_no_rest() -> None:
    assert rests_until(dials((0, DOWN)), minute=0.001, revisit_s=0, backoff_s=0) is None


def test_who_rests_is_not_dialled_and_is_recorded_with_the_time_when_it_may_be() -> None:
    start = VirtualClock.epoch_us
    history = History.of(
        [
            PastDial(endpoint=ONE, at_us=start - MINUTE, failure=None),
            PastDial(endpoint=ELSEWHERE, at_us=start - 15 * MINUTE, failure=DOWN),
            PastDial(endpoint=ELSEWHERE, at_us=start - 11 * MINUTE, failure=DOWN),
        ]
    )
    scan = Scan(
        {("171.25.1.1", 50002): server()},
        targets=["a.org:50002:s", "b.org:50001:t", "171.25.1.1:50002:s"],
        names={"a.org": ["5.9.1.2", "88.99.1.2"], "b.org": ["5.9.1.2"]},
        rules=Rules(history=history),
    )

    counts = run_virtually(scan.run()).counts

    assert scan.dialer.dialled() == ["ssl://171.25.1.1:50002@171.25.1.1"]
    assert (counts["refused_too_soon"], counts["refused_backed_off"], counts["refused"]) == (2, 1, 3)
    details = {
        endpoint: row.attempt.failure.detail
        for endpoint, row in scan.sink.rows("connection").items()
        if row.attempt.failure is not None
    }
    assert details == {
        "ssl://a.org:50002@5.9.1.2": "may be asked from 2026-11-20T22:24:00Z",
        "tcp://b.org:50001@5.9.1.2": "may be asked from 2026-11-20T22:24:00Z",
        "ssl://a.org:50002@88.99.1.2": "2 failed in a row; may be asked from 2026-11-20T22:24:00Z",
    }


def test_a_campaign_s_own_second_connection_is_no_second_visit() -> None:
    scan = Scan({("5.9.1.2", 50002): VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE)}, targets=["5.9.1.2:50002:s"])

    run_virtually(scan.run())

    assert len(scan.dialer.dials) == 2
