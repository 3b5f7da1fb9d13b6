"""A scan that goes on where earlier sittings of its campaign stopped: whom it leaves alone, where its counts stand."""

from dataclasses import replace
from typing import Any

import pytest

from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.scanner.config import Caps
from electrum_observatory.scanner.earlier import Earlier
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import run_virtually

A, B, C, D = "5.9.1.2", "88.99.1.3", "49.12.1.4", "144.76.1.5"


def at(host: str, address: str | None = None, **overrides: Any) -> Endpoint:
    return make_endpoint(host=host, address=address, **overrides)


def told(*hosts: str, by: Endpoint | None = None) -> list[Sighting]:
    source = "server_lines" if by is None else "peers_subscribe"
    return [make_sighting(host=host, source=source, told_by=by and by.endpoint_id) for host in hosts]


def earlier(heard: list[Sighting], *settled: Endpoint, dialled: bool = True, **counts: int) -> Rules:
    ids = frozenset(one.endpoint_id for one in settled)
    return Rules(
        earlier=Earlier(
            heard=heard,
            endpoints={one.endpoint_id: one for one in settled},
            settled=ids,
            dialled=ids if dialled else frozenset(),
            counts=counts,
        )
    )


def run(scan: Scan) -> Any:
    return run_virtually(scan.run())


def test_only_who_has_no_outcome_is_asked_and_nothing_heard_is_recorded_again() -> None:
    scan = Scan({(B, 50002): server()}, rules=earlier(told(A, B), at(A, A)))

    outcome = run(scan)

    assert outcome.state is CampaignState.COMPLETE
    assert scan.dialer.dialled() == [f"ssl://{B}:50002@{B}"]
    assert scan.sink.sightings == []


def test_what_did_not_resolve_or_was_refused_is_not_tried_or_recorded_again() -> None:
    refused = (at("gone.org"), at("10.0.0.1", "10.0.0.1"), at("odd.org", port=4242))
    heard = [*told("gone.org", "10.0.0.1"), *(make_sighting(host="odd.org", port=4242, told_by="0" * 16),)]
    scan = Scan(
        {}, names={"gone.org": [C]}, rules=earlier(heard, *refused, dialled=False, refused=2, refused_private=1)
    )

    counts = run(scan).counts

    assert scan.dialer.dialled() == []
    assert scan.sink.observations == []
    assert (counts["refused"], counts["refused_private"]) == (2, 1)


def test_a_name_that_resolved_before_and_does_not_now_leaves_its_outcome_alone() -> None:
    scan = Scan({}, names={}, rules=earlier(told("a.org"), at("a.org", A)))

    run(scan)

    assert scan.sink.observations == []


def test_another_address_of_a_settled_name_is_still_asked() -> None:
    rules = earlier(told("a.org"), at("a.org", A))
    scan = Scan({("a.org", 50002): server()}, names={"a.org": [A, B]}, rules=rules)

    run(scan)

    assert scan.dialer.dialled() == [f"ssl://a.org:50002@{B}"]


def test_a_name_has_no_second_allowance_of_addresses() -> None:
    many = [f"88.{place}.1.1" for place in range(6)]
    rules = earlier(told("wide.org"), at("wide.org", many[0]), at("wide.org", many[4]), overflow_addresses_per_host=3)
    scan = Scan({}, names={"wide.org": many}, rules=rules, caps=Caps(addresses_per_host=3))

    counts = run(scan).counts

    assert scan.dialer.dialled() == [f"ssl://wide.org:50002@{many[1]}"]
    assert counts["overflow_addresses_per_host"] == 3


def test_counts_go_on_where_they_stood() -> None:
    rules = earlier(told(A, B), at(A, A), endpoints=1, answered=1, requests=12, targets=2, loop_lag_max_us=10**9)
    scan = Scan({(B, 50002): server()}, rules=rules)

    counts = run(scan).counts

    assert (counts["endpoints"], counts["answered"], counts["targets"]) == (2, 2, 2)
    assert counts["requests"] > 12
    assert counts["loop_lag_max_us"] == 10**9
    assert scan.sink.counts == counts, "the last commit carries what the seal says"


def test_who_overflowed_is_committed_with_the_facts_and_added_up_over_sittings() -> None:
    peers = [[C, C, ["s50002"]], [D, D, ["s50002"]]]
    name = f"overflow_reply_told_by_{at(B, B).endpoint_id}"
    scan = Scan(
        {(B, 50002): server(**{"server.peers.subscribe": peers})},
        rules=earlier(told(A, B), at(A, A), **{name: 5, "overflow_reply": 5}),
        caps=Caps(targets_per_reply=1),
    )

    counts = run(scan).counts

    assert scan.sink.counts is not None
    assert scan.sink.counts[name] == counts[name] == counts["overflow_reply"] == 6


def test_a_list_that_is_read_again_is_recorded_once() -> None:
    scan = Scan({(B, 50002): server()}, targets=[f"{A}:50002:s", f"{B}:50002:s"])
    scan_again = Scan(
        {(B, 50002): server()},
        targets=[f"{A}:50002:s", f"{B}:50002:s"],
        rules=earlier([make_sighting(host=A, source="typed_targets")], at(A, A)),
    )
    run(scan)
    run(scan_again)

    assert [one.host for one in scan.sink.sightings] == [A, B]
    assert [one.host for one in scan_again.sink.sightings] == [B]


@pytest.mark.parametrize(("depth", "asked"), [(1, []), (2, [D])])
def test_hearsay_stands_as_far_off_as_it_stood(depth: int, asked: list[str]) -> None:
    heard = [*told(A), *told(B, by=at(A, A)), *told(C, by=at(B, B))]
    answers = {(C, 50002): server(**{"server.peers.subscribe": [[D, D, ["s50002"]]]}), (D, 50002): server()}
    scan = Scan(answers, rules=earlier(heard, at(A, A), at(B, B)), depth=depth + 1)

    run(scan)

    assert [one.split("@")[1] for one in scan.dialer.dialled()] == [C, *asked]


def test_a_limit_counts_whom_earlier_sittings_asked() -> None:
    begun = earlier(told(A, B, C), at(A, A))
    scan = Scan({(B, 50002): server(), (C, 50002): server()}, rules=replace(begun, limit=2))

    run(scan)

    assert [one.split("@")[1] for one in scan.dialer.dialled()] == [B]


def test_a_teller_has_no_second_allowance() -> None:
    teller = at(A, A)
    more = server(**{"server.peers.subscribe": [[C, C, ["s50002"]], [D, D, ["s50002"]]]})
    begun = earlier([*told(A), *told(B, by=teller)], at(B, B)).earlier
    rules = Rules(earlier=replace(begun, endpoints={**begun.endpoints, teller.endpoint_id: teller}))
    scan = Scan({(A, 50002): more, (C, 50002): server()}, rules=rules, caps=Caps(targets_per_teller=2))

    counts = run(scan).counts

    assert [one.split("@")[1] for one in scan.dialer.dialled()] == [A, C]
    assert counts["overflow_teller"] == 1
