"""Whom we take up on whose word, and what is only counted."""

import tracemalloc
from collections.abc import Mapping, Sequence

import pytest

from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.sighting import Sighting
from electrum_observatory.net.policy import PortPolicy
from electrum_observatory.scanner.causes import Causes, cause_of_count
from electrum_observatory.scanner.config import Caps
from electrum_observatory.scanner.discovery import known_endpoints
from electrum_observatory.scanner.frontier import TELLERS_KEPT, Frontier, Target
from electrum_observatory.scanner.voices import Voice, independent
from tests.factories import make_endpoint, make_sighting


def frontier(**overrides) -> Frontier:
    caps = {key: overrides.pop(key) for key in list(overrides) if key in Caps.__dataclass_fields__}
    return Frontier(**({"caps": Caps(**caps), "depth": 8, "ports": PortPolicy()} | overrides))


def hearsay(*hosts: str, told_by: str = "teller", **overrides) -> list[Sighting]:
    return [make_sighting(host=host, source="peers_subscribe", told_by=told_by, **overrides) for host in hosts]


def say(known: Frontier, by: Endpoint, *hosts: str, **overrides) -> list[Sighting]:
    """Let a server that was asked name others."""
    return known.offer(hearsay(*hosts, told_by=by.endpoint_id, **overrides), depth=1, trusted=False, speaker=by)


def at(address: str, host: str | None = None) -> Endpoint:
    return make_endpoint(host=host or address, address=address)


FIRST, SECOND = at("5.9.1.2", "one.example.org"), at("88.99.1.2", "two.example.net")


def drain(one: Frontier) -> Sequence[Target]:
    targets = []
    while (target := one.take()) is not None:
        targets.append(target)
    return targets


def test_one_target_is_visited_once_however_many_tell_of_it() -> None:
    known = frontier()

    known.offer(hearsay("a.example.org", told_by="first"), depth=1, trusted=False)
    kept = known.offer(hearsay("a.example.org", told_by="second"), depth=2, trusted=False)

    assert len(drain(known)) == 1
    assert len(kept) == 1, "the second sighting is a fact as well"
    assert known.known == 1


def test_other_ports_and_transports_of_a_host_are_other_targets() -> None:
    known = frontier()
    services = [(50001, Transport.TCP), (50002, Transport.SSL), (50003, Transport.WS), (50002, Transport.WSS)]

    known.offer([make_sighting(port=port, transport=one) for port, one in services], depth=0, trusted=True)

    assert [(target.port, target.transport) for target in drain(known)] == services


def test_an_unusual_port_waits_for_a_second_teller() -> None:
    known = frontier()

    say(known, FIRST, "a.org", port=4242)
    say(known, FIRST, "a.org", port=4242)
    assert known.take() is None, "one server that says it twice is one teller"
    say(known, SECOND, "a.org", port=4242)

    assert [target.tellers for target in drain(known)] == [(FIRST.endpoint_id, SECOND.endpoint_id)]


LIARS = {
    "two endpoints of one machine": (at("5.9.1.2", "a.org"), at("5.9.1.2", "b.net")),
    "two addresses of one /24": (at("5.9.1.2", "a.org"), at("5.9.1.3", "b.net")),
    "two addresses of one /16": (at("5.9.1.2"), at("5.9.200.3")),
    "two addresses of one IPv6 /32": (at("2a01:4f8:1::1"), at("2a01:4f8:ffff::1")),
    "two names of one domain": (at("5.9.1.2", "a.example.org"), at("88.99.1.2", "b.example.org")),
    "two customers of one dynamic DNS": (at("5.9.1.2", "a.duckdns.org"), at("88.99.1.2", "b.duckdns.org")),
    "two onions": (make_endpoint(host="a" * 56 + ".onion", address=None), make_endpoint(host="b" * 56 + ".onion")),
}


@pytest.mark.parametrize("liars", LIARS.values(), ids=LIARS)
def test_what_one_hand_can_hold_cheaply_is_one_teller_of_an_unusual_port(liars: tuple[Endpoint, Endpoint]) -> None:
    known = frontier()

    for liar in liars:
        kept = say(known, liar, "victim.example.com", port=4242)
        assert [one.told_by for one in kept] == [liar.endpoint_id], "the sightings say who said it"
    assert known.take() is None
    say(known, at("171.25.1.1", "honest.example.net"), "victim.example.com", port=4242)

    assert [target.host for target in drain(known)] == ["victim.example.com"]


def test_tellers_of_whom_only_the_id_is_known_are_one_teller() -> None:
    known = frontier()

    for number in range(3):
        known.offer(hearsay("a.org", told_by=str(number), port=4242), depth=1, trusted=False)

    assert known.take() is None


def test_a_network_of_many_machines_does_not_drown_the_second_teller() -> None:
    known = frontier()

    for number in range(200):
        say(known, at(f"5.9.1.{number}", f"h{number}.org"), "a.org", port=4242)
    assert known.take() is None
    say(known, SECOND, "a.org", port=4242)

    assert [target.host for target in drain(known)] == ["a.org"]


def test_a_voice_that_shares_a_mark_with_two_sources_makes_them_one() -> None:
    apart = [Voice.of_server(at("5.9.1.2", "a.org")), Voice.of_server(at("88.99.1.2", "b.org"))]

    assert independent(apart) == 2
    assert independent([*apart, Voice.of_server(at("5.9.7.7", "c.b.org"))]) == 1
    assert independent([*apart, Voice.of_list("server_lines")]) == 3


def test_an_unusual_port_on_a_list_we_were_handed_is_visited_at_once() -> None:
    known = frontier()

    known.offer(hearsay("a.example.org", port=4242), depth=1, trusted=False)
    known.offer([make_sighting(host="a.example.org", port=4242)], depth=0, trusted=True)

    assert [target.trusted for target in drain(known)] == [True]


def test_ports_of_other_services_are_never_visited_and_handed_back_once() -> None:
    known = frontier()
    known.offer([make_sighting(port=22), make_sighting(port=25)], depth=0, trusted=True)
    known.offer(hearsay("b.example.org", port=4242), depth=1, trusted=False)

    assert known.take() is None
    assert sorted(target.port for target in known.drop_withheld()) == [22, 25, 4242]
    assert known.drop_withheld() == []


def test_hearsay_is_followed_to_its_depth_only() -> None:
    known = frontier(depth=2)

    assert known.offer(hearsay("a.example.org"), depth=2, trusted=False)
    assert not known.offer(hearsay("b.example.org"), depth=3, trusted=False)
    assert known.counts == {"overflow_depth": 1}


def test_one_reply_brings_no_more_than_its_cap() -> None:
    known = frontier(targets_per_reply=3, hosts_per_domain=99)

    kept = known.offer(hearsay(*(f"h{place}.example.org" for place in range(10))), depth=1, trusted=False)

    assert len(kept) == known.known == 3
    assert known.counts == {"overflow_reply": 7}


def test_one_network_of_tellers_brings_no_more_than_its_cap_over_all_replies() -> None:
    known = frontier(targets_per_teller=3)

    for place in range(5):
        say(known, at(f"5.9.{place}.2"), f"h{place}.org")
    say(known, SECOND, "h4.org")

    assert known.counts == {"overflow_teller": 2}
    assert known.known == 4, "what one teller had no room for, another may bring"


def test_one_list_brings_as_much_as_it_likes() -> None:
    known = frontier(targets_per_teller=3)

    known.offer([make_sighting(host=f"h{place}.org") for place in range(5)], depth=0, trusted=True)

    assert known.known == 5


def test_what_overflows_is_counted_by_who_said_it() -> None:
    known = frontier(targets_per_reply=1)

    say(known, FIRST, "a.org", "b.org", "c.org")
    say(known, SECOND, "a.org", "d.org")

    assert known.causes.sealed() == {
        f"overflow_reply_told_by_{FIRST.endpoint_id}": 2,
        f"overflow_reply_told_by_{SECOND.endpoint_id}": 1,
    }


def test_a_crowd_of_liars_is_counted_in_bounded_room() -> None:
    causes = Causes()
    tracemalloc.start()
    try:
        for number in range(5_000):
            causes.note("overflow_teller", f"{number:016x}")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    sealed = causes.sealed()

    assert kept < 400_000, "five thousand pairs would take 700,000 bytes"
    assert len(sealed) <= 101
    assert sealed.total() == 5_000
    assert cause_of_count(f"overflow_teller_told_by_{0:016x}") == ("overflow_teller", f"{0:016x}")
    assert sealed[f"overflow_teller_told_by_{0:016x}"] == 1
    assert cause_of_count("overflow_teller") is None


def test_of_equal_tellers_the_first_by_name_are_named_whoever_spoke_first() -> None:
    def sealed(order: Sequence[int]) -> Mapping[str, int]:
        causes = Causes()
        for number in order:
            causes.note("overflow_teller", f"{number:016x}")
        return causes.sealed()

    assert sealed(range(200)) == sealed(range(199, -1, -1))


def test_one_machine_is_visited_at_no_more_endpoints_than_its_cap() -> None:
    known = frontier(endpoints_per_machine=2)

    admitted = [known.admit_machine("5.9.1.2", trusted=False, teller="x") for _ in range(3)]

    assert admitted == [True, True, False]
    assert known.counts == {"overflow_machine": 1}
    assert known.admit_machine("5.9.1.2", trusted=True, teller="mine")
    assert known.admit_machine("5.9.1.3", trusted=False, teller="x")


def test_one_domain_has_no_more_hosts_than_its_cap() -> None:
    known = frontier(hosts_per_domain=2)

    known.offer(hearsay("a.flood.co.uk", "b.flood.co.uk", "c.flood.co.uk"), depth=1, trusted=False)
    known.offer(hearsay("a.flood.co.uk", port=50001, transport=Transport.TCP), depth=1, trusted=False)
    known.offer(hearsay("x.duckdns.org", "y.duckdns.org", "z.duckdns.org"), depth=1, trusted=False)

    assert known.counts == {"overflow_domain": 1}
    assert known.known == 6, "other ports of a known host fit, and customers of dynamic DNS are strangers"


def test_lists_we_were_handed_are_exempt_from_the_caps_on_strangers() -> None:
    known = frontier(hosts_per_domain=1, targets_per_reply=1, targets_per_teller=1, depth=0)

    known.offer([make_sighting(host=f"h{place}.example.org") for place in range(5)], depth=0, trusted=True)

    assert known.queued == 5
    assert not known.counts


def test_everything_together_has_a_cap_that_nobody_is_exempt_from() -> None:
    known = frontier(targets=2)

    known.offer([make_sighting(host=f"h{place}.org") for place in range(5)], depth=0, trusted=True)

    assert known.counts == {"overflow_targets": 3}


def test_networks_have_no_more_addresses_than_their_caps() -> None:
    known = frontier(addresses_per_v4_16=2, addresses_per_v6_48=1)

    admitted = [
        known.admit_address(address, trusted=False, teller="x")
        for address in ("5.9.0.1", "5.9.255.1", "5.9.7.7", "5.9.0.1", "5.10.0.1", "2a01:4f8:1::1", "2a01:4f8:1:9::1")
    ]

    assert admitted == [True, True, False, True, True, True, False]
    assert known.counts == {"overflow_v4_16": 1, "overflow_v6_48": 1}
    assert known.admit_address("5.9.8.8", trusted=True, teller="mine")


def test_nobody_crowds_the_others_out_of_a_network_or_a_machine_by_himself() -> None:
    known = frontier(addresses_per_v4_16=4, endpoints_per_machine=3)
    liar, honest = make_endpoint(host="5.9.1.1", address="5.9.1.1"), make_endpoint(host="a.org", address="80.1.2.3")
    known.offer([make_sighting(host="liar.org", told_by="l")], depth=1, trusted=False, speaker=liar)
    known.offer([make_sighting(host="honest.org", told_by="h")], depth=1, trusted=False, speaker=honest)
    of_the_liar, of_the_honest = drain(known)

    def admitted(number: int, target: Target) -> bool:
        return known.admit_address(f"85.1.0.{number}", trusted=False, teller="x", voice=target.voice)

    assert [admitted(number, of_the_liar) for number in (1, 2, 3)] == [True, True, False]
    assert admitted(1, of_the_liar), "it has its place already"
    assert [admitted(number, of_the_honest) for number in (3, 4, 5)] == [True, True, False]
    assert known.counts == {"overflow_v4_16": 2}

    visits = [
        known.admit_machine("m", trusted=False, teller="x", voice=one.voice)
        for one in (of_the_liar, of_the_liar, of_the_liar, of_the_honest, of_the_honest)
    ]
    assert visits == [True, True, False, True, False]


def test_lists_may_fill_a_network() -> None:
    known = frontier(addresses_per_v4_16=4)
    known.offer([make_sighting(host="a.org")], depth=0, trusted=False)
    (target,) = drain(known)

    admitted = [
        known.admit_address(f"85.1.0.{number}", trusted=False, teller="x", voice=target.voice) for number in range(5)
    ]

    assert admitted == [True] * 4 + [False]


def test_filters_and_limit_leave_targets_known_but_unvisited() -> None:
    known = frontier(accept=lambda target: target.transport is Transport.SSL, limit=1)

    known.offer(
        [
            make_sighting(host="plain.org", transport=Transport.TCP, port=50001),
            make_sighting(host="one.org"),
            make_sighting(host="two.org"),
        ],
        depth=0,
        trusted=True,
    )

    assert [target.host for target in drain(known)] == ["one.org"]
    assert known.counts == {"skipped_filtered": 1, "skipped_limit": 1}
    assert known.known == 3
    assert known.drop_withheld() == []


def test_only_the_first_words_of_each_source_about_a_target_are_kept() -> None:
    known = frontier()

    told = [
        known.offer(hearsay("a.example.org", told_by=str(number)), depth=1, trusted=False)
        for number in range(TELLERS_KEPT + 3)
    ]
    named = known.offer([make_sighting(host="a.example.org", source="features_hosts")], depth=1, trusted=False)

    assert [len(kept) for kept in told] == [1] * TELLERS_KEPT + [0] * 3
    assert len(named) == 1, "another source has something new to say"
    assert known.known == 1


def test_a_server_needs_no_second_voice_for_another_port_of_its_own_host() -> None:
    known = frontier()
    speaker = make_endpoint(host="a.example.org", address="5.9.1.1")

    known.offer(
        hearsay("a.example.org", "5.9.1.1", "b.example.org", port=4242), depth=1, trusted=False, speaker=speaker
    )
    known.offer(hearsay("a.example.org", port=22), depth=1, trusted=False, speaker=speaker)

    assert {target.host for target in drain(known)} == {"a.example.org", "5.9.1.1"}
    assert {(target.host, target.port) for target in known.drop_withheld()} == {
        ("b.example.org", 4242),
        ("a.example.org", 22),
    }


def own_port(known: Frontier, speaker: Endpoint, *hosts: str) -> Sequence[Target]:
    say(known, speaker, *hosts, port=4242)
    return drain(known)


def test_what_a_server_says_of_itself_holds_where_it_spoke_and_not_where_its_name_leads_besides() -> None:
    known = frontier()

    [target] = own_port(known, FIRST, FIRST.host)

    assert known.is_open(target, FIRST.address)
    assert not known.is_open(target, "9.9.9.9")
    assert [(one.host, one.addresses) for one in known.drop_withheld()] == [(FIRST.host, ("9.9.9.9",))]
    assert known.drop_withheld() == []


def test_another_of_its_addresses_opens_once_it_has_spoken_from_there_too() -> None:
    known = frontier()
    [target] = own_port(known, FIRST, FIRST.host)
    known.is_open(target, "5.9.1.3")
    known.is_open(target, "9.9.9.9")

    [more] = own_port(known, at("5.9.1.3", FIRST.host), FIRST.host)

    assert (more.host, more.addresses) == (FIRST.host, ("5.9.1.3",))
    assert known.is_open(more, "5.9.1.3")
    assert [one.addresses for one in known.drop_withheld()] == [("9.9.9.9",)]


def test_a_second_voice_opens_what_was_held_back() -> None:
    known = frontier()
    [target] = own_port(known, FIRST, FIRST.host)
    known.is_open(target, "9.9.9.9")

    [more] = own_port(known, SECOND, FIRST.host)

    assert more.addresses == ("9.9.9.9",)
    assert known.is_open(more, "9.9.9.9")
    assert known.drop_withheld() == []


def test_a_name_that_is_not_looked_up_here_was_met_nowhere_unless_it_is_an_onion() -> None:
    onion = make_endpoint(host="a" * 56 + ".onion", address=None)
    known = frontier()

    own_port(known, make_endpoint(host="a.org", address=None), "a.org")
    [target] = own_port(known, onion, onion.host)

    assert (target.host, known.is_open(target, None)) == (onion.host, True)
    assert [one.host for one in known.drop_withheld()] == ["a.org"]


def answered_before(*addresses: str, source: str = known_endpoints.ID) -> list[Sighting]:
    return [make_sighting(host="a.org", port=4242, source=source, address_claimed=one) for one in addresses]


def test_what_answered_in_an_earlier_campaign_is_dialled_where_it_answered() -> None:
    known = frontier()

    known.offer(answered_before("5.9.1.2"), depth=0, trusted=True)

    [target] = drain(known)
    assert not target.trusted, "strangers named it once, and nobody chose it since"
    assert known.is_open(target, "5.9.1.2")
    assert not known.is_open(target, "9.9.9.9")


def test_what_an_import_brings_is_hearsay() -> None:
    known = frontier()

    known.offer(answered_before("5.9.1.2", source=known_endpoints.IMPORTED_ID), depth=0, trusted=True)

    assert known.take() is None
    assert [one.host for one in known.drop_withheld()] == ["a.org"]


@pytest.mark.parametrize("source", sorted(known_endpoints.NO_CHOICE))
def test_who_said_so_then_and_says_so_now_is_one_voice(source: str) -> None:
    known = frontier()

    known.offer(answered_before("5.9.1.2", source=source), depth=0, trusted=True)
    drain(known)
    say(known, FIRST, "a.org", port=4242)
    assert not known.is_open(
        Target(host="a.org", port=4242, transport=Transport.SSL, depth=0, trusted=False, tellers=()), "9.9.9.9"
    )
    say(known, SECOND, "a.org", port=4242)

    assert [target.host for target in drain(known)] == ["a.org"]
