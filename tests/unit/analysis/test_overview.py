import pytest

from electrum_observatory.analysis.certificates import uses
from electrum_observatory.analysis.chains import genesis_of, measured
from electrum_observatory.analysis.latency import agreed_tip, shortest_pings
from electrum_observatory.analysis.machines import assign, machine_of
from electrum_observatory.analysis.overview import claimed_product, populations, shares, source_counts, value_of
from electrum_observatory.analysis.unanswered import failure_counts
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.datasets import servers, sightings, tls
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.genesis import GenesisState
from electrum_observatory.model.campaign import CampaignKind
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.failure import FailureKind, Stage
from tests.factories import (
    make_campaign,
    make_connection_result,
    make_endpoint,
    make_failed_observation,
    make_observation,
    make_sighting,
    make_visit,
)
from tests.unit.report.campaigns import Places


def version(software, endpoint):
    return make_observation("server_version", {"software": software, "protocol": "1.4"}, endpoint=endpoint)


def endpoint(number, port=50002):
    transport = Transport.TCP if port == 50001 else Transport.SSL
    return make_endpoint(host=f"s{number}.example", address=f"5.9.1.{number}", port=port, transport=transport)


def tables(*observations, seen=()):
    facts = gather(make_campaign(), None, observations, seen)
    return assign(servers.build(facts, Places())), tls.build(facts, Places()), sightings.build(facts, Places())


def test_populations_are_counted_each_by_itself():
    machines, _, told = tables(
        *make_visit(endpoint(1)),
        *make_visit(endpoint(1, 50001)),
        version("Fulcrum 2.1.0", endpoint(2)),
        make_failed_observation(endpoint=endpoint(3)),
        seen=(make_sighting(host="s1.example"), make_sighting(host="s9.example"), make_sighting(host="s9.example")),
    )

    counted = populations(machines, told)

    assert (counted.advertised_hosts, counted.advertised_answered) == (2, 1)
    assert (counted.dialled_endpoints, counted.dialled) == (4, 3)
    assert (counted.answered, counted.answered_endpoints) == (2, 3)
    assert (counted.verified, counted.claimed, counted.other_chain, counted.genesis_unknown) == (1, 0, 0, 1)


def test_what_our_own_policy_left_out_was_not_dialled():
    needs_tor = make_failed_observation("connection", Stage.POLICY, FailureKind.NEEDS_TOR, endpoint=endpoint(2))
    partly = make_failed_observation("connection", Stage.POLICY, FailureKind.PORT_REFUSED, endpoint=endpoint(1, 50001))
    machines, _, told = tables(*make_visit(endpoint(1)), partly, needs_tor)

    counted = populations(machines, told)

    assert (counted.dialled, counted.dialled_endpoints) == (1, 1)
    assert (counted.left_out, counted.left_out_endpoints) == (1, 2)


def unresolved(host, port=50002):
    nameless = make_endpoint(host=host, address=None, port=port)
    return make_failed_observation("connection", Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, endpoint=nameless)


def test_names_that_did_not_resolve_were_neither_dialled_nor_left_out():
    machines, _, told = tables(*make_visit(endpoint(1)), unresolved("gone.example"), unresolved("gone.example", 50004))

    counted = populations(machines, told)

    assert (counted.unresolved, counted.unresolved_endpoints) == (1, 2)
    assert (counted.dialled, counted.dialled_endpoints) == (1, 1)
    assert (counted.left_out, counted.left_out_endpoints) == (0, 0)


def test_every_machine_and_every_endpoint_was_dialled_unresolved_or_left_out():
    nameless = make_endpoint(host="gone.example", address=None, port=22)
    refused = make_failed_observation("connection", Stage.POLICY, FailureKind.PORT_REFUSED, endpoint=nameless)
    machines, _, told = tables(*make_visit(endpoint(1)), unresolved("gone.example"), refused)

    counted = populations(machines, told)

    assert (counted.dialled, counted.unresolved, counted.left_out) == (1, 1, 0)
    assert (counted.dialled_endpoints, counted.unresolved_endpoints, counted.left_out_endpoints) == (1, 1, 1)


def tip(height, where):
    return make_observation("chain_tip", {"height": height}, endpoint=where)


def test_tips_are_compared_within_one_chain():
    other = make_observation("genesis", {"block_hash": "00" * 32}, endpoint=endpoint(2))
    machines, _, _ = tables(tip(900_000, endpoint(1)), tip(2_000_000, endpoint(2)), other)

    assert agreed_tip(machines) == 900_000


@pytest.mark.parametrize(
    ("heights", "agreed"),
    [
        ((900_000, 900_001, 900_001, 900_000, 10**9), 900_001),
        ((900_000, 900_001, 10**9), 900_001),
        ((900_000, 10**9), 900_000),
        ((900_000,), 900_000),
        ((), None),
    ],
)
def test_a_height_that_only_one_machine_names_is_not_the_tip_of_all(heights, agreed):
    machines, _, _ = tables(*(tip(height, endpoint(number)) for number, height in enumerate(heights, 1)))

    assert agreed_tip(machines) == agreed


def test_two_endpoints_of_one_machine_are_no_second_witness():
    claims = (tip(10**9, endpoint(1)), tip(10**9, endpoint(1, 50001)))
    machines, _, _ = tables(*claims, tip(900_000, endpoint(2)), tip(900_000, endpoint(3)))

    assert agreed_tip(machines) == 900_000


def test_times_through_a_proxy_are_no_latency():
    def ping(ms, where):
        return make_observation("latency", {"min_ms": ms, "median_ms": ms}, endpoint=where)

    proxied = make_observation("connection", make_connection_result(via_proxy=True), endpoint=endpoint(2))
    machines, _, _ = tables(ping(30.0, endpoint(1)), ping(20.0, endpoint(1, 50001)), ping(5.0, endpoint(2)), proxied)

    assert shortest_pings(machines) == (20.0,)


def test_sources_count_hosts_tellers_and_what_nobody_else_named():
    teller = endpoint(1)
    seen = (
        make_sighting(host="s1.example"),
        make_sighting(host="s2.example", source="peers_subscribe", told_by=teller.endpoint_id),
        make_sighting(host="s1.example", source="peers_subscribe", told_by=teller.endpoint_id),
    )
    listing = make_observation("peers", {"peers": [], "rows": 2, "malformed": 0, "error": None}, endpoint=teller)
    machines, _, told = tables(*make_visit(teller), listing, seen=seen)

    peers, listed = source_counts(told, [row for machine in machines for row in machine.endpoints])

    assert (peers.source, peers.tellers, peers.hosts, peers.answered, peers.alone) == ("peers_subscribe", 1, 2, 1, 1)
    assert (listed.source, listed.tellers, listed.hosts, listed.alone) == ("bundled_list", 0, 1, 0)


def serving(block_hash, where):
    return make_observation("genesis", {"block_hash": block_hash}, endpoint=where)


LITECOIN = NETWORKS["litecoin-regtest"].genesis_hash


def two_coins(number):
    """Bitcoin on one port, Litecoin on another of the same address."""
    bitcoin, litecoin = endpoint(number), endpoint(number, 50001)
    coin = (version("ElectrumLTC 1.0", litecoin), serving(LITECOIN, litecoin), tip(2_900_000, litecoin))
    return (*make_visit(bitcoin), *coin)


def test_a_machine_with_two_coins_is_judged_by_its_endpoints_of_this_network():
    ltc = endpoint(2)
    machines, _, told = tables(*two_coins(1), *make_visit(ltc)[:2], serving(LITECOIN, ltc))

    counted = populations(machines, told)

    assert (counted.answered, counted.verified, counted.other_chain) == (2, 1, 1)


def test_an_endpoint_of_which_nothing_was_learned_does_not_make_a_machine_of_another_chain_one_of_this():
    ltc = endpoint(1)
    machines, _, _ = tables(version("X", ltc), serving(LITECOIN, ltc), version("X", endpoint(1, 50001)))

    assert [genesis_of(machine) for machine in machines] == [GenesisState.UNKNOWN]


@pytest.mark.parametrize(("kind", "numbers"), [(CampaignKind.SCAN, [1]), (CampaignKind.IMPORT, [1, 3])])
def test_numbers_are_about_machines_of_this_network(kind, numbers):
    ltc = endpoint(2)
    silent = make_failed_observation(endpoint=endpoint(4))
    machines, _, _ = tables(
        *make_visit(endpoint(1)), version("X", ltc), serving(LITECOIN, ltc), version("X", endpoint(3)), silent
    )

    found = measured(machines, kind)

    assert sorted(machine.hosts[0] for machine in found) == [f"s{number}.example" for number in numbers]


def test_values_of_another_chains_endpoints_are_not_counted():
    machines, _, _ = tables(*two_coins(1))

    [line] = shares(machines, lambda row: row.software)

    assert (line.label, line.endpoints) == ("ElectrumX 1.16.0", 1)
    assert agreed_tip(machines) is None


def test_a_machine_of_another_chain_alone_still_has_its_own_words():
    ltc = endpoint(1)
    [machine], _, _ = tables(version("ElectrumLTC 1.0", ltc), serving(LITECOIN, ltc))

    assert value_of(machine, lambda row: row.software) == "ElectrumLTC 1.0"


def test_a_machine_counts_once_however_many_endpoints_answer():
    machines, _, _ = tables(*make_visit(endpoint(1)), *make_visit(endpoint(1, 50001)), *make_visit(endpoint(2)))

    [line] = shares(machines, lambda row: row.software)

    assert (line.label, line.machines, line.of, line.endpoints) == ("ElectrumX 1.16.0", 2, 2, 3)


def test_a_machine_whose_endpoints_differ_is_a_line_of_its_own_and_unknown_comes_last():
    machines, _, _ = tables(
        version("Fulcrum 2.1.0", endpoint(1)),
        version("ElectrumX 1.16.0", endpoint(1, 50001)),
        version(None, endpoint(2)),
        version(None, endpoint(3)),
    )

    lines = shares(machines, lambda row: row.software)

    assert [(line.label, line.machines) for line in lines] == [("ElectrumX 1.16.0 / Fulcrum 2.1.0", 1), (None, 2)]
    assert sum(line.machines for line in lines) == lines[0].of


def test_shares_of_an_empty_campaign_are_no_lines():
    assert shares((), lambda row: row.software) == ()


def test_claimed_products_lose_their_number():
    machines, _, _ = tables(
        version("ElectrumX 1.16.0", endpoint(1)), version("electrs/0.10.5", endpoint(2)), version("", endpoint(3))
    )

    assert {line.label for line in shares(machines, claimed_product)} == {"ElectrumX", "electrs", ""}


def certificate(where, digest, key="k"):
    return make_observation("tls_certificate", {"sha256": digest, "spki_sha256": key}, endpoint=where)


def test_a_certificate_on_two_ports_of_one_machine_is_not_reused():
    machines, rows, _ = tables(certificate(endpoint(1), "c"), certificate(endpoint(1, 50003), "c"))

    [use] = uses(rows, machine_of(machines))

    assert (use.endpoints, len(use.machines), use.shared) == (2, 1, False)


def test_a_certificate_and_a_key_on_two_machines_are_reused():
    machines, rows, _ = tables(
        certificate(endpoint(1), "c"),
        certificate(endpoint(2), "c"),
        certificate(endpoint(3), "renewed"),
        certificate(endpoint(4), "own", key="other"),
    )

    found = {use.certificate.certificate_sha256: use for use in uses(rows, machine_of(machines))}

    assert len(found["c"].machines) == 2
    assert len(found["renewed"].key_machines) == 3
    assert found["renewed"].shared
    assert not found["own"].shared


def test_failures_are_counted_as_endpoints_machines_and_silent_machines():
    machines, _, _ = tables(
        make_failed_observation(endpoint=endpoint(1)),
        make_failed_observation(endpoint=endpoint(1, 50001)),
        make_failed_observation(endpoint=endpoint(2)),
        *make_visit(endpoint(2, 50001)),
        make_failed_observation("connection", Stage.RESOLVE, FailureKind.NAME_NOT_FOUND, endpoint=endpoint(3)),
    )

    refused, unknown_name = failure_counts(machines)

    assert (refused.kind, refused.endpoints, refused.machines, refused.silent_machines) == ("connect_refused", 3, 2, 1)
    assert (unknown_name.side, unknown_name.endpoints) == ("network", 1)
