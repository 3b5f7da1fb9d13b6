"""The engine as a whole: whom it dials, in what order and how often, and what it leaves behind."""

import asyncio
import ipaddress
import itertools
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from electrum_observatory.model.attempt import AttemptStatus
from electrum_observatory.model.campaign import CampaignState
from electrum_observatory.model.errors import InputError, StoreError, VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import Budgets, Caps, Deadlines, ScanConfig
from electrum_observatory.scanner.discovery.known_endpoints import KnownEndpoints
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.earlier import Earlier
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import BITCOIN, CaptureSink, Scan
from tests.unit.scanner.scripted import (
    CLOSE,
    GENESIS_HASH,
    Pause,
    ScriptedDialer,
    ScriptedResolver,
    error_reply,
    reply,
    server,
)
from tests.unit.scanner.virtual_time import run_virtually

A, B, C = "5.9.1.2", "5.9.1.3", "88.99.1.4"
NAMES = {"a.org": [A], "b.org": [B], "c.org": [C]}


def telling(*rows: list[Any], **results: Any) -> Any:
    """A server that names these peers."""
    return server(**{"server.peers.subscribe": list(rows)}, **results)


def run(scan: Scan) -> Any:
    return run_virtually(scan.run())


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
    def eps(message):  # implementations.md trap T28: dies on a range
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


OLD_TLS = VisitError(Stage.TLS, FailureKind.TLS_HANDSHAKE, "unsupported protocol")
OLD = f"ssl://a.org:50002@{A}"


class OldDialer(ScriptedDialer):
    """Every server fails without old TLS, and answers (or fails as said) with it."""

    def __init__(self, scan: Scan, then: VisitError | None, legacy_s: float) -> None:
        super().__init__(scan.dialer.answers)
        self.legacy: list[bool] = []
        self._then = then
        self._legacy_s = legacy_s

    async def connect(self, endpoint, *, legacy_tls=False):
        self.legacy.append(legacy_tls)
        failure = self._then if legacy_tls else OLD_TLS
        if failure is None:
            return await super().connect(endpoint)
        self.dials.append((asyncio.get_running_loop().time(), endpoint))
        await asyncio.sleep(self._legacy_s if legacy_tls else 0.02)
        raise failure


def old_scan(script: Any, *, then: VisitError | None = None, legacy_s: float = 0.02) -> tuple[Scan, OldDialer]:
    scan = Scan({(A, 50002): script}, targets=["a.org:50002:s"], names=NAMES)
    dialer = OldDialer(scan, then, legacy_s)
    scan.dialer.connect = dialer.connect  # type: ignore[method-assign]
    return scan, dialer


def test_old_tls_is_tried_on_a_second_connection_that_is_spaced_and_counted() -> None:
    scan, dialer = old_scan(server())

    outcome = run(scan)

    assert [round(at) for at, _ in dialer.dials] == [0, 10]
    assert dialer.legacy == [False, True]
    assert scan.sink.failures() == {}
    assert scan.sink.rows("server_version")[OLD].attempt.result is not None
    counted = ("answered", "failed", "endpoints", "connections", "retried_legacy_tls")
    assert [outcome.counts[name] for name in counted] == [1, 0, 1, 2, 1]


def test_a_server_that_fails_with_old_tls_too_is_one_failure_that_tells_of_both() -> None:
    scan, dialer = old_scan(server(), then=VisitError(Stage.TLS, FailureKind.EOF))

    outcome = run(scan)

    failure = scan.sink.rows("connection")[OLD].attempt.failure
    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.TLS_HANDSHAKE)
    assert failure.detail == "unsupported protocol; old versions too: eof"
    assert len(dialer.dials) == 2
    assert [outcome.counts[name] for name in ("failed", "endpoints", "connections")] == [1, 1, 2]


def test_an_old_server_that_closes_on_the_range_is_asked_plainly_over_old_tls() -> None:
    def eps(message):
        if message["method"] == "server.version" and isinstance(message["params"][1], list):
            return [CLOSE]
        return server()(message)

    scan, dialer = old_scan(eps)
    outcome = run(scan)

    assert dialer.legacy == [False, True, True]
    assert [round(at) for at, _ in dialer.dials] == [0, 10, 20]
    assert scan.sink.rows("server_version")[OLD].attempt.result["retried_plain"]
    assert outcome.counts["connections"] == 3


@pytest.mark.parametrize(("stop_at_s", "dials"), [(5, 1), (11, 2)])
def test_a_stop_before_or_during_the_dial_with_old_tls_breaks_the_visit_off(stop_at_s: float, dials: int) -> None:
    scan, dialer = old_scan(server(), then=VisitError(Stage.TLS, FailureKind.EOF), legacy_s=30)

    async def main():
        asyncio.get_running_loop().call_later(stop_at_s, scan.engine.stop)
        return await scan.run()

    run_virtually(main())

    failure = scan.sink.rows("connection")[OLD].attempt.failure
    assert (failure.stage, failure.kind) == (Stage.TLS, FailureKind.CANCELLED)
    assert failure.detail.startswith("tls_handshake (unsupported protocol), and stopped")
    assert len(dialer.dials) == dials


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


# --- budgets


def spacing_holds(scan: Scan, *, spacing_s: float) -> None:
    times = defaultdict(list)
    for at, endpoint in scan.dialer.dials:
        times[machine_key(endpoint)].append(at)
    for machine, dials in times.items():
        gaps = [later - earlier for earlier, later in itertools.pairwise(dials)]
        assert all(gap >= spacing_s - 1e-6 for gap in gaps), f"{machine}: {gaps}"


def test_one_machine_gets_one_connection_per_spacing_while_others_go_on() -> None:
    farm = {(A, port): server() for port in range(50001, 50005)}
    others = {(f"88.{place}.1.1", 50002): server() for place in range(20)}
    targets = [f"{A}:{port}:t" for port in range(50001, 50005)] + [f"88.{place}.1.1:50002:s" for place in range(20)]

    scan = Scan(farm | others, targets=targets, concurrency=2)
    run(scan)

    spacing_holds(scan, spacing_s=10)
    first_second = [endpoint.address for at, endpoint in scan.dialer.dials if at < 1]
    assert len(first_second) == 21, "nobody waited for the farm's turn in a worker's seat"


def test_the_lab_may_loosen_the_spacing() -> None:
    scan = Scan(
        {(A, port): server() for port in (50001, 50002)},
        targets=[f"{A}:50001:t", f"{A}:50002:t"],
        budgets=Budgets(spacing_s=0.5),
    )
    run(scan)

    assert [round(at, 1) for at, _ in scan.dialer.dials] == [0.0, 0.5]


def test_no_more_conversations_with_one_machine_than_allowed() -> None:
    def slow(message):
        return [Pause(5), *server()(message)]

    scan = Scan(
        {(A, port): slow for port in range(50001, 50005)},
        targets=[f"{A}:{port}:t" for port in range(50001, 50005)],
        budgets=Budgets(spacing_s=1, connections_at_once=2),
    )
    open_now: list[int] = []
    connect = scan.dialer.connect

    async def counting(endpoint, **how):
        open_now.append(sum(not one.aborted for one in scan.dialer.connections))
        return await connect(endpoint, **how)

    scan.dialer.connect = counting  # type: ignore[method-assign]
    run(scan)

    assert max(open_now) == 1, "one open already when the second is dialled, never two"


def test_a_visit_keeps_to_its_budget_of_requests_and_errors() -> None:
    scan = Scan({(A, 50002): server(), (B, 50002): None}, targets=["a.org:50002:s"], names=NAMES)
    run(scan)
    assert len(scan.dialer.connections[0].sent) <= 40

    def sulking(message):
        if message["method"] == "server.version":
            return [reply(message["id"], ["x", "1.4"])]
        return [error_reply(message["id"], -32601, "no")]

    scan = Scan({(A, 50002): sulking}, targets=["a.org:50002:s"], names=NAMES)
    outcome = run(scan)

    assert outcome.counts["error_replies"] == 6
    kinds = {one.attempt.failure.kind for one in scan.sink.observations if one.attempt.failure is not None}
    assert kinds == {FailureKind.BUDGET_SPENT}


def test_a_flood_of_peers_is_counted_and_never_dialled() -> None:
    flood = [[f"7.{place % 256}.{place // 256}.1", f"n{place}.flood.org", ["s"]] for place in range(3_000)]
    caps = Caps(hosts_per_domain=20)
    scan = Scan({(A, 50002): telling(*flood)}, targets=["a.org:50002:s"], names=NAMES, caps=caps)

    outcome = run(scan)

    assert outcome.counts["targets"] == 21
    assert outcome.counts["overflow_domain"] == 980
    assert outcome.counts["overflow_reply"] == 2_000
    assert len(scan.sink.sightings) == 21
    assert len(scan.dialer.dials) == 1


def test_one_network_takes_no_more_than_half_its_cap_on_one_word() -> None:
    rows = [[f"7.7.{place}.1", f"7.7.{place}.1", ["s"]] for place in range(10)]
    scan = Scan({(A, 50002): telling(*rows)}, targets=["a.org:50002:s"], names=NAMES, caps=Caps(addresses_per_v4_16=3))

    outcome = run(scan)

    assert len(scan.dialer.dials) == 1 + 2
    assert outcome.counts["overflow_v4_16"] == 8


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_in_any_world_nobody_is_dialled_twice_too_soon_or_against_the_rules(data: st.DataObject) -> None:
    addresses = ["5.9.1.1", "5.9.1.2", "88.1.1.1", "10.0.0.1", "127.0.0.1", "2a01:4f8:1::1", "2a01:4f8:1::2", "fe80::1"]
    hosts = [f"h{place}.org" for place in range(6)]
    names = {host: data.draw(st.lists(st.sampled_from(addresses), max_size=3, unique=True)) for host in hosts}
    services = st.lists(st.sampled_from(["s", "t", "s50002", "t50001", "t22", "s4242", "t443"]), max_size=3)
    row = st.builds(lambda host, served: ["", host, served], st.sampled_from(hosts + addresses), services)
    behaviours = [
        lambda: telling(*data.draw(st.lists(row, max_size=6))),
        lambda: lambda _message: [CLOSE],
        lambda: lambda _message: [b"garbage\n"],
        lambda: lambda _message: [],
        lambda: VisitError(Stage.CONNECT, FailureKind.CONNECT_TIMEOUT),
    ]
    answers = {
        (address, port): data.draw(st.sampled_from(behaviours))()
        for address in addresses
        for port in (443, 4242, 50001, 50002)
    }
    scan = Scan(answers, targets=data.draw(st.lists(st.sampled_from(hosts), min_size=1, max_size=3)), names=names)

    outcome = run(scan)

    dialled = scan.dialer.dialled()
    assert len(dialled) - len(set(dialled)) == outcome.counts.get("retried_plain", 0)
    assert all(AddressPolicy().refusal(endpoint.address) is None for _, endpoint in scan.dialer.dials)
    assert all(endpoint.port != 22 for _, endpoint in scan.dialer.dials)
    spacing_holds(scan, spacing_s=10)
    assert len(scan.sink.rows("connection")) == outcome.counts["endpoints"]
    assert outcome.counts["endpoints"] == sum(
        outcome.counts.get(name, 0) for name in ("dialled", "refused", "unresolved")
    )


# --- the end


def slowly(message):
    return [Pause(2.0), *server()(message)]


def test_a_polite_stop_starts_nothing_new_keeps_what_was_learned_and_seals_as_cancelled() -> None:
    targets = [f"88.{place}.1.1:50002:s" for place in range(30)]
    scan = Scan({(f"88.{place}.1.1", 50002): slowly for place in range(30)}, targets=targets, open_at_once=5)

    async def main():
        asyncio.get_running_loop().call_later(2.5, scan.engine.stop)
        outcome = await scan.run()
        return outcome, asyncio.get_running_loop().time()

    outcome, seconds = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    assert seconds <= 2.5 + ScanConfig().deadlines.stop_grace_s + 0.1
    assert len(scan.dialer.dials) == 5
    assert outcome.counts["answered"] == 5
    assert outcome.counts["unvisited"] == 25
    assert scan.sink.seal.state is CampaignState.CANCELLED
    assert all(connection.aborted for connection in scan.dialer.connections)
    assert {one.attempt.failure.kind for one in scan.sink.observations if one.attempt.failure} == {
        FailureKind.CANCELLED
    }
    assert scan.observer.seen[-1].stopping


def test_visits_that_end_within_the_grace_are_whole() -> None:
    scan = Scan(
        {(A, 50002): server(), (B, 50002): slowly},
        targets=["a.org:50002:s", "b.org:50002:s"],
        names=NAMES,
        deadlines=Deadlines(stop_grace_s=60),
    )

    async def main():
        asyncio.get_running_loop().call_later(1.0, scan.engine.stop)
        return await scan.run()

    outcome = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    assert outcome.counts["answered"] == outcome.counts["verified"] == 2
    assert outcome.counts["unvisited"] == 0


@pytest.mark.parametrize("stop_at_s", [0.0, 0.005, 0.015, 0.03, 5.0, 10.0, 10.03])
def test_a_stop_at_any_moment_ends_cleanly(stop_at_s: float) -> None:
    scan = Scan(
        {(A, 50002): lambda _message: [CLOSE], (A, 50001): slowly, (B, 50002): slowly},
        targets=["a.org", "b.org"],
        names=NAMES,
    )

    async def main():
        asyncio.get_running_loop().call_later(stop_at_s, scan.engine.stop)
        return await scan.run()

    outcome = run_virtually(main())

    assert outcome.state is CampaignState.CANCELLED
    scan.sink.rows("connection")


def test_a_stop_while_a_plain_retry_waits_keeps_the_first_visit_as_broken_off() -> None:
    """Whoever goes on with the campaign then asks again; how the first try failed stays readable."""
    scan = Scan({(A, 50002): lambda _message: [CLOSE]}, targets=["a.org:50002:s"], names=NAMES)

    async def main():
        asyncio.get_running_loop().call_later(5, scan.engine.stop)
        return await scan.run()

    run_virtually(main())

    assert len(scan.dialer.dials) == 1
    row = scan.sink.rows("server_version")[f"ssl://a.org:50002@{A}"]
    assert row.attempt.failure.kind is FailureKind.CANCELLED
    assert row.attempt.failure.detail.startswith("eof")
    assert row.attempt.failure.detail.endswith("stopped before the second try ended")


def test_a_second_cancellation_aborts_at_once_and_leaves_the_campaign_open() -> None:
    scan = Scan({(A, 50002): slowly}, targets=["a.org:50002:s"], names=NAMES)

    async def main():
        task = asyncio.get_running_loop().create_task(scan.run())
        await asyncio.sleep(1)
        scan.engine.stop()
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), asyncio.get_running_loop().time()

    assert run_virtually(main()) == (True, pytest.approx(1.1))
    assert scan.sink.seal is None
    assert scan.dialer.connections[0].aborted


def test_a_full_disk_ends_the_scan_with_the_stores_own_error() -> None:
    scan = Scan(
        {(A, 50002): telling([B, "b.org", ["s"]]), (B, 50002): slowly},
        targets=["a.org:50002:s"],
        names=NAMES,
        sink=CaptureSink(full_at_batch=2),
    )

    with pytest.raises(StoreError, match="no space left"):
        run(scan)

    assert all(connection.aborted for connection in scan.dialer.connections)
    assert len(scan.sink.sightings) == 1, "what was committed before stays"


class BrokenSource:
    id = "broken"
    touches_network = True

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def sightings(self):
        raise self._error
        yield


def test_a_source_that_cannot_be_read_is_told_and_the_others_are_used() -> None:
    sources = [BrokenSource(InputError("https://example.org: HTTP 404")), typed_targets([f"{A}:50002:s"], BITCOIN)]
    scan = Scan({(A, 50002): server()}, sources=sources)

    outcome = run(scan)

    assert outcome.source_errors == ("https://example.org: HTTP 404",)
    assert (outcome.counts["sources_failed"], outcome.counts["answered"]) == (1, 1)
    assert outcome.state is CampaignState.COMPLETE


def test_a_scan_whose_every_source_fails_has_failed() -> None:
    outcome = run(Scan({}, sources=[BrokenSource(InputError("x"))]))

    assert outcome.state is CampaignState.FAILED


def test_a_bug_in_a_source_seals_the_campaign_as_failed_and_rises_as_itself() -> None:
    scan = Scan({}, sources=[BrokenSource(ZeroDivisionError("oops"))])

    with pytest.raises(ZeroDivisionError, match="oops"):
        run(scan)

    assert scan.sink.seal.state is CampaignState.FAILED


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


# --- addresses in disguise


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
    scan.engine._resolver = resolver = Rebinding()
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
