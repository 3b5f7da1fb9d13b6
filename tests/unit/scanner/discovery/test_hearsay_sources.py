"""What servers say of others and of themselves."""

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.scanner.discovery.features_hosts import features_sightings
from electrum_observatory.scanner.discovery.peers_subscribe import peers_sightings
from electrum_observatory.scanner.probes.features import read_features
from electrum_observatory.scanner.probes.peers import read_peers
from electrum_observatory.scanner.storable import storable
from tests.unit.scanner.discovery.reading import BITCOIN, spelled
from tests.unit.scanner.harness import reply_to

ONION = "a" * 56 + ".onion"
PEERS = (
    b'[["5.9.1.3","B.Example.org",["v1.4.2","s","t50003"]],'
    b'["' + ONION.encode() + b'","' + ONION.encode() + b'",["t"]],'
    b'["5.9.1.4","bare.example.org",["v1.4"]],'
    b'["5.9.1.5","bad.example.org",["s99999"]]]'
)


def peers(network=BITCOIN):
    result = storable(read_peers(reply_to(PEERS)))
    return list(peers_sightings(result, network=network, told_by="0123456789abcdef", seen_at_us=7))


def test_every_advertised_port_and_transport_is_told_of() -> None:
    assert spelled(peers())[:3] == [
        "ssl://b.example.org:50002",
        "tcp://b.example.org:50003",
        f"tcp://{ONION}:50001",
    ]


def test_a_bare_letter_means_the_networks_own_port() -> None:
    assert spelled(peers(NETWORKS["testnet3"]))[0] == "ssl://b.example.org:51002"
    assert [one.assumed_port for one in peers()][:2] == [True, False]


def test_a_host_without_any_readable_port_is_tried_on_the_known_ones() -> None:
    assert spelled(peers())[3:] == [
        "ssl://bare.example.org:50002",
        "tcp://bare.example.org:50001",
        "ssl://bad.example.org:50002",
        "tcp://bad.example.org:50001",
    ]


def test_the_teller_its_claims_and_the_time_are_kept() -> None:
    first = peers()[0]

    assert (first.source, first.told_by, first.seen_at_us) == ("peers_subscribe", "0123456789abcdef", 7)
    assert (first.address_claimed, first.protocol_claimed) == ("5.9.1.3", "1.4.2")


def test_hosts_of_features_are_told_of_with_their_ports() -> None:
    text = (
        b'{"hosts":{"Me.example.org":{"tcp_port":50001,"ssl_port":null,"wss_port":50004},"192.168.1.5":{"ssl_port":'
        b'50002},"nowhere.org":{}},"protocol_max":"1.6.0"}'
    )
    result = storable(read_features(reply_to(text)))

    sightings = list(features_sightings(result, told_by="0123456789abcdef", seen_at_us=7))

    assert spelled(sightings) == ["tcp://me.example.org:50001", "wss://me.example.org:50004", "ssl://192.168.1.5:50002"]
    assert {(one.source, one.protocol_claimed) for one in sightings} == {("features_hosts", "1.6.0")}
    assert [one.address_claimed for one in sightings] == [None, None, "192.168.1.5"]


def test_a_version_longer_than_any_is_not_kept_once_for_each_host_that_stands_beside_it() -> None:
    hosts = b",".join(b'"h%d.org":{"ssl_port":50002}' % number for number in range(1_000))
    result = storable(read_features(reply_to(b'{"hosts":{%b},"protocol_max":"%b"}' % (hosts, 900_000 * b"9"))))

    sightings = list(features_sightings(result, told_by="x", seen_at_us=None))

    assert len(sightings) == 1_000
    assert {one.protocol_claimed for one in sightings} == {None}


def test_the_malformed_hosts_of_old_romanz_electrs_tell_of_nobody() -> None:
    for text in (b'{"hosts":{"tcp_port":50001}}', b'{"hosts":null}', b"{}"):
        result = storable(read_features(reply_to(text)))
        assert not list(features_sightings(result, told_by="x", seen_at_us=None))
