"""The sources that are lists: bundled, Electrum's, lines, typed targets, earlier campaigns."""

import csv
import json
from pathlib import Path

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.model.errors import InputError, UsageError
from electrum_observatory.net.policy import AddressPolicy, PortPolicy
from electrum_observatory.scanner.discovery.bundled_list import bundled_list
from electrum_observatory.scanner.discovery.electrum_servers_json import electrum_servers_json, installed_servers_json
from electrum_observatory.scanner.discovery.known_endpoints import IMPORTED_ID, KnownEndpoints
from electrum_observatory.scanner.discovery.registry import SOURCE_IDS, list_file, sources_of_targets
from electrum_observatory.scanner.discovery.server_lines import server_lines
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.discovery.url_list import UrlList
from tests.factories import make_endpoint
from tests.unit.scanner.discovery.reading import BITCOIN, read, spelled

SERVERS_JSON = json.dumps({"A.Example.org": {"t": "50001", "s": "50002", "version": "1.4.2", "pruning": "-"}})


async def no_fetch(url: str) -> str:
    raise AssertionError(f"{url} was fetched")


def test_the_bundled_list_has_the_59_endpoints_of_the_published_study(shared: Path) -> None:
    with (shared / "data/published_histogram_study.csv").open() as file:
        published = [f"{row['transport']}://{row['host']}:{row['port']}" for row in csv.DictReader(file)]

    sightings = read(bundled_list(BITCOIN))

    assert len(sightings) == 59
    assert spelled(sightings) == published
    assert {one.source for one in sightings} == {"bundled_list"}


def test_our_own_rules_refuse_nobody_on_the_bundled_list() -> None:
    for one in read(bundled_list(BITCOIN)):
        assert PortPolicy().refusal(one.port, trusted=True) is None
        assert AddressPolicy().refusal(one.host) in (None, "not_an_address")


def test_the_bundled_list_is_empty_for_other_networks() -> None:
    assert read(bundled_list(NETWORKS["testnet4"])) == []


def test_electrums_own_list_names_ports_and_versions() -> None:
    sightings = read(electrum_servers_json(SERVERS_JSON, name="servers.json", network=BITCOIN))

    assert spelled(sightings) == ["tcp://a.example.org:50001", "ssl://a.example.org:50002"]
    assert {one.protocol_claimed for one in sightings} == {"1.4.2"}
    assert {one.assumed_port for one in sightings} == {False}


def test_a_broken_servers_json_is_named() -> None:
    with pytest.raises(InputError, match=r"^my\.json: .*port .*0"):
        electrum_servers_json('{"a.example.org": {"t": "0"}}', name="my.json", network=BITCOIN)


@pytest.mark.parametrize("place", ["chains/mainnet/servers.json", "chains/servers.json", "servers.json"])
def test_an_installed_electrum_of_any_age_is_found(tmp_path: Path, place: str) -> None:
    path = tmp_path / "dist-packages/electrum" / place
    path.parent.mkdir(parents=True)
    path.write_text(SERVERS_JSON)

    assert installed_servers_json([tmp_path / "nowhere", tmp_path / "dist-packages"], BITCOIN) == path
    assert installed_servers_json([tmp_path / "dist-packages"], NETWORKS["testnet4"]) is None
    assert installed_servers_json([tmp_path / "dist-packages"], NETWORKS["litecoin-regtest"]) is None


def test_lines_name_hosts_ports_and_transports() -> None:
    text = "# mine\na.example.org:50001:t\n\nb.example.org:443:s # comment\n[2a01:4f8::1]:50004:wss\n"

    assert spelled(read(server_lines(text, name="mine.txt", network=BITCOIN))) == [
        "tcp://a.example.org:50001",
        "ssl://b.example.org:443",
        "wss://2a01:4f8::1:50004",
    ]


def test_a_host_without_ports_means_the_known_ports() -> None:
    sightings = read(server_lines("a.example.org\n", name="mine.txt", network=NETWORKS["testnet3"]))

    assert spelled(sightings) == ["ssl://a.example.org:51002", "tcp://a.example.org:51001"]
    assert all(one.assumed_port for one in sightings)


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("h.org:50001", ["tcp://h.org:50001"]),
        ("h.org:50002", ["ssl://h.org:50002"]),
        ("h.org:443", ["ssl://h.org:443"]),
        ("h.org:4242", ["ssl://h.org:4242", "tcp://h.org:4242"]),
        ("h.org:4242:t", ["tcp://h.org:4242"]),
        ("5.9.1.2", ["ssl://5.9.1.2:50002", "tcp://5.9.1.2:50001"]),
    ],
)
def test_a_port_without_a_transport_means_what_it_is_known_for_or_both(target: str, meant: list[str]) -> None:
    assert spelled(read(typed_targets([target], BITCOIN))) == meant


def test_a_malformed_line_is_named_by_its_number() -> None:
    with pytest.raises(InputError, match=r"^mine\.txt, line 2: "):
        server_lines("a.example.org:50001:t\nb.example.org:99999:t\n", name="mine.txt", network=BITCOIN)


def test_an_empty_list_is_an_error_that_says_what_belongs_in_it() -> None:
    with pytest.raises(InputError, match=r"mine\.txt: no server in it"):
        server_lines("# nothing\n", name="mine.txt", network=BITCOIN)


def test_a_target_that_is_no_server_is_quoted() -> None:
    with pytest.raises(UsageError, match="no such thing"):
        typed_targets(["no such thing"], BITCOIN)


def test_earlier_endpoints_are_named_once_with_each_address_that_answered() -> None:
    endpoints = [make_endpoint(), make_endpoint(address="5.9.1.9"), make_endpoint(host="5.9.1.2", address=None)]

    sightings = read(KnownEndpoints.of([*endpoints, *endpoints]))

    assert [(one.host, one.address_claimed, one.source) for one in sightings] == [
        ("electrum.example.org", make_endpoint().address, "known_endpoints"),
        ("electrum.example.org", "5.9.1.9", "known_endpoints"),
        ("5.9.1.2", "5.9.1.2", "known_endpoints"),
    ]


def test_what_an_import_says_of_addresses_is_not_taken_over() -> None:
    sightings = read(KnownEndpoints.of([], [make_endpoint(), make_endpoint(address="5.9.1.9")]))

    assert [(one.host, one.address_claimed, one.source) for one in sightings] == [
        ("electrum.example.org", None, IMPORTED_ID)
    ]


@pytest.mark.parametrize("text", [SERVERS_JSON, "a.example.org:50001:t\na.example.org:50002:s\n"])
def test_a_list_behind_a_url_is_read_in_either_form(text: str) -> None:
    async def fetch(url: str) -> str:
        assert url == "https://example.org/list"
        return text

    source = UrlList(url="https://example.org/list", network=BITCOIN, fetch=fetch)

    assert spelled(read(source)) == ["tcp://a.example.org:50001", "ssl://a.example.org:50002"]
    assert source.touches_network


def test_a_broken_list_behind_a_url_is_named() -> None:
    async def fetch(_url: str) -> str:
        return "<html>"

    with pytest.raises(InputError, match=r"https://example\.org/list: line 1"):
        read(UrlList(url="https://example.org/list", network=BITCOIN, fetch=fetch))


def test_targets_are_told_apart_and_none_means_the_bundled_list(tmp_path: Path) -> None:
    lines, servers = tmp_path / "lines.txt", tmp_path / "servers.json"
    lines.write_text("a.example.org\n")
    servers.write_text(SERVERS_JSON)

    sources = sources_of_targets(
        ["h.org:50001", str(lines), str(servers), "https://example.org/x", "i.org"], network=BITCOIN, fetch=no_fetch
    )

    assert [source.id for source in sources] == [
        "typed_targets",
        "server_lines",
        "electrum_servers_json",
        "url_list",
    ]
    assert spelled(read(sources[0]))[0] == "tcp://h.org:50001"
    assert [source.id for source in sources_of_targets([], network=BITCOIN, fetch=no_fetch)] == ["bundled_list"]
    assert {source.id for source in sources} <= set(SOURCE_IDS)


def test_a_list_that_is_not_there_not_text_or_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.txt: No such file"):
        list_file(tmp_path / "missing.txt", BITCOIN)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="binary: not text"):
        list_file(tmp_path / "binary", BITCOIN)
    with pytest.raises(InputError, match="Is a directory"):
        list_file(tmp_path, BITCOIN)
