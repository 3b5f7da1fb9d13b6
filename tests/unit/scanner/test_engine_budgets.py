"""What the engine asks of one machine, one server and one network at the most."""

import itertools
from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from electrum_observatory.model.errors import VisitError
from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.scanner.budget import machine_key
from electrum_observatory.scanner.config import Budgets, Caps
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.neighbours import NAMES, A, B, run, telling
from tests.unit.scanner.scripted import (
    CLOSE,
    Pause,
    error_reply,
    reply,
    server,
)


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
