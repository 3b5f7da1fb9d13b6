"""No address that is not public is ever dialled, however it is spelled or wrapped; no public one is refused."""

import ipaddress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from electrum_observatory.model.address import parse_address
from electrum_observatory.net.policy import FOREIGN_SERVICES, OWN_NETWORKS, USUAL_PORTS, AddressPolicy, PortPolicy
from tests.properties.strategies import IPV4, IPV6, inside

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NOT_PUBLIC = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/3", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "4000::/2", "8000::/1"),
)
"""The IANA special-purpose registries (2025-05), and all of IPv6 that is no global unicast; written down apart from the
table under test."""

_NETWORKS = tuple(map(ipaddress.ip_network, NOT_PUBLIC))
POLICY = AddressPolicy()


def is_public(address: Address) -> bool:
    """Whether neither the registries nor the standard library call an address special."""
    listed = any(address.version == network.version and address in network for network in _NETWORKS)
    return not listed and address.is_global and not address.is_multicast


def wrapped(address: ipaddress.IPv4Address) -> list[ipaddress.IPv6Address]:
    """Every way in which IPv6 carries an IPv4 address."""
    low = int(address)
    numbers = [
        low,  # compatible, RFC 4291
        0xFFFF << 32 | low,  # mapped, RFC 4291
        0xFFFF << 48 | low,  # translated, RFC 2765
        0x64FF9B << 96 | low,  # NAT64, RFC 6052
        0x64FF9B0001 << 80 | low,  # NAT64 of one's own, RFC 8215
        0x2002 << 112 | low << 80 | 1,  # 6to4, RFC 3056
        0x20010000 << 96 | low << 64 | 1,  # a Teredo server, RFC 4380
        0x20010000 << 96 | low ^ 0xFFFFFFFF,  # a Teredo client
        0xFE80 << 112 | 0x5EFE << 32 | low,  # ISATAP, RFC 5214
    ]
    return [ipaddress.IPv6Address(number) for number in numbers]


@pytest.mark.parametrize("network", NOT_PUBLIC)
@settings(max_examples=20)
@given(data=st.data())
def test_every_address_of_a_special_network_is_refused(network: str, data: st.DataObject) -> None:
    address = data.draw(inside(network))

    assert POLICY.refusal(str(address)) is not None
    assert POLICY.refusal(address.exploded) is not None


@given(address=IPV4 | st.sampled_from(NOT_PUBLIC[:19]).flatmap(inside))
def test_no_ipv4_address_is_dialled_inside_of_ipv6(address: ipaddress.IPv4Address) -> None:
    assert [form for form in wrapped(address) if POLICY.refusal(str(form)) is None] == []


@given(address=IPV4 | IPV6)
def test_exactly_the_public_addresses_are_dialled(address: Address) -> None:
    assert (POLICY.refusal(str(address)) is None) == is_public(address)


@given(address=inside("2000::/3") | inside("1.0.0.0/8") | inside("5.0.0.0/8"))
def test_public_addresses_are_not_refused(address: Address) -> None:
    assume(is_public(address))

    assert POLICY.refusal(str(address)) is None
    assert POLICY.refusal(address.exploded) is None


@given(address=IPV4 | IPV6, allowed=st.sampled_from(OWN_NETWORKS))
def test_what_a_person_allows_is_allowed_and_nothing_else_changes(address: Address, allowed: object) -> None:
    assert isinstance(allowed, ipaddress.IPv4Network | ipaddress.IPv6Network)
    opened = AddressPolicy(allow=(allowed,))

    if address.version == allowed.version and address in allowed:
        assert opened.refusal(str(address)) is None
    else:
        assert opened.refusal(str(address)) == POLICY.refusal(str(address))


@given(text=st.text(max_size=20) | IPV4.map(lambda one: f"{one}:22") | IPV6.map(lambda one: f"[{one}]"))
def test_what_is_no_address_is_never_dialled(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert POLICY.refusal(text) == "not_an_address"


@given(
    address=inside("2a00::/12") | inside("fe80::/10") | IPV6, scope=st.text(max_size=9) | st.sampled_from(["eth0", "1"])
)
def test_an_address_with_a_scope_is_none(address: ipaddress.IPv6Address, scope: str) -> None:
    for text in (f"{address}%{scope}", f"{address.exploded}%{scope}"):
        assert parse_address(text) is None
        assert POLICY.refusal(text) == "not_an_address"


@given(port=st.integers(1, 65535) | st.sampled_from(sorted(FOREIGN_SERVICES)), tellers=st.integers(0, 9))
def test_a_port_is_dialled_only_if_usual_or_vouched_for_and_never_if_foreign(port: int, tellers: int) -> None:
    verdicts = {trusted: PortPolicy().refusal(port, tellers=tellers, trusted=trusted) for trusted in (False, True)}

    vouched = port in USUAL_PORTS or tellers >= 2
    expected = {False: None if vouched else "unusual_port", True: None}
    assert verdicts == (dict.fromkeys((False, True), "foreign_service") if port in FOREIGN_SERVICES else expected)
