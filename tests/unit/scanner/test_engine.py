"""The engine as a whole: whom it visits, what it records, and what it leaves behind."""

import asyncio
import ipaddress

import pytest

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.rules import Rules
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.neighbours import NAMES, A, B, C, run, telling
from tests.unit.scanner.scripted import (
    CLOSE,
    GENESIS_HASH,
    error_reply,
    server,
)
from tests.unit.scanner.virtual_time import run_virtually


def test_what_servers_tell_of_is_found_visited_and_remembered_with_its_teller() -> None:
    scan = Scan(
        {(A, 50002): telling([B, "b.org", ["s50002"]]), (B, 50002): telling([C, "c.org", ["t"]]), (C, 50001): server()},
        targets=["a.org:50002:s"],
        names=NAMES,
    )

    outcome = run(scan)

    assert scan.dialer.dialled() == [
        f"ssl://a.org:50002@{A}",
        f"ssl://b.org:50002@{B}",
        f"tcp://c.org:50001@{C}",
    ]
    assert outcome.state is CampaignState.COMPLETE
    assert {name: outcome.counts[name] for name in ("targets", "dialled", "answered", "verified", "failed")} == {
        "targets": 3,
        "dialled": 3,
        "answered": 3,
        "verified": 3,
        "failed": 0,
    }
    tellers = {one.host: one.told_by for one in scan.sink.sightings}
    ids = {one.endpoint.host: one.endpoint.endpoint_id for one in scan.sink.observations}
    assert tellers == {"a.org": None, "b.org": ids["a.org"], "c.org": ids["b.org"]}
    assert scan.sink.seal is not None
    assert scan.sink.seal.counts == outcome.counts


def test_everybody_who_tells_of_everybody_is_visited_once() -> None:
    rows = [[address, host, ["s", "t"]] for host, (address,) in NAMES.items()]
    answers = {(address, port): telling(*rows) for (address,) in NAMES.values() for port in (50001, 50002)}

    scan = Scan(answers, targets=["a.org"], names=NAMES)
    run(scan)

    assert sorted(scan.dialer.dialled()) == sorted(set(scan.dialer.dialled()))
    assert len(scan.dialer.dials) == 6
    assert len(scan.sink.rows("connection")) == 6


def test_a_name_with_several_addresses_is_several_endpoints() -> None:
    v6 = "2a01:4f8:1::1"
    scan = Scan(
        {(A, 50002): server(), (v6, 50002): server()}, targets=["dual.org:50002:s"], names={"dual.org": [A, v6]}
    )

    run(scan)

    assert scan.dialer.dialled() == [f"ssl://dual.org:50002@{A}", f"ssl://dual.org:50002@[{v6}]"]


def test_every_resolved_address_is_checked_and_what_is_refused_is_recorded_with_its_teller() -> None:
    scan = Scan(
        {(A, 50002): telling([B, "trap.org", ["s50002"]])},
        targets=["a.org:50002:s"],
        names={"a.org": [A], "trap.org": ["127.0.0.1", "10.0.0.8", "::ffff:10.0.0.8", B]},
    )

    outcome = run(scan)

    assert scan.dialer.dialled() == [f"ssl://a.org:50002@{A}", f"ssl://trap.org:50002@{B}"]
    refused = [one for one in scan.sink.rows("connection").values() if one.endpoint.host == "trap.org"]
    details = [one.attempt.failure.detail for one in refused if one.attempt.failure.stage is Stage.POLICY]
    teller = next(one.endpoint.endpoint_id for one in scan.sink.observations if one.endpoint.host == "a.org")
    assert sorted(details) == sorted(f"{reason}; told by {teller}" for reason in ("loopback", "private", "ipv4_mapped"))
    assert outcome.counts["refused"] == 3
    assert outcome.counts["refused_loopback"] == outcome.counts["refused_private"] == 1


def test_a_network_that_a_person_allowed_is_dialled() -> None:
    rules = Rules(addresses=AddressPolicy(allow=(ipaddress.ip_network("192.168.0.0/16"),)))
    scan = Scan({("192.168.1.5", 50001): server()}, targets=["192.168.1.5:50001:t"], rules=rules)

    assert run(scan).counts["answered"] == 1


def test_ports_of_other_services_and_ports_that_one_server_names_are_not_dialled() -> None:
    scan = Scan(
        {(A, 50002): telling([B, "b.org", ["t4242", "s22"]])}, targets=["a.org:50002:s", "c.org:25:t"], names=NAMES
    )

    outcome = run(scan)

    assert len(scan.dialer.dials) == 1
    assert scan.sink.failures() == {
        "tcp://b.org:4242": "policy/port_refused",
        "ssl://b.org:22": "policy/port_refused",
        "tcp://c.org:25": "policy/port_refused",
    }
    assert (outcome.counts["refused_foreign_service"], outcome.counts["refused_unusual_port"]) == (2, 1)


def test_who_opted_out_is_not_even_looked_up() -> None:
    rules = Rules(opt_outs=OptOutList.parse(["b.org", f"{C}/32"]))
    scan = Scan(
        {(A, 50002): telling([B, "www.b.org", ["s"]], [C, "c.org", ["s"]])},
        targets=["a.org:50002:s"],
        names=NAMES,
        rules=rules,
    )

    run(scan)

    assert len(scan.dialer.dials) == 1
    assert scan.sink.failures() == {
        "ssl://www.b.org:50002": "policy/opted_out",
        f"ssl://c.org:50002@{C}": "policy/opted_out",
    }
    assert "www.b.org" not in scan.resolver.asked


def test_names_from_reverse_dns_are_looked_up_under_the_same_rules() -> None:
    scan = Scan(
        {(A, 50002): server()},
        targets=["a.org:50002:s"],
        names=NAMES,
        rules=Rules(opt_outs=OptOutList.parse(["b.org"])),
    )
    scan.resolver.pointer_table = {A: ("a.org", "www.b.org", "localhost")}

    run(scan)

    assert set(scan.resolver.asked) == {"a.org"}


@pytest.mark.parametrize(
    ("script", "row"),
    [
        (VisitError(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT), "connect/connect_timeout"),
        (VisitError(Stage.CONNECT, FailureKind.NETWORK_UNREACHABLE), "connect/network_unreachable"),
        (VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE, "wrong version"), "tls/tls_handshake"),
        (VisitError(Stage.PROXY, FailureKind.PROXY_REFUSED), "proxy/proxy_refused"),
        (VisitError(Stage.POLICY, FailureKind.NOT_IN_OVERLAY), "policy/not_in_overlay"),
        (RuntimeError("dialler broke"), "connect/bug_in_observatory"),
    ],
)
def test_every_way_a_dial_fails_is_a_row_and_the_scan_goes_on(script: BaseException, row: str) -> None:
    scan = Scan({(A, 50002): script, (B, 50002): server()}, targets=["a.org:50002:s", "b.org:50002:s"], names=NAMES)

    outcome = run(scan)

    assert scan.sink.failures() == {f"ssl://a.org:50002@{A}": row}
    assert outcome.counts["answered"] == 1
    assert outcome.state is CampaignState.COMPLETE


def test_names_that_do_not_resolve_are_rows_of_their_own_stage() -> None:
    names = {**NAMES, "slow.org": VisitError(Stage.RESOLVE, FailureKind.DNS_TIMEOUT), "empty.org": []}
    scan = Scan({}, targets=["gone.org:50002:s", "slow.org:50002:s", "empty.org:50002:s"], names=names)

    outcome = run(scan)

    assert scan.sink.failures() == {
        "ssl://gone.org:50002": "resolve/name_not_found",
        "ssl://slow.org:50002": "resolve/dns_timeout",
        "ssl://empty.org:50002": "resolve/name_not_found",
    }
    assert (outcome.counts["unresolved"], outcome.counts["dialled"]) == (3, 0)


def test_a_name_that_has_to_wait_long_for_its_turn_is_not_given_up() -> None:
    scan = Scan({(A, 50002): server()}, targets=["a.org:50002:s"], names=NAMES)
    look_up = scan.resolver.addresses

    async def after_a_while(host):
        await asyncio.sleep(10 * scan.config.deadlines.resolve_s)
        return await look_up(host)

    scan.resolver.addresses = after_a_while  # type: ignore[method-assign]

    assert run(scan).counts["answered"] == 1


def test_onions_and_names_that_a_proxy_resolves_are_dialled_without_an_address() -> None:
    onion = "b" * 56 + ".onion"
    scan = Scan(
        {(onion, 50001): server(), ("a.org", 50001): server()},
        targets=[f"{onion}:50001:t", "a.org:50001:t"],
        resolve_here=False,
    )

    assert run(scan).counts["answered"] == 2
    assert scan.resolver.asked == []
    not_applicable = scan.sink.rows("reverse_dns").values()
    assert {one.attempt.status for one in not_applicable} == {AttemptStatus.NOT_APPLICABLE}


def test_a_range_that_is_refused_by_closing_is_retried_plain_on_a_spaced_connection() -> None:
    def eps(message):  # field reference, trap T28: dies on a range
        if message["method"] == "server.version" and isinstance(message["params"][1], list):
            return [CLOSE]
        return server(**{"server.version": ["ElectrumPersonalServer 0.2.4", "1.4"]})(message)

    scan = Scan({(A, 50002): eps}, targets=["a.org:50002:s"], names=NAMES)
    outcome = run(scan)

    assert [round(at) for at, _ in scan.dialer.dials] == [0, 10]
    row = scan.sink.rows("server_version")[f"ssl://a.org:50002@{A}"]
    assert row.attempt.result["retried_plain"]
    assert row.attempt.result["offered"] == ["1.4"]
    assert (outcome.counts["answered"], outcome.counts["retried_plain"], outcome.counts["connections"]) == (1, 1, 2)


def test_the_refusal_that_led_to_the_second_connection_is_kept_as_a_witness() -> None:
    def closing(message):
        if message["method"] == "server.version" and isinstance(message["params"][1], list):
            return [error_reply(message["id"], 1, "unsupported protocol version: ['1.4', '1.6']"), CLOSE]
        return server()(message)

    scan = Scan({(A, 50002): closing}, targets=["a.org:50002:s"], names=NAMES, probes=())
    run(scan)

    witnesses = scan.sink.rows("server_version")[f"ssl://a.org:50002@{A}"].witnesses
    assert [one.label for one in witnesses] == ["0", "1"]
    assert b"unsupported protocol version" in witnesses[0].data


def test_a_second_connection_that_fails_leaves_what_the_first_one_found() -> None:
    dials = []
    scan = Scan({(A, 50002): lambda _message: [CLOSE]}, targets=["a.org:50002:s"], names=NAMES)
    connect = scan.dialer.connect

    async def once(endpoint, **how):
        dials.append(endpoint)
        if len(dials) > 1:
            raise VisitError(Stage.CONNECT, FailureKind.CONNECT_REFUSED)
        return await connect(endpoint, **how)

    scan.dialer.connect = once  # type: ignore[method-assign]
    run(scan)

    assert len(dials) == 2
    assert scan.sink.failures() == {}
    row = scan.sink.rows("server_version")[f"ssl://a.org:50002@{A}"]
    assert row.attempt.failure.kind is FailureKind.EOF


def test_peers_of_a_server_on_another_chain_are_not_followed() -> None:
    litecoin = telling([B, "b.org", ["s"]], **{"blockchain.block.header": "00" * 80})
    scan = Scan({(A, 50002): litecoin, (B, 50002): server()}, targets=["a.org:50002:s"], names=NAMES)

    outcome = run(scan)

    assert len(scan.dialer.dials) == 1
    assert (outcome.counts["wrong_network"], outcome.counts["verified"], outcome.counts["answered"]) == (1, 0, 1)


def test_a_right_block_0_is_not_verified_while_the_features_name_another_chain() -> None:
    """The rule is that of the tables, so that the seal and the tables count alike."""
    features = {"hosts": {}, "genesis_hash": "00" * 32}

    outcome = run_virtually(
        Scan({("5.9.1.1", 50001): server(**{"server.features": features})}, targets=["5.9.1.1:50001:t"]).run()
    )

    assert (outcome.counts["wrong_network"], outcome.counts["verified"], outcome.counts["answered"]) == (1, 0, 1)


def test_the_claimed_genesis_counts_where_none_could_be_computed() -> None:
    no_header = lambda message: [error_reply(message["id"], -32601, "unknown")]  # noqa: E731
    for claimed, dials in ((GENESIS_HASH, 2), ("00" * 32, 1)):
        answers = telling(
            [B, "b.org", ["s"]],
            **{"blockchain.block.header": no_header, "server.features": {"genesis_hash": claimed, "hosts": {}}},
        )
        scan = Scan({(A, 50002): answers, (B, 50002): server()}, targets=["a.org:50002:s"], names=NAMES)

        outcome = run(scan)

        assert len(scan.dialer.dials) == dials
        assert outcome.counts["answered"] == dials


def test_hosts_of_features_and_private_ones_among_them() -> None:
    hosts = {"b.org": {"ssl_port": 50002}, "192.168.1.5": {"tcp_port": 50001}}
    answers = server(**{"server.features": {"hosts": hosts, "genesis_hash": GENESIS_HASH}})
    scan = Scan({(A, 50002): answers, (B, 50002): server()}, targets=["a.org:50002:s"], names=NAMES)

    run(scan)

    assert scan.dialer.dialled()[1:] == [f"ssl://b.org:50002@{B}"]
    assert scan.sink.failures() == {"tcp://192.168.1.5:50001@192.168.1.5": "policy/address_refused"}


def test_an_onion_without_tor_is_refused_without_a_connection() -> None:
    onion = "b" * 56 + ".onion"
    scan = Scan({(onion, 50001): VisitError(Stage.POLICY, FailureKind.NEEDS_TOR)}, targets=[f"{onion}:50001:t"])

    counts = run(scan).counts

    assert (counts["refused"], counts["refused_needs_tor"], counts["connections"]) == (1, 1, 0)


def test_nothing_to_ask_is_a_complete_scan_of_nothing() -> None:
    outcome = run(Scan({}))

    assert (outcome.state, outcome.counts["endpoints"]) == (CampaignState.COMPLETE, 0)


def test_progress_tells_the_truth_and_an_estimate() -> None:
    scan = Scan(
        {(A, port): server() for port in (50001, 50002, 50003)},
        targets=[f"{A}:{port}:t" for port in (50001, 50002, 50003)],
    )
    run(scan)

    last = scan.observer.seen[-1]
    assert (last.done, last.answered, last.verified, last.waiting, last.in_flight) == (3, 3, 3, 0, 0)
    after_first = next(one for one in scan.observer.seen if one.done == 1)
    assert after_first.busiest_queue == 2
    assert after_first.eta_s >= 20
    assert scan.observer.seen[0].eta_s is None
    assert last.eta_s == 0


def test_facts_are_committed_in_batches_while_the_scan_runs() -> None:
    targets = [f"88.{place}.1.1:50002:s" for place in range(40)]
    scan = Scan({(f"88.{place}.1.1", 50002): server() for place in range(40)}, targets=targets)
    run(scan)

    assert 1 < scan.sink.batches <= 40
    assert len(scan.sink.rows("server_version")) == 40
