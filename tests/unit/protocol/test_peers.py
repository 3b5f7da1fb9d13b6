"""What servers say of others."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json
from electrum_observatory.protocol.peers import (
    INTERNATIONAL_READ,
    MOST_READ,
    AdvertisedHost,
    AdvertisedService,
    PeerRows,
    read_features_hosts,
    read_peer_row,
)
from tests.unit.protocol.strategies import JSON_VALUES
from tests.work import calls_in

TCP, SSL, WSS = Transport.TCP, Transport.SSL, Transport.WSS


def service(transport: Transport, port: int | None) -> AdvertisedService:
    return AdvertisedService(transport=transport, port=port)


def test_a_row_is_read_in_full() -> None:
    row = ["5.9.1.2", "Electrum.Example.ORG.", ["v1.4.2", "p10000", "s50002", "t50001"]]

    assert read_peer_row(row) == AdvertisedHost(
        host="electrum.example.org",
        address="5.9.1.2",
        services=(service(SSL, 50002), service(TCP, 50001)),
        protocol_max="1.4.2",
        pruning="10000",
    )


def test_a_bare_letter_means_the_default_port_of_the_network() -> None:
    host = read_peer_row(["5.9.1.2", "h.example", ["v1.4", "s", "t"]])

    assert host is not None
    assert host.services == (service(SSL, None), service(TCP, None))


def test_several_ports_of_one_transport_are_kept_once_each() -> None:
    host = read_peer_row(["5.9.1.2", "h.example", ["s50002", "s443", "s50002", "T50001"]])

    assert host is not None
    assert host.services == (service(SSL, 50002), service(SSL, 443), service(TCP, 50001))


@pytest.mark.parametrize("feature", ["s0", "s65536", "s-1", "s 1", "s²", "t99999999999", "x5", "", 5, None, "s1e3"])
def test_malformed_features_are_passed_over(feature: object) -> None:
    host = read_peer_row(["5.9.1.2", "h.example", [feature, "t50001"]])

    assert host is not None
    assert host.services == (service(TCP, 50001),)


def test_an_onion_and_an_address_that_is_a_name_are_kept_without_address() -> None:
    onion = "explorerzydxu5ecjrkwceayqybizmpjjznk5izmitf2modhcusuqlid.onion"

    host = read_peer_row([onion, onion.upper(), ["v1.4", "t110"]])

    assert host == AdvertisedHost(host=onion, address=None, services=(service(TCP, 110),), protocol_max="1.4")


def test_ipv6_is_compressed_with_and_without_brackets() -> None:
    bare = read_peer_row(["2001:DB8:0:0::1", "2001:db8::0:1", []])
    bracketed = read_peer_row(["[2001:db8::1]", "[2001:db8::1]", []])

    assert bare == bracketed == AdvertisedHost(host="2001:db8::1", address="2001:db8::1")


@pytest.mark.parametrize(
    "row",
    [
        None,
        "abc",
        {},
        [],
        ["5.9.1.2"],
        ["5.9.1.2", 5, []],
        ["5.9.1.2", "h.example", "v1.4"],
        ["5.9.1.2", "two words", []],
        ["5.9.1.2", "h.example\n", []],
        ["5.9.1.2", "::1%\x1b[31m", []],
        ["5.9.1.2", "0x7f.0.0.0x1", []],
        ["5.9.1.2", "x" * 100_000, []],
        ["5.9.1.2", "", []],
    ],
    ids=lambda row: repr(row)[:30],
)
def test_malformed_rows_are_none(row: object) -> None:
    assert read_peer_row(row) is None


@settings(max_examples=50)
@given(row=JSON_VALUES | st.tuples(JSON_VALUES, JSON_VALUES, JSON_VALUES).map(list))
def test_no_row_makes_the_reader_raise(row: object) -> None:
    read_peer_row(row)
    read_features_hosts(row)


def test_a_scoped_address_beside_a_name_is_dropped() -> None:
    host = read_peer_row(["fe80::1%eth0\n", "h.example", []])

    assert host == AdvertisedHost(host="h.example")


def test_of_a_row_of_thousands_of_ports_the_first_twenty_are_read() -> None:
    features = [f"{letter}{port}" for letter in "st" for port in range(1, 20_001)]

    host = read_peer_row(["5.9.1.2", "h.example", features])

    assert host is not None
    assert [one.port for one in host.services] == list(range(1, 21))


def test_of_a_flood_of_rows_and_hosts_the_first_five_thousand_are_read() -> None:
    flood = [["", f"h{number}.example", []] for number in range(MOST_READ + 7)]

    assert len(PeerRows().read(flood)) == MOST_READ
    assert len(read_features_hosts({host: {"tcp_port": 50001} for _, host, _ in flood})) == MOST_READ


def test_of_names_that_are_not_ascii_the_first_fifty_are_read() -> None:
    flood = [["", f"bücher{number}.example", []] for number in range(INTERNATIONAL_READ + 7)]
    plain = ["", "h.example", []]

    hosts = PeerRows().read([*flood, plain])
    announced = read_features_hosts({host: {"tcp_port": 50001} for _, host, _ in [*flood, plain]})

    assert [one.host for one in hosts] == [one.host for one in announced]
    assert len(hosts) == INTERNATIONAL_READ + 1
    assert hosts[0].host == "xn--bcher0-3ya.example"
    assert hosts[-1].host == "h.example"


def test_international_names_of_hostile_length_are_no_names() -> None:
    assert read_peer_row(["", "bücher." * 9, []]) is not None
    assert read_peer_row(["", "bücher." * 10, []]) is None


def test_a_list_of_international_names_costs_a_few_times_what_a_plain_one_does() -> None:
    def work(host: str) -> int:
        return calls_in(lambda: PeerRows().read([["", host % number, ["t"]] for number in range(1_000)]))

    assert work("\ufdfa" * 30 + "%d") < 5 * work("plain%d.example")
    assert work("\u00fc" * 50 + "%d") < 15 * work("plain-too%d.example")


@pytest.mark.parametrize(
    "row",
    [
        lambda number: ["5.9.1.2", f"{number}" + "x" * 100_000, ["t"]],
        lambda number: [f"{number}" + "x" * 100_000, "h.example", ["t"]],
        lambda number: ["5.9.1.2", "h.example", [f"v{number}" + "x" * 100_000]],
    ],
)
def test_rows_of_hostile_length_are_read_and_not_remembered(row: Callable[[int], Json]) -> None:
    rows = PeerRows()

    def read_all() -> None:
        for number in range(100):
            rows.read([row(number)], msgspec.json.encode([row(number)]))

    assert _bytes_kept(read_all) < 1_000_000


def test_spellings_of_hostile_length_are_not_remembered() -> None:
    rows = PeerRows()
    row: Json = ["5.9.1.2", "h.example", ["t"]]

    def read_all() -> None:
        for number in range(100):
            rows.read([row], b'[["5.9.1.2","h.example",%*s["t"]]]' % (100_000 + number, b""))

    assert _bytes_kept(read_all) < 1_000_000


def _bytes_kept(act: Callable[[], None]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_claims_longer_than_any_version_are_left_out() -> None:
    host = read_peer_row(["5.9.1.2", "h.example", ["v1.4.2.3.4.5.6.7.8", "p" + "1" * 17, "t"]])
    whole = read_peer_row(["5.9.1.2", "h.example", ["v" + "1" * 16]])

    assert host is not None
    assert (host.protocol_max, host.pruning) == (None, None)
    assert whole is not None
    assert whole.protocol_max == "1" * 16


def test_features_hosts_are_read_with_every_transport() -> None:
    hosts = read_features_hosts({"H.example": {"tcp_port": 50001, "ssl_port": 50002, "wss_port": 50004, "x": 1}})

    services = (service(TCP, 50001), service(SSL, 50002), service(WSS, 50004))
    assert hosts == (AdvertisedHost(host="h.example", services=services),)


@pytest.mark.parametrize(
    "hosts",
    [None, [], {"tcp_port": 50001}, {"h.example": None}, {"two words": {"tcp_port": 1}}, "x"],
    ids=repr,
)
def test_malformed_features_hosts_are_left_out(hosts: object) -> None:
    assert read_features_hosts(hosts) == ()


@pytest.mark.parametrize("port", [None, 0, 65536, True, "50001", 1.5])
def test_malformed_ports_of_features_hosts_are_left_out(port: object) -> None:
    assert read_features_hosts({"h.example": {"tcp_port": port}}) == (AdvertisedHost(host="h.example"),)


def test_the_december_crawl_has_289_names_at_291_addresses_and_onions(shared: Path) -> None:
    rows = json.loads((shared / "data" / "crawl-2025-12" / "peers.json").read_bytes())

    hosts = [read_peer_row(row["raw"]) for row in rows]

    assert len(hosts) == 3828
    assert len({host.host for host in hosts if host is not None}) == 289
    assert len({host.address or host.host for host in hosts if host is not None}) == 291
