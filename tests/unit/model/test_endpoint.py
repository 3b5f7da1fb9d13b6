"""The one canonical spelling of an endpoint."""

import hashlib
import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from electrum_observatory.model.endpoint import Endpoint, Transport, bracketed, is_onion, normalise_host
from tests.factories import make_endpoint
from tests.work import calls_in

ONION = "explorerzydxu5ecjrkwceayqybizmpjjznk5izmitf2modhcusuqlid.onion"
LABEL = st.text(alphabet="abcxyz019-_", min_size=1, max_size=8).filter(lambda text: text.strip("-") == text)
NAMES = st.lists(LABEL, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"]))
ADDRESSES = st.ip_addresses().map(lambda address: normalise_host(address.exploded))
HOSTS = NAMES | ADDRESSES | st.just(ONION)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Electrum.Example.ORG", "electrum.example.org"),
        ("electrum.example.org.", "electrum.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("host_name.example", "host_name.example"),
        ("5.9.1.2", "5.9.1.2"),
        ("5.9.1.2.", "5.9.1.2"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:127.0.0.1", "::ffff:7f00:1"),
        ("[::FFFF:127.0.0.1]", "::ffff:7f00:1"),
        ("::ffff:0.0.0.5", "::ffff:0:5"),
        ("::ffff:0:0:5.9.1.2", "::ffff:0:0:509:102"),
        (ONION.upper(), ONION),
        ("localhost", "localhost"),
    ],
)
def test_hosts_have_one_spelling(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a..b",
        "two words",
        "example.org\n",
        "exa\x00mple.org",
        "example.org:50001",
        "-a.example",
        "a-.example",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "x" * 1_000_000,
        "é" * 250,
        "1.2.3",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.0x1",
        "a.0x",
        "5.9.1.2.3",
        "fe80::1%eth0",
        "::1%\x1b[31m",
        "[fe80::1%x]",
        "[example.org]",
        "[5.9.1.2]",
        "[example.org",
        "2001:db8::1]",
        "[]",
        "a/b",
        "<script>",
        "a@b.example",
        "a\u2028b",
    ],
    ids=lambda text: repr(text)[:24],
)
def test_what_cannot_be_a_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        normalise_host(text)


def test_text_longer_than_any_host_is_refused_at_once_and_quoted_in_part() -> None:
    for text in ("x" * 1_000_000, "[" + "0" * 1_000_000 + "]"):
        with pytest.raises(ValueError, match="too long") as caught:
            normalise_host(text)
        assert len(str(caught.value)) < 100


@pytest.mark.parametrize("text", ["\ufdfa" * 253, "\ufdfa\ufdfa\ufdfa." * 63, "\ufdfa" * 4 + ".example"])
def test_letters_that_stand_for_eighteen_are_refused_before_they_are_spelled_out(text: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        normalise_host(text)


def test_refusals_are_remembered_as_names_are() -> None:
    def refuse(host: str) -> None:
        with pytest.raises(ValueError, match="host name"):
            normalise_host(host)

    refuse("a b.bücher.example")

    again = calls_in(lambda: refuse("a b.bücher.example"))

    assert again < calls_in(lambda: refuse("a c.bücher.example")) / 3


@given(host=HOSTS)
def test_the_canonical_spelling_stays_as_it_is(host: str) -> None:
    assert normalise_host(normalise_host(host)) == normalise_host(host)


@given(text=st.text(alphabet="aA0.-_:[]%é。\n\x00 /x", max_size=20))
def test_whatever_passes_is_plain_and_can_stand_in_a_log(text: str) -> None:
    try:
        host = normalise_host(text)
    except ValueError:
        return

    assert host.isascii()
    assert host.isprintable()
    assert not set(host) & set(" /%[]\"'")
    assert host == host.lower()


@given(
    host=HOSTS,
    address=st.none() | ADDRESSES,
    port=st.integers(1, 65535),
    transport=st.sampled_from(Transport),
)
def test_the_canonical_text_reads_back(host: str, address: str | None, port: int, transport: Transport) -> None:
    endpoint = Endpoint(host=normalise_host(host), port=port, transport=transport, address=address)

    assert Endpoint.parse(endpoint.canonical) == endpoint


@pytest.mark.parametrize(
    ("host", "address", "canonical"),
    [
        ("h.example", "5.9.1.2", "ssl://h.example:50002@5.9.1.2"),
        ("h.example", "2001:db8::1", "ssl://h.example:50002@[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1", "ssl://[2001:db8::1]:50002@[2001:db8::1]"),
        (ONION, None, f"ssl://{ONION}:50002"),
    ],
)
def test_canonical_text(host: str, address: str | None, canonical: str) -> None:
    endpoint = make_endpoint(host=host, address=address)

    assert endpoint.canonical == canonical
    assert endpoint.endpoint_id == hashlib.sha256(canonical.encode()).hexdigest()[:16]


def test_every_part_makes_another_endpoint() -> None:
    endpoints = [
        make_endpoint(),
        make_endpoint(host="other.example"),
        make_endpoint(port=50001),
        make_endpoint(transport=Transport.WSS),
        make_endpoint(address="5.9.1.3"),
        make_endpoint(address=None),
    ]

    assert len({endpoint.endpoint_id for endpoint in endpoints}) == 6


@pytest.mark.parametrize(
    "overrides",
    [
        {"port": 0},
        {"port": 65536},
        {"host": "H.example"},
        {"host": "h.example."},
        {"host": "bücher.example"},
        {"host": "[::1]"},
        {"address": "2001:DB8::1"},
        {"address": "not an address"},
        {"address": "fe80::1%eth0"},
        {"address": "5.9.1.2\n"},
    ],
    ids=repr,
)
def test_spellings_that_are_not_canonical_are_refused(overrides: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is not in"):
        make_endpoint(**overrides)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h.example:50002",
        "udp://h.example:1",
        "ssl://h.example",
        "ssl://h.example:x",
        "ssl://h.example:0",
        "ssl://H.example:1",
        "ssl://h.example:1@x",
        "ssl://h.example:1@5.9.1.2\n",
        "ssl://h.example:1\n",
        "ssl://::1:1",
        "ssl://h.example:१",
    ],
    ids=repr,
)
def test_text_that_is_not_canonical_is_not_parsed(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Endpoint.parse(text)


@pytest.mark.parametrize("host", [ONION, "a" * 16 + ".onion", "www." + ONION, "malformed.onion"])
def test_whatever_lies_under_onion_is_for_tor_only(host: str) -> None:
    assert is_onion(host)
    assert make_endpoint(host=host, address=None).is_onion


@pytest.mark.parametrize("host", ["onion", "onion.example", "myonion", "5.9.1.2", "::1"])
def test_other_hosts_are_no_onions(host: str) -> None:
    assert not is_onion(host)


def test_only_ipv6_stands_in_brackets() -> None:
    assert [bracketed(host) for host in ("::1", "5.9.1.2", "h.example")] == ["[::1]", "5.9.1.2", "h.example"]


def test_tls_comes_with_ssl_and_wss() -> None:
    assert [transport for transport in Transport if transport.encrypted] == [Transport.SSL, Transport.WSS]


@given(address=st.ip_addresses())
def test_ipv6_is_spelled_after_rfc_5952(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assume(address not in ipaddress.IPv6Network("::ffff:0:0/96"))

    assert normalise_host(address.exploded) == str(address)


def test_a_service_is_an_endpoint_whatever_its_address() -> None:
    at = [Endpoint(host="2001:db8::1", port=50002, transport=Transport.SSL, address=one) for one in (None, "192.0.2.1")]

    assert {one.service for one in at} == {"ssl://[2001:db8::1]:50002"}
    assert at[0].canonical == at[0].service
    assert at[1].canonical == f"{at[1].service}@192.0.2.1"
