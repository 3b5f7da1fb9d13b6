from electrum_observatory.analysis.machines import assign, machine_of
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.servers import build
from electrum_observatory.model.endpoint import Transport
from tests.factories import STARTED_AT_US, make_campaign, make_endpoint, make_observation, make_visit
from tests.unit.report.campaigns import Places

V4, V6, OTHER_V4 = "5.9.1.2", "2a01:4f8:1:2::1", "5.9.1.77"
ONION = "a" * 56 + ".onion"


def seen(host, address, port=50002, key=None, names=(), **overrides):
    transport = Transport.TCP if port == 50001 else Transport.SSL
    endpoint = make_endpoint(host=host, address=address, port=port, transport=transport)
    visit = make_visit(endpoint, **overrides)
    if key is not None:
        certificate = {"sha256": f"certificate of {key}", "spki_sha256": key}
        visit.append(make_observation("tls_certificate", certificate, endpoint=endpoint, **overrides))
    if names:
        features = {"hosts": {name: {"ssl_port": port} for name in names}}
        visit.append(make_observation("features", features, endpoint=endpoint, **overrides))
    return visit


def machines_of(*visits, first_seen=None):
    observations = [observation for visit in visits for observation in visit]
    return assign(build(gather(make_campaign(), None, observations, ()), Places()), first_seen)


def groups_of(*visits):
    return sorted(sorted(f"{row.host}:{row.port}@{row.address}" for row in m.endpoints) for m in machines_of(*visits))


def test_tcp_and_ssl_of_one_address_are_one_machine():
    assert len(machines_of(seen("a.example", V4, 50001), seen("a.example", V4, 50002, key="k"))) == 1


def test_two_names_of_one_address_are_one_machine():
    [machine] = machines_of(seen("a.example", V4), seen("b.example", V4))

    assert machine.hosts == ("a.example", "b.example")


def test_a_name_and_its_bare_address_are_one_machine():
    assert len(machines_of(seen("a.example", V4), seen(V4, V4, 50001))) == 1


def test_an_address_literal_that_was_never_resolved_joins_its_address():
    assert len(machines_of(seen("a.example", V4), seen(V4, None, 50001))) == 1


def test_v4_and_v6_of_one_name_with_one_key_are_one_machine_with_all_their_ports():
    [machine] = machines_of(
        seen("a.example", V4, key="k"),
        seen("a.example", V4, 50001),
        seen("a.example", V6, key="k"),
        seen("a.example", V6, 50001),
    )

    assert set(machine.addresses) == {V4, V6}


def test_one_name_with_two_addresses_and_two_keys_is_two_machines():
    assert len(machines_of(seen("pool.example", V4, key="k1"), seen("pool.example", OTHER_V4, key="k2"))) == 2


def test_a_shared_default_certificate_does_not_join_by_itself():
    assert len(machines_of(seen("a.example", V4, key="image"), seen("b.example", OTHER_V4, key="image"))) == 2


def test_two_addresses_with_one_key_that_name_each_other_are_one_machine_with_all_their_ports():
    [machine] = machines_of(
        seen(V4, V4, key="k", names=(V4, V6.upper())),
        seen(V4, V4, 50001),
        seen(V6, V6, key="k", names=(V4, V6)),
        seen(V6, V6, 50001),
    )

    assert set(machine.addresses) == {V4, V6}


def test_a_claim_of_one_side_does_not_join_even_with_the_same_key():
    assert len(machines_of(seen(V4, V4, key="k", names=(V4, V6)), seen(V6, V6, key="k", names=(V6,)))) == 2


def test_two_sides_that_name_each_other_with_different_keys_are_two_machines():
    assert len(machines_of(seen(V4, V4, key="k1", names=(V6,)), seen(V6, V6, key="k2", names=(V4,)))) == 2


def test_claims_of_both_sides_without_any_key_do_not_join():
    assert len(machines_of(seen(V4, V4, 50001, names=(V6,)), seen(V6, V6, 50001, names=(V4,)))) == 2


def test_only_the_endpoint_that_shows_the_key_can_claim_with_it():
    one_sided = (seen(V4, V4, key="k", names=(V6,)), seen(V6, V6, key="k"), seen(V6, V6, 50001, names=(V4,)))

    assert len(machines_of(*one_sided)) == 2


def test_hosts_that_are_no_hosts_join_nothing():
    assert len(machines_of(seen(V4, V4, key="k", names=("two words", "", V6)), seen(V6, V6, key="k", names=("",)))) == 2


def test_onions_and_unresolved_names_are_joined_by_host():
    assert groups_of(
        seen(ONION, None, 50001), seen(ONION, None, 50002), seen("nowhere.example", None), seen("a.example", V4)
    ) == [
        [f"a.example:50002@{V4}"],
        [f"{ONION}:50001@None", f"{ONION}:50002@None"],
        ["nowhere.example:50002@None"],
    ]


def test_the_id_is_that_of_the_earliest_seen_endpoint_and_the_others_are_aliases():
    tcp = make_endpoint(host="a.example", address=V4, port=50001, transport=Transport.TCP)
    ssl = make_endpoint(host="a.example", address=V4, port=50002)

    [machine] = machines_of(seen("a.example", V4, 50002, started_at_us=STARTED_AT_US + 1), seen("a.example", V4, 50001))

    assert machine.machine_id == f"m-{tcp.endpoint_id}"
    assert machine.aliases == (f"m-{ssl.endpoint_id}",)


def test_an_earlier_campaign_keeps_the_id_stable():
    ssl = make_endpoint(host="a.example", address=V4, port=50002)

    [machine] = machines_of(
        seen("a.example", V4, 50002, started_at_us=STARTED_AT_US + 1),
        seen("a.example", V4, 50001),
        first_seen={ssl.endpoint_id: STARTED_AT_US - 10**9},
    )

    assert machine.machine_id == f"m-{ssl.endpoint_id}"


def test_without_any_time_the_first_in_canonical_order_gives_the_id():
    [machine] = machines_of(
        seen("a.example", V4, 50001, started_at_us=None), seen("a.example", V4, 50002, started_at_us=None)
    )

    ssl = make_endpoint(host="a.example", address=V4, port=50002)
    assert machine.machine_id == f"m-{ssl.endpoint_id}"


def test_every_endpoint_has_exactly_one_machine():
    machines = machines_of(seen("a.example", V4), seen("a.example", V6), seen(ONION, None, 50001))

    assert len(machine_of(machines)) == 3
