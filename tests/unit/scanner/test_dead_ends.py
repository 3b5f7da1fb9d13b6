"""Where a few names failed, one after the other, the next is not tried in the same campaign."""

from collections.abc import Sequence
from typing import Any

import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.dead_ends import DeadEnds
from tests.factories import make_endpoint, make_failed_observation
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import CLOSE, server
from tests.unit.scanner.virtual_time import run_virtually

DEAD, ALIVE = "5.9.1.2", "88.99.1.3"
OF_ONE_DOMAIN = [f"n{number}.many.org" for number in range(9)]
OF_MANY_DOMAINS = [f"n{number}.org" for number in range(9)]
SILENT = VisitError(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT)
NO_ROUTE = VisitError(Stage.CONNECT, FailureKind.NETWORK_UNREACHABLE)
NO_TLS = VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE)


def hangs_up(_: dict[str, Any]) -> Sequence[Any]:
    return [CLOSE]


def scan_of(names: Sequence[str], answer: Any, *, service: str = "50001:t") -> Scan:
    """Scan some names of one address, and one server elsewhere."""
    return Scan(
        {(DEAD, int(service[:5])): answer, (ALIVE, 50001): server()},
        targets=[*(f"{name}:{service}" for name in names), f"{ALIVE}:50001:t"],
        names={name: [DEAD] for name in names},
    )


def tried(scan: Scan) -> set[str]:
    return {endpoint.host for _, endpoint in scan.dialer.dials} - {ALIVE}


@pytest.mark.parametrize(
    ("names", "answer"),
    [(OF_ONE_DOMAIN, SILENT), (OF_MANY_DOMAINS, SILENT), (OF_ONE_DOMAIN, NO_TLS), (OF_ONE_DOMAIN, hangs_up)],
)
def test_after_three_names_of_a_dead_socket_no_further_one_is_tried(names: Sequence[str], answer: Any) -> None:
    scan = scan_of(names, answer)

    counts = run_virtually(scan.run()).counts

    assert len(tried(scan)) == 3
    assert counts["refused_other_names_failed"] == counts["refused"] == len(names) - 3
    assert counts["answered"] == 1
    spared = scan.sink.failures()[f"tcp://{names[-1]}:50001@{DEAD}"]
    assert spared == "policy/other_names_failed"


def test_resets_are_of_one_kind_in_whichever_step_the_system_tells_them() -> None:
    ends, endpoints = DeadEnds(names=3), [make_endpoint(host=name, address=DEAD) for name in OF_ONE_DOMAIN]
    for endpoint, stage in zip(endpoints, (Stage.CONNECT, Stage.TLS, Stage.CONNECT), strict=False):
        reset = make_failed_observation("connection", stage=stage, kind=FailureKind.CONNECTION_RESET, endpoint=endpoint)
        ends.note(endpoint, [reset])

    assert ends.words_against(endpoints[3]) == "3 other names of this address and port failed in this campaign"
    assert ends.words_against(make_endpoint(host="honest.net", address=DEAD)) is None


@pytest.mark.parametrize("answer", [NO_TLS, hangs_up])
def test_invented_names_do_not_speak_for_a_server_that_answers_to_its_own_name_only(answer: Any) -> None:
    scan = scan_of([*OF_ONE_DOMAIN, "honest.net"], answer)

    run_virtually(scan.run())

    assert "honest.net" in tried(scan)


def test_a_name_that_is_answered_forgives_those_before() -> None:
    asked: list[str] = []
    alive = server()

    def sometimes(message: dict[str, Any]) -> Sequence[Any]:
        asked.extend([message["method"]] * (message["method"] == "server.version"))
        return alive(message) if len(asked) % 5 == 0 else [CLOSE]

    scan = scan_of(OF_ONE_DOMAIN, sometimes)
    run_virtually(scan.run())

    assert tried(scan) == set(OF_ONE_DOMAIN)


def test_trouble_of_ours_is_no_failure_of_a_name() -> None:
    scan = scan_of(OF_ONE_DOMAIN, NO_ROUTE)

    run_virtually(scan.run())

    assert tried(scan) == set(OF_ONE_DOMAIN)


def test_another_port_of_the_same_machine_is_tried() -> None:
    scan = Scan(
        {(DEAD, 50001): SILENT, (DEAD, 50002): server()},
        targets=[f"{name}:50001:t" for name in OF_ONE_DOMAIN] + ["x.many.org:50002:s"],
        names={name: [DEAD] for name in (*OF_ONE_DOMAIN, "x.many.org")},
    )

    counts = run_virtually(scan.run()).counts

    assert counts["answered"] == 1


def test_old_tls_is_still_tried_for_a_name_whose_turn_it_was() -> None:
    scan = scan_of(OF_ONE_DOMAIN, NO_TLS, service="50002:s")

    run_virtually(scan.run())

    assert (len(tried(scan)), len(scan.dialer.dials)) == (3, 6 + 1)
