"""Hearsay: floods, other people's machines, and names that are none."""

import math
from collections import Counter
from collections.abc import Sequence

from electrum_observatory.lab.hostile.peers import (
    CROWD,
    FLOOD_ROWS,
    FORBIDDEN,
    FOREIGN_PORTS,
    LOCAL,
    MIXED,
    NAMES_OF_THE_DEAD,
    OWN_PORT,
    REBINDING,
    SUBDOMAIN_OF,
    SUBDOMAINS,
    UNUSUAL_PORTS,
    VICTIM,
    subdomain,
)
from electrum_observatory.lab.hostile.texts import TEXTS
from electrum_observatory.model.endpoint import Endpoint, Transport, normalise_host
from electrum_observatory.protocol.peers import MOST_READ
from tests.hostile.case import Case
from tests.hostile.orders import Record, Seen
from tests.hostile.places import address_of, crowd_of, host_of

_DEFAULT = {"per_reply": 1_000, "per_domain": 100, "per_machine": 50, "per_v4_16": 128, "per_v6_48": 64}
FORBIDDEN_BESIDE = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::1")
"""What ``mixed_names`` resolves to beside its own address, all of it within the cap of addresses per host."""
LIARS = (host_of("subdomain_flood"), *crowd_of("subdomain_flood", 2))
LONGEST_ROW = 150
"""Characters of a row of ``peer_flood`` as it is stored."""


def teller(record: Record, seen: Sequence[Seen]) -> str:
    """The endpoint id of the act's own TCP port, which told all this; its peer list is kept."""
    (own,) = {one.endpoint for one in seen if one.probe == "peers" and one.endpoint.startswith("tcp:")}
    return Endpoint.parse(own).endpoint_id


def refused(record: Record, by: str) -> Counter[tuple[str, str]]:
    """What was refused on one teller's word: kind and reason. That word stands in each record."""
    failures = [one for one in record.seen if one.stage == "policy"]
    assert all(f"told by {by}" in one.detail for one in failures), failures
    return Counter((str(one.kind), one.detail.partition(";")[0]) for one in failures)


def counted(record: Record, reason: str, number: int, by: str) -> None:
    """Assert that the seal counts so many of a reason, all of them by this teller."""
    assert record.counts.get(reason) == record.counts.get(f"{reason}_told_by_{by}") == number, record.counts


def overflow_is_counted(record: Record, seen: Sequence[Seen]) -> None:
    by = teller(record, seen)
    counted(record, "overflow_reply", FLOOD_ROWS - _DEFAULT["per_reply"], by)
    assert record.counts["targets"] <= _DEFAULT["per_reply"] + 10
    assert Counter(one.kind for one in record.seen)["name_not_found"] == _DEFAULT["per_reply"]
    (peers,) = [one for one in seen if one.probe == "peers" and one.endpoint.startswith("tcp:")]
    assert peers.result["characters"] < MOST_READ * LONGEST_ROW, "rows that nobody reads were stored"


def one_machine_stays_one(record: Record, seen: Sequence[Seen]) -> None:
    lists = 2 * len(LIARS)
    names = {one.endpoint for one in record.seen if f".{SUBDOMAIN_OF}:" in one.endpoint and one.probe == "connection"}
    assert len(names) <= math.ceil(_DEFAULT["per_machine"] / 2)
    assert record.counts["overflow_reply"] == lists * (SUBDOMAINS - _DEFAULT["per_reply"])
    assert record.counts["overflow_domain"] == lists * _DEFAULT["per_reply"] - _DEFAULT["per_domain"]
    for liar in LIARS:
        by = teller(record, record.of(liar))
        assert record.counts[f"overflow_reply_told_by_{by}"] == 2 * (SUBDOMAINS - _DEFAULT["per_reply"])
    assert record.counts["overflow_machine"] >= _DEFAULT["per_domain"] - _DEFAULT["per_machine"]


def every_range_is_refused(record: Record, seen: Sequence[Seen]) -> None:
    by = teller(record, seen)
    expected = {("address_refused", reason): len(addresses) for reason, addresses in FORBIDDEN.items()}
    assert refused(record, by) == expected
    assert {reason: record.counts.get(f"refused_{reason}") for reason in FORBIDDEN} == {
        reason: len(addresses) for reason, addresses in FORBIDDEN.items()
    }


def foreign_ports_are_refused(record: Record, seen: Sequence[Seen]) -> None:
    by = teller(record, seen)
    own = 3
    assert refused(record, by) == {
        ("port_refused", "foreign_service"): len(FOREIGN_PORTS) + own,
        ("port_refused", "unusual_port"): len(UNUSUAL_PORTS),
    }
    assert record.counts["refused_foreign_service"] == len(FOREIGN_PORTS) + own
    assert len([one for one in record.of(VICTIM) if one.probe == "connection"]) == len(FOREIGN_PORTS + UNUSUAL_PORTS)


def each_address_is_judged(record: Record, seen: Sequence[Seen]) -> None:
    by = teller(record, seen)
    good = [one for one in record.of(MIXED) if one.endpoint.endswith(f"@{address_of('mixed_names')}")]
    assert {one.status for one in good} <= {"completed", "not_applicable"}
    assert "banner" in {one.probe for one in good}
    beside = {f"@{normalise_host(address)}".replace("@", "") for address in FORBIDDEN_BESIDE}
    bad = {str(Endpoint.parse(one.endpoint).address) for one in record.of(MIXED) if one.stage == "policy"}
    assert bad == beside
    assert sum(refused(record, by).values()) == len(beside) + len(("127.0.0.1", "::1")) * 2, "localhost on two ports"


def the_checked_address_is_dialled(record: Record, seen: Sequence[Seen]) -> None:
    found = record.of(REBINDING)
    own = address_of("rebinding_names")
    assert {Endpoint.parse(one.endpoint).address for one in found} == {own}
    assert {one.endpoint.partition(":")[0] for one in found} == {"ssl", "tcp"}
    assert {one.status for one in found} <= {"completed", "not_applicable"}


def its_word_holds_where_it_spoke(record: Record, seen: Sequence[Seen]) -> None:
    found = [one for one in seen if Endpoint.parse(one.endpoint).port == OWN_PORT]
    told = {(Endpoint.parse(one.endpoint).address, one.kind) for one in found}
    assert told == {(address_of("own_name_leads_elsewhere"), "connect_refused"), (VICTIM, "port_refused")}
    (refusal,) = [one.detail for one in found if one.kind == "port_refused"]
    assert refusal == f"unusual_port; told by {teller(record, seen)}"


def a_few_names_will_do(record: Record, seen: Sequence[Seen]) -> None:
    tried = [one for name in NAMES_OF_THE_DEAD for one in record.of(name) if one.probe == "connection"]
    spared = [one for one in tried if one.kind == "other_names_failed"]
    assert len(tried) == len(NAMES_OF_THE_DEAD)
    assert record.counts.get("refused_other_names_failed", 0) >= len(spared)
    under_way = 2
    assert 1 <= len(tried) - len(spared) <= 3 + under_way, tried
    assert {one.kind for one in tried} == {"connection_reset", "other_names_failed"}


def crowds_are_cut(record: Record, seen: Sequence[Seen]) -> None:
    by = teller(record, seen)
    for_one_voice = {name: _DEFAULT[f"per_{name}"] // 2 for name in ("v4_16", "v6_48")}
    for name, room in for_one_voice.items():
        counted(record, f"overflow_{name}", CROWD - room, by)
    outside = Counter(one.kind for one in record.seen if one.stage == "policy")
    assert outside == {"not_in_overlay": sum(for_one_voice.values())}


def odd_names_are_counted(record: Record, seen: Sequence[Seen]) -> None:
    (peers,) = [one for one in seen if one.probe == "peers" and one.endpoint.startswith("tcp:")]
    assert peers.result["rows"] == len(TEXTS)
    assert peers.result["malformed"] == len(TEXTS) - len(peers.result["peers"])
    hosts = [one["host"] for one in peers.result["peers"]]
    assert all(host == normalise_host(host) and host.isascii() and host.isprintable() for host in hosts)
    assert len(hosts) <= 2, "names of invisible letters are names"


def line_too_long(record: Record, seen: Sequence[Seen]) -> None:
    assert {one.kind for one in seen if one.probe == "peers"} == {"line_too_long"}
    assert record.counts["targets"] < 10


PEER_CASES: tuple[Case, ...] = (
    Case(
        act="peer_flood",
        recorded="peers completed; 1,000 rows followed, the rest counted as overflow_reply of this teller",
        judge=overflow_is_counted,
        defences=("rows_cap",),
        transports=(Transport.TCP,),
    ),
    Case(
        act="peer_flood_million",
        recorded="peers failed with line_too_long; nobody is followed",
        judge=line_too_long,
        defences=("line_cap",),
    ),
    Case(
        act="subdomain_flood",
        recorded="100 names followed, 25 of them visited: overflow_reply, overflow_domain, overflow_machine",
        judge=one_machine_stays_one,
        defences=("reply_cap", "domain_cap", "machine_cap"),
        transports=(Transport.TCP,),
        names={
            subdomain(kind, number, liar): [[address_of("subdomain_flood")]]
            for liar in LIARS
            for kind in "hp"
            for number in range(_DEFAULT["per_reply"])
        },
        crowd=len(LIARS) - 1,
        growth_mb=150,
    ),
    Case(
        act="forbidden_addresses",
        recorded="address_refused with the range's reason and the teller, for each; nothing is dialled",
        judge=every_range_is_refused,
        defences=("address_policy",),
        transports=(Transport.TCP,),
    ),
    Case(
        act="foreign_ports",
        recorded="port_refused: foreign_service, its own machine's included; unusual_port where one voice names it",
        judge=foreign_ports_are_refused,
        defences=("port_policy", "one_voice_per_machine"),
        transports=(Transport.TCP,),
    ),
    Case(
        act="mixed_names",
        recorded="the good address is measured, each forbidden one refused with its own reason",
        judge=each_address_is_judged,
        defences=("every_address_is_checked",),
        transports=(Transport.TCP,),
        names={
            MIXED: [[*FORBIDDEN_BESIDE[:3], address_of("mixed_names"), *FORBIDDEN_BESIDE[3:]]],
            LOCAL: [["127.0.0.1", "::1"]],
        },
    ),
    Case(
        act="rebinding_names",
        recorded="both ports measured at the address that was checked; the name is asked for once",
        judge=the_checked_address_is_dialled,
        defences=("one_lookup_per_name",),
        transports=(Transport.TCP,),
        names={REBINDING: [[address_of("rebinding_names")], ["127.0.0.1"], ["10.0.0.1"], ["1.1.1.1"]]},
    ),
    Case(
        act="own_name_leads_elsewhere",
        recorded="the port dialled where the server spoke from; port_refused: unusual_port at the stranger's address",
        judge=its_word_holds_where_it_spoke,
        defences=("own_word_where_spoken",),
        transports=(Transport.TCP,),
        names={host_of("own_name_leads_elsewhere"): [[address_of("own_name_leads_elsewhere"), VICTIM]]},
    ),
    Case(
        act="many_names_of_one_dead_socket",
        recorded="three names failed with connection_reset, the others are other_names_failed and not dialled",
        judge=a_few_names_will_do,
        defences=("dead_ends",),
        transports=(Transport.TCP,),
        names={name: [[address_of("many_names_of_one_dead_socket")]] for name in NAMES_OF_THE_DEAD},
    ),
    Case(
        act="crowded_networks",
        recorded="64 addresses of the /16 and 32 of the /48 taken up, half of what is room for; the rest is overflow",
        judge=crowds_are_cut,
        defences=("network_caps", "half_for_one_voice"),
        transports=(Transport.TCP,),
    ),
    Case(
        act="names_that_are_no_names",
        recorded="peers completed; the rows counted as malformed, none followed",
        judge=odd_names_are_counted,
        defences=("hosts_are_checked",),
        transports=(Transport.TCP,),
    ),
)
