"""Hosts have one spelling, peers are read whatever a row holds, and endpoints read back."""

import contextlib
import json
import socket

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.endpoint import Endpoint, Transport, bracketed, normalise_host
from electrum_observatory.protocol.messages import Reply, decode_server_message
from electrum_observatory.protocol.peers import AdvertisedHost, PeerRows, read_features_hosts, read_peer_row
from electrum_observatory.protocol.server_list import parse_lines, parse_servers_json, parse_target
from electrum_observatory.scanner.admission import is_address
from electrum_observatory.scanner.discovery.peers_subscribe import peers_sightings
from electrum_observatory.scanner.networks import domain_of, network_of
from electrum_observatory.scanner.probes.peers import read_peers
from electrum_observatory.scanner.storable import storable
from tests.properties.strategies import IPV4, IPV6, JSON_TEXTS
from tests.unit.protocol.strategies import JSON_VALUES, TEXT
from tests.unit.scanner.harness import reply_to

ODD_HOSTS = (
    st.text(max_size=30)
    | st.text(alphabet="aA0.-_:[]%ßéİſK。．\u00ad\u200b\u200d٠१xn", max_size=24)
    | st.sampled_from(["0x7f.1", "[::1]", "::ffff:1.2.3.4", "xn--", "xn--a.example", "a" * 253, "1.2.3.4."])
    | (IPV4 | IPV6).map(lambda one: one.exploded)
)


def is_taken_for_an_address(host: str) -> bool:
    """Whether the system's own reading, which resolvers ask first, makes an IPv4 address of it."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


@settings(max_examples=50)
@given(text=ODD_HOSTS)
def test_a_host_that_passes_has_one_spelling_and_is_a_name_or_an_address(text: str) -> None:
    try:
        host = normalise_host(text)
    except ValueError:
        return

    assert normalise_host(host) == host
    assert normalise_host(text.upper()) == normalise_host(text.lower()) or not text.isascii()
    assert is_address(host) or not is_taken_for_an_address(host)


@settings(max_examples=50)
@given(host=ODD_HOSTS, address=st.none() | IPV4 | IPV6, port=st.integers(-1, 70_000), kind=st.sampled_from(Transport))
def test_an_endpoint_that_can_be_made_reads_back(host: str, address: object, port: int, kind: Transport) -> None:
    try:
        canonical = None if address is None else normalise_host(str(address))
        endpoint = Endpoint(host=normalise_host(host), port=port, transport=kind, address=canonical)
    except ValueError:
        return

    assert Endpoint.parse(endpoint.canonical) == endpoint
    assert Endpoint.parse(endpoint.canonical).endpoint_id == endpoint.endpoint_id


@settings(max_examples=50)
@given(text=ODD_HOSTS | st.text(max_size=40))
def test_text_is_an_endpoint_only_in_its_canonical_spelling(text: str) -> None:
    try:
        endpoint = Endpoint.parse(f"ssl://{text}:50002")
    except ValueError:
        return

    assert endpoint.canonical == f"ssl://{text}:50002"


@settings(max_examples=50)
@given(rows=st.lists(JSON_TEXTS, max_size=5))
def test_whatever_rows_a_peer_list_holds_every_one_is_counted(rows: list[str]) -> None:
    line = f'{{"id":0,"result":[{",".join(rows)}]}}\n'.encode("utf-8", "surrogatepass")
    reply = decode_server_message(line)
    assume(isinstance(reply, Reply))  # and no control characters or long numbers, which are no JSON to us

    result = read_peers(reply)

    assert result.rows == len(rows) == len(result.peers) + result.malformed


USUAL_HOSTS = st.sampled_from(["a.example", "electrum.example.org", "5.9.1.2", "2a01:4f8::1", f"{'a' * 56}.onion"])
PORTS = st.sampled_from([0, 1, 22, 50001, 65535, 65536, 99999, -1]) | st.integers(-1, 70_000)
SERVICES = st.tuples(st.sampled_from("stSTp"), PORTS).map(lambda parts: f"{parts[0]}{parts[1]}")
ODD_SERVICES = st.sampled_from(["v1.4", "s", "t", "s٣", "s５０００１", "t²", "s+1", "s 1", "s1_0", "t050001"])
ROWS = st.tuples(
    USUAL_HOSTS | ODD_HOSTS | JSON_VALUES,
    USUAL_HOSTS | ODD_HOSTS | JSON_VALUES,
    st.lists(SERVICES | ODD_SERVICES | TEXT | JSON_VALUES, max_size=5),
).map(list)
USUAL_ROWS = st.tuples(USUAL_HOSTS, USUAL_HOSTS, st.lists(SERVICES | ODD_SERVICES, max_size=5)).map(list)


@settings(max_examples=50)
@given(rows=st.lists(USUAL_ROWS | ROWS, max_size=5))
def test_what_a_peer_list_tells_can_be_followed(rows: list[object]) -> None:
    text = json.dumps(rows).encode()

    peers = read_peers(reply_to(text))
    told = list(peers_sightings(storable(peers), network=NETWORKS["bitcoin"], told_by="x", seen_at_us=0))

    ports = [service.port for peer in peers.peers for service in peer.services if service.port is not None]
    assert all(1 <= port <= 65535 for port in ports)
    for one in told:
        assert type(one.port) is int
        assert 1 <= one.port <= 65535
        endpoint = Endpoint(host=one.host, port=one.port, transport=one.transport)
        assert Endpoint.parse(endpoint.canonical) == endpoint
        assert domain_of(one.host) is None or one.host.endswith(str(domain_of(one.host)))


SPELLED_ROWS = st.builds(
    lambda host, feature: f'["5.9.1.2","{host}",["{feature}"]]',
    st.sampled_from(["a.example", "b.example"]),
    st.sampled_from(["s1", "x]],[y", "x]],[z", "]],[", 't\\"']),
)
SPELLED_LISTS = st.lists(st.tuples(SPELLED_ROWS, st.sampled_from([",", " ,", ", "])), min_size=1, max_size=3).map(
    lambda rows: "[" + "".join(row + between for row, between in rows[:-1]) + rows[-1][0] + "]"
)
"""Peer lists that fall apart where no row ends, or not where one does."""


@given(texts=st.lists(SPELLED_LISTS, min_size=1, max_size=5))
def test_lists_that_were_read_before_change_nothing_in_how_the_next_is_read(texts: list[str]) -> None:
    rows = PeerRows()

    for text in texts:
        read = rows.read(rows.decode(text.encode()), text.encode())
        assert list(read) == [read_peer_row(row) for row in json.loads(text)]


HOSTS_PORTS = st.dictionaries(
    st.sampled_from(["tcp_port", "ssl_port", "ws_port", "wss_port"]),
    PORTS | st.booleans() | st.sampled_from([50001.0, "50001", None]) | JSON_VALUES,
)


@settings(max_examples=50)
@given(row=USUAL_ROWS | ROWS)
def test_a_row_is_read_the_same_with_and_without_memory(row: list[object]) -> None:
    padded = [*row[:2], [*row[2], *[""] * 20]]  # longer rows are not remembered

    assert read_peer_row(row) == read_peer_row(padded)


@settings(max_examples=50)
@given(hosts=st.dictionaries(USUAL_HOSTS | ODD_HOSTS, HOSTS_PORTS | JSON_VALUES, max_size=4))
def test_the_hosts_of_features_are_hosts_and_their_ports_are_ports(hosts: dict[str, object]) -> None:
    for host in read_features_hosts(hosts):
        assert isinstance(host, AdvertisedHost)
        assert normalise_host(host.host) == host.host
        for service in host.services:
            assert type(service.port) is int
            assert 1 <= service.port <= 65535


@settings(max_examples=50)
@given(address=IPV4 | IPV6)
def test_every_address_has_a_network_that_others_share(address: object) -> None:
    name, network = network_of(str(address))

    assert name in {"v4_16", "v6_48"}
    assert network_of(str(address)) == (name, network)


@settings(max_examples=50)
@given(host=ODD_HOSTS, port=st.integers(1, 65535), kind=st.sampled_from(Transport))
def test_a_target_is_read_as_it_was_meant(host: str, port: int, kind: Transport) -> None:
    try:
        canonical = normalise_host(host)
    except ValueError:
        return

    listed = parse_target(f"{bracketed(canonical)}:{port}:{kind}")

    assert (listed.host, listed.port, listed.transport) == (canonical, port, kind)


@settings(max_examples=50)
@given(text=st.text(max_size=60) | st.lists(ODD_HOSTS, max_size=4).map("\n".join))
def test_a_list_is_read_or_refused_in_words(text: str) -> None:
    for parse in (parse_lines, parse_servers_json):
        with contextlib.suppress(ValueError):
            assert all(normalise_host(one.host) == one.host for one in parse(text))
