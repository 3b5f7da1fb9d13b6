"""What strangers tell the engine: unusual ports, addresses in disguise, names that lead to many places."""

import pytest

from electrum_observatory.scanner.config import Caps
from electrum_observatory.scanner.discovery.known_endpoints import KnownEndpoints
from electrum_observatory.scanner.earlier import Earlier
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.neighbours import NAMES, A, B, C, run, telling
from tests.unit.scanner.scripted import (
    CLOSE,
    GENESIS_HASH,
    ScriptedResolver,
    server,
)


def test_hearsay_of_an_earlier_sitting_stays_hearsay_and_is_not_recorded_again() -> None:
    """Strangers' odd ports in it are no more to be trusted than before."""
    heard = [
        make_sighting(host=A, port=4242, source="peers_subscribe", told_by="0123456789abcdef"),
        make_sighting(host=B, port=50002, source="peers_subscribe", told_by="0123456789abcdef"),
        make_sighting(host=C, port=4242, source="server_lines"),
    ]
    rules = Rules(earlier=Earlier(heard=heard))
    again = KnownEndpoints(known=(heard[2],), id="server_lines")
    scan = Scan({(B, 50002): server(), (C, 4242): server()}, sources=[again], rules=rules)

    run(scan)

    assert sorted(scan.dialer.dialled()) == [f"ssl://{B}:50002@{B}", f"ssl://{C}:4242@{C}"]
    assert scan.sink.failures() == {f"ssl://{A}:4242@{A}": "policy/port_refused"}
    assert scan.sink.sightings == []


@pytest.mark.parametrize(("second", "dialled"), [(A, False), (B, False), ("171.25.1.1", True)])
def test_an_unusual_port_is_dialled_on_the_word_of_two_networks_not_of_two_endpoints_or_machines(
    second: str, dialled: bool
) -> None:
    evil = telling([C, C, ["t80"]])
    targets = [f"{A}:50001:t", f"{second}:50002:s"]

    scan = Scan({(A, 50001): evil, (second, 50002): evil}, targets=targets)
    run(scan)

    assert (f"tcp://{C}:80@{C}" in scan.dialer.dialled()) is dialled
    assert sum(one.port == 80 for one in scan.sink.sightings) == 2


def test_an_unusual_port_of_a_server_s_own_name_is_dialled_at_its_own_address_only() -> None:
    itself = server(**{"server.features": {"hosts": {"a.org": {"tcp_port": 8545}}, "genesis_hash": GENESIS_HASH}})
    scan = Scan({(A, 50001): itself, (A, 8545): server()}, targets=["a.org:50001:t"], names={"a.org": [A, C]})

    run(scan)

    assert f"tcp://a.org:8545@{A}" in scan.dialer.dialled()
    assert scan.sink.failures()[f"tcp://a.org:8545@{C}"] == "policy/port_refused"


def test_an_unusual_port_that_answered_before_is_dialled_where_it_answered() -> None:
    known = KnownEndpoints.of([make_endpoint(host="a.org", address=A, port=8545)])
    scan = Scan({(A, 8545): server()}, sources=[known], names={"a.org": [A, C]})

    run(scan)

    assert scan.dialer.dialled() == [f"ssl://a.org:8545@{A}"]
    assert scan.sink.failures() == {f"ssl://a.org:8545@{C}": "policy/port_refused"}


def test_a_resumed_scan_still_knows_which_tellers_were_one_machine() -> None:
    tellers = [make_endpoint(host=A, address=A, port=port) for port in (50002, 50004)]
    heard = [make_sighting(host=C, port=4242, source="peers_subscribe", told_by=one.endpoint_id) for one in tellers]
    settled = frozenset(one.endpoint_id for one in tellers)
    earlier = Earlier(heard=heard, endpoints={one.endpoint_id: one for one in tellers}, settled=settled)

    scan = Scan({(C, 4242): server()}, rules=Rules(earlier=earlier))
    run(scan)

    assert scan.dialer.dialled() == []
    assert scan.sink.failures() == {f"ssl://{C}:4242@{C}": "policy/port_refused"}


DISGUISED = [
    "127.1",
    "0x7f.1",
    "2130706433",
    "::ffff:7f00:1",
    "[::]",
    "fe80::1%eth0",
    "127.0.0.1.",
    "127。0。0。1",
    "localhost",
]


def test_no_spelling_of_a_forbidden_address_in_a_peer_list_is_looked_up_or_dialled() -> None:
    rows = [[text, text, ["s50002", "t"]] for text in DISGUISED]
    scan = Scan({(A, 50002): telling(*rows)}, targets=["a.org:50002:s"], names={**NAMES, "localhost": ["127.0.0.1"]})

    run(scan)

    assert scan.dialer.dialled() == [f"ssl://a.org:50002@{A}"]
    assert set(scan.resolver.asked) == {"a.org"}


def test_a_name_that_changes_between_two_lookups_is_looked_up_once_and_its_checked_address_dialled_twice() -> None:
    class Rebinding(ScriptedResolver):
        async def addresses(self, host: str) -> tuple[str, ...]:
            self.asked.append(host)
            return (A,) if len(self.asked) == 1 else ("127.0.0.1",)

    scan = Scan({(A, 50002): lambda _message: [CLOSE]}, targets=["rebind.org:50002:s"])
    scan.engine._intake.resolver = resolver = Rebinding()
    run(scan)

    assert [endpoint.address for _, endpoint in scan.dialer.dials] == [A, A], "also on the second, plain connection"
    assert resolver.asked == ["rebind.org"]


def test_of_mixed_addresses_the_good_are_dialled_and_each_bad_one_is_counted_and_says_its_teller() -> None:
    mixed = {"mixed.org": ["127.0.0.1", B, "169.254.169.254", "::ffff:a00:1", "2002:a00:1::", "64:ff9b::a00:1"]}
    scan = Scan(
        {(A, 50002): telling(["9.9.9.9", "mixed.org", ["s50002"]]), (B, 50002): server()},
        targets=["a.org:50002:s"],
        names=NAMES | mixed,
    )

    counts = run(scan).counts

    teller = make_endpoint(host="a.org", address=A).endpoint_id
    assert scan.dialer.dialled() == [f"ssl://a.org:50002@{A}", f"ssl://mixed.org:50002@{B}"]
    details = [row.attempt.failure.detail for row in scan.sink.observations if row.attempt.failure is not None]
    for reason in ("loopback", "link_local", "ipv4_mapped", "6to4", "nat64"):
        assert counts[f"refused_{reason}"] == 1
        assert f"{reason}; told by {teller}" in details


@pytest.mark.parametrize(("addresses", "overflow"), [(3, 0), (4, 1)])
def test_one_name_is_dialled_at_no_more_addresses_than_its_cap(addresses: int, overflow: int) -> None:
    many = [f"88.{place}.1.1" for place in range(addresses)]
    scan = Scan({}, targets=["wide.org:50002:s"], names={"wide.org": many}, caps=Caps(addresses_per_host=3))

    counts = run(scan).counts

    assert len(scan.dialer.dials) == 3
    assert counts.get("overflow_addresses_per_host", 0) == overflow


def test_a_hundred_names_of_one_address_are_no_hundred_visits() -> None:
    rows = [[B, f"h{place}.org", ["s50002"]] for place in range(60)]
    names = NAMES | {f"h{place}.org": [B] for place in range(60)}
    scan = Scan({(A, 50002): telling(*rows), (B, 50002): server()}, targets=["a.org:50002:s"], names=names)

    counts = run(scan).counts

    assert sum(endpoint.address == B for _, endpoint in scan.dialer.dials) == 25, "half of what a machine has room for"
    assert counts["overflow_machine"] == 35
