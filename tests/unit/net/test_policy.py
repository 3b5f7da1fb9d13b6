"""Every range that must not be dialled, by its reason; and the ports of other people's services."""

import csv
import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.net.policy import (
    FOREIGN_SERVICES,
    OWN_NETWORKS,
    REASONS,
    USUAL_PORTS,
    AddressPolicy,
    PortPolicy,
)

LOCAL_NAMES = [
    "localhost",
    "router",
    "x.localhost",
    "router.lan",
    "printer.local",
    "vault.internal",
    "nas.home.arpa",
    "box.localdomain",
    "a.b.test",
    "a.invalid",
    "lan",
]


@pytest.mark.parametrize("name", LOCAL_NAMES)
def test_names_that_mean_something_else_on_every_network_are_refused_unless_loopback_is_allowed(name):
    assert AddressPolicy().name_refusal(name) == "local_name"
    assert AddressPolicy(allow=(ipaddress.ip_network("192.168.1.0/24"),)).name_refusal(name) == "local_name"
    assert AddressPolicy(allow=(ipaddress.ip_network("127.0.0.0/8"),)).name_refusal(name) is None
    assert AddressPolicy(allow=OWN_NETWORKS).name_refusal(name) is None
    assert "local_name" in REASONS


PUBLIC_NAMES = ["a.org", "lan.example.org", "notlocal.org", "x.dlan", "home.arpa.org", "b" * 56 + ".onion"]


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_names_of_the_public_dns_and_onions_are_not_refused(name):
    assert AddressPolicy().name_refusal(name) is None


REFUSED = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("::", "unspecified"),
    ("127.0.0.1", "loopback"),
    ("127.0.1.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("fc00::1", "private"),
    ("fdff:ffff::1", "private"),
    ("100.64.0.1", "cgnat"),
    ("100.127.255.255", "cgnat"),
    ("169.254.169.254", "link_local"),
    ("fe80::1", "link_local"),
    ("febf::1", "link_local"),
    ("fec0::1", "site_local"),
    ("192.0.2.1", "documentation"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.255", "documentation"),
    ("2001:db8::1", "documentation"),
    ("3fff:fff::1", "documentation"),
    ("198.18.0.1", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("2001:2::1", "benchmarking"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("ff02::1", "multicast"),
    ("255.255.255.255", "broadcast"),
    ("::ffff:8.8.8.8", "ipv4_mapped"),
    ("::ffff:127.0.0.1", "ipv4_mapped"),
    ("::8.8.8.8", "ipv4_compatible"),
    ("::ffff:0:8.8.8.8", "ipv4_translated"),
    ("64:ff9b::8.8.8.8", "nat64"),
    ("64:ff9b:1::1", "nat64"),
    ("192.88.99.1", "6to4"),
    ("2002:808:808::1", "6to4"),
    ("2001::1", "teredo"),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "teredo"),
    ("2001:10::1", "orchid"),
    ("2001:20::1", "orchid"),
    ("100::1", "discard"),
    ("192.0.0.8", "reserved"),
    ("192.31.196.1", "reserved"),
    ("192.52.193.1", "reserved"),
    ("192.175.48.1", "reserved"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.254", "reserved"),
    ("2001:1ff::1", "reserved"),
    ("2620:4f:8000::1", "reserved"),
    ("200::1", "reserved"),
    ("4000::1", "reserved"),
    ("fe00::1", "reserved"),
    ("", "not_an_address"),
    ("localhost", "not_an_address"),
    ("127.1", "not_an_address"),
    ("0x7f000001", "not_an_address"),
    ("8.8.8.8:53", "not_an_address"),
]

ALLOWED = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2a01:4f8::1",
]


@pytest.mark.parametrize(("address", "reason"), REFUSED)
def test_reserved_addresses_are_refused_with_their_reason(address, reason):
    assert AddressPolicy().refusal(address) == reason


def test_the_table_above_shows_every_reason():
    assert {reason for _, reason in REFUSED} | {"local_name", "outside_the_lab"} == REASONS


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_dialled(address):
    assert AddressPolicy().refusal(address) is None


@pytest.mark.parametrize(
    "address", ["0.0.0.0", "10.1.2.3", "172.20.0.1", "192.168.0.1", "169.254.1.1", "240.1.1.1", "8.8.8.8"]
)
def test_no_form_of_ipv6_smuggles_an_ipv4_address(address):
    packed = int(ipaddress.IPv4Address(address))
    forms = [
        ipaddress.IPv6Address(packed),
        ipaddress.IPv6Address((0xFFFF << 32) | packed),
        ipaddress.IPv6Address((0xFFFF << 48) | packed),
        ipaddress.IPv6Address((0x64FF9B << 96) | packed),
        ipaddress.IPv6Address((0x2002 << 112) | (packed << 80)),
        ipaddress.IPv6Address((0x20010000 << 96) | (packed ^ 0xFFFFFFFF)),
    ]

    assert all(AddressPolicy().refusal(str(form)) is not None for form in forms)


def test_the_standard_library_knows_no_special_address_that_we_would_dial():
    policy = AddressPolicy()
    samples = [ipaddress.IPv4Address(first << 24 | second << 16 | 1) for first in range(256) for second in range(256)]
    special = [sample for sample in samples if not sample.is_global or sample.is_multicast]

    dialled = [sample for sample in special if policy.refusal(str(sample)) is None]

    assert len(special) > 1000

    assert dialled == []


def test_own_networks_are_dialled_when_a_person_says_so_and_nothing_else_is():
    policy = AddressPolicy(allow=OWN_NETWORKS)

    assert policy.refusal("127.0.0.1") is None
    assert policy.refusal("192.168.1.7") is None
    assert policy.refusal("fd00::1") is None
    assert policy.refusal("::ffff:127.0.0.1") == "ipv4_mapped"
    assert policy.refusal("224.0.0.1") == "multicast"


def test_a_scan_without_manners_dials_the_allowed_networks_and_nothing_else():
    policy = AddressPolicy(allow=(ipaddress.ip_network("127.0.0.0/8"),), only_allowed=True)

    assert policy.refusal("127.0.0.9") is None
    assert policy.refusal("8.8.8.8") == policy.refusal("2a01:4f8::1") == "outside_the_lab"
    assert policy.refusal("10.0.0.1") == "private"


def test_usual_ports_are_dialled_on_one_teller_s_word():
    policy = PortPolicy()

    assert all(policy.refusal(port) is None for port in USUAL_PORTS)
    assert all(policy.refusal(one.tcp_port) is policy.refusal(one.ssl_port) is None for one in NETWORKS.values())


@pytest.mark.parametrize(
    ("tellers", "trusted", "verdict"), [(1, False, "unusual_port"), (2, False, None), (1, True, None), (0, True, None)]
)
def test_unusual_ports_need_two_tellers_or_a_trusted_list(tellers, trusted, verdict):
    assert PortPolicy().refusal(5010, tellers=tellers, trusted=trusted) == verdict


@pytest.mark.parametrize("port", sorted(FOREIGN_SERVICES))
def test_other_people_s_services_are_never_dialled(port):
    assert PortPolicy().refusal(port, tellers=1000, trusted=True) == "foreign_service"


def test_the_two_tables_of_ports_do_not_meet():
    assert not FOREIGN_SERVICES.keys() & USUAL_PORTS.keys()
    assert {22, 25} <= FOREIGN_SERVICES.keys()


def test_every_server_of_a_published_list_may_be_dialled(shared):
    with (shared / "data" / "published_histogram_study.csv").open(encoding="utf-8") as file:
        ports = [int(row["port"]) for row in csv.DictReader(file)]

    assert len(ports) == 59
    assert [port for port in ports if PortPolicy().refusal(port, trusted=True)] == []


_PREFIXES = [
    0,
    0xFFFF << 32,
    0xFFFF << 48,
    0x64FF9B << 96,
    0x64FF9B0001 << 80,
    0x2002 << 112,
    0x20010000 << 96,
    0x20010DB8 << 96,
    0xFC00 << 112,
    0xFE80 << 112,
    0xFF02 << 112,
]
ADDRESSES = st.one_of(
    st.ip_addresses(),
    st.builds(
        lambda prefix, rest: ipaddress.IPv6Address(prefix | rest),
        st.sampled_from(_PREFIXES),
        st.integers(0, 2**32 - 1) | st.integers(0, 2**48 - 1),
    ),
)


@settings(max_examples=1_000)
@given(address=ADDRESSES)
def test_whatever_is_dialled_is_a_public_unicast_address_that_wraps_no_other(address) -> None:
    if AddressPolicy().refusal(str(address)) is not None:
        return

    assert address.is_global
    assert not address.is_multicast
    if address.version == 6:
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)
        assert address in ipaddress.ip_network("2000::/3")


@given(address=ADDRESSES)
def test_every_refusal_has_a_reason_of_the_closed_list(address) -> None:
    reason = AddressPolicy().refusal(str(address))

    assert reason is None or reason in REASONS


@given(address=ADDRESSES, network=st.sampled_from(OWN_NETWORKS))
def test_what_a_person_allows_changes_the_verdict_of_nothing_else(address, network) -> None:
    verdict = AddressPolicy(allow=(network,)).refusal(str(address))

    inside = address.version == network.version and address in network
    assert verdict == (None if inside else AddressPolicy().refusal(str(address)))
