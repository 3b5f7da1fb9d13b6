"""Address literals are told from names, and read as Python reads them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.address import is_address, lies_in, network_around, parse_address

NETWORKS = [ipaddress.ip_network(text) for text in ("5.9.0.0/16", "::/96", "2a01:4f8::/32")]


@given(address=st.ip_addresses())
def test_every_spelling_of_an_address_is_read(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    for text in (str(address), address.exploded, str(address).upper()):
        assert parse_address(text) == address
        assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "5.9.1",
        "5.9.1.2.",
        "05.9.1.2",
        "0x7f000001",
        "[::1]",
        "fe80::1%eth0",
        "::1%",
        "1" * 5_000_000,
    ],
)
def test_all_else_is_no_address(text: str) -> None:
    assert parse_address(text) is None
    assert not is_address(text)


def test_the_longest_spelling_is_read() -> None:
    assert is_address("0000:0000:0000:0000:0000:ffff:255.255.255.255")


@given(address=st.ip_addresses(), bits=st.integers(0, 32))
def test_the_network_around_an_address_is_the_one_that_python_names(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int
) -> None:
    assert network_around(address, bits) == str(ipaddress.ip_network((address, bits), strict=False))


@pytest.mark.parametrize(
    ("text", "inside"), [("5.9.255.1", True), ("5.10.0.1", False), ("::5.9.1.2", True), ("::1:0:0", False)]
)
def test_an_address_lies_in_networks_of_its_own_version(text: str, inside: bool) -> None:
    address = parse_address(text)

    assert address is not None
    assert lies_in(address, NETWORKS) is inside
