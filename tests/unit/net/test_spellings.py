"""Addresses in disguise: whatever some resolver would take for an address is refused, or judged as that address."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.model.endpoint import Endpoint, Transport, normalise_host
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.protocol.server_list import parse_target

POLICY = AddressPolicy()

NO_HOST = [
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "127.000.000.001",
    "127.0.0.0x1",
    "127.0.0.1..",
    "256.256.256.256",
    "1.2.3.4.5",
    "0",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "fe80::1%eth0",
    "[fe80::1%25eth0]",
    "2a01:4f8::1%1",
    "8.8.8.8%lo",
    "[0]",
    "127.0.0.1\n",
    "127.0.0.1:80",
    "127.0.0.1@8.8.8.8",
    "127.0.0.1\0.example.org",
    "127.0.0.1/32",
    "a.0x",
]


@pytest.mark.parametrize("text", NO_HOST)
def test_an_address_in_disguise_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        normalise_host(text)
    assert POLICY.refusal(text) == "not_an_address"
    with pytest.raises(ValueError, match=r".+"):
        parse_target(f"{text}:50002:s")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("127.0.0.1.", "loopback"),
        ("127.0.0.1", "loopback"),
        ("[::1]", "loopback"),
        ("0:0:0:0:0:0:0:1", "loopback"),
        ("[::]", "unspecified"),
        ("0.0.0.0", "unspecified"),
        ("::ffff:7f00:1", "ipv4_mapped"),
        ("[::FFFF:127.0.0.1]", "ipv4_mapped"),
        ("::127.0.0.1", "ipv4_compatible"),
        ("64:ff9b::7f00:1", "nat64"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:7f00:1::", "teredo"),
    ],
)
def test_a_known_spelling_is_judged_as_its_address(text: str, reason: str) -> None:
    assert POLICY.refusal(normalise_host(text)) == reason


@pytest.mark.parametrize("text", ["localhost", "LOCALHOST.", "lo\u00adcalhost", "loca\u200blhost", "ⓛocalhost"])
def test_every_spelling_of_localhost_is_a_local_name(text: str) -> None:
    assert POLICY.name_refusal(normalise_host(text)) == "local_name"


def _part(value: int, base: str) -> str:
    return {"d": f"{value}", "x": f"0x{value:x}", "X": f"0X{value:X}", "o": f"0{value:o}", "0": f"000{value:o}"}[base]


@given(address=st.integers(0, 2**32 - 1), parts=st.integers(1, 4), bases=st.lists(st.sampled_from("dxXo0"), min_size=4))
def test_whatever_the_system_s_resolver_takes_for_ipv4_is_no_host_or_exactly_that_address(
    address: int, parts: int, bases: list[str]
) -> None:
    values = [address >> (24 - 8 * place) & 0xFF for place in range(parts - 1)]
    values.append(address & (1 << 8 * (5 - parts)) - 1)
    text = ".".join(_part(value, base) for value, base in zip(values, bases, strict=False))
    meant = str(ipaddress.IPv4Address(socket.inet_aton(text)))

    try:
        host = normalise_host(text)
    except ValueError:
        return

    assert host == meant
    assert POLICY.refusal(host) == POLICY.refusal(meant)


@given(st.text(max_size=40))
def test_no_text_becomes_a_host_that_reads_otherwise_the_second_time(text: str) -> None:
    try:
        host = normalise_host(text)
    except ValueError:
        return

    assert normalise_host(host) == host
    assert host.isascii()
    assert not set(host) & set("%/@ \t\r\n\0[]#?")


async def test_a_dial_resolves_nothing(listen, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was checked is the one that is dialled: no name is looked up between check and connect."""
    server = await listen(Transport.SSL)
    dialer = Dialer(clock=SystemClock(), policy=AddressPolicy(allow=(ipaddress.ip_network("127.0.0.0/8"),)))
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **more: asked.append(words))
    endpoint = Endpoint(host="evil.example.org", port=server.port, transport=Transport.SSL, address="127.0.0.1")

    connection = await dialer.connect(endpoint)
    connection.abort()

    assert asked == []
