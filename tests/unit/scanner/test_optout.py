"""Who asked not to be measured is not, by whatever way they come to be known."""

from typing import Any

import pytest

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.scanner.discovery.bundled_list import bundled_list
from electrum_observatory.scanner.discovery.electrum_servers_json import electrum_servers_json
from electrum_observatory.scanner.discovery.known_endpoints import KnownEndpoints
from electrum_observatory.scanner.discovery.server_lines import server_lines
from electrum_observatory.scanner.discovery.typed_targets import typed_targets
from electrum_observatory.scanner.discovery.url_list import UrlList
from electrum_observatory.scanner.optout import OptOutList
from electrum_observatory.scanner.rules import Rules
from tests.factories import make_endpoint, make_sighting
from tests.unit.scanner.capture import Scan
from tests.unit.scanner.scripted import server
from tests.unit.scanner.virtual_time import run_virtually

LIST = """
# people who asked
Example.org
*.farm.example.net
5.9.1.2
2a01:4f8::/32   # a whole network
abcdefghijklmnop.onion
"""


def test_a_domain_covers_itself_and_everything_under_it() -> None:
    listed = OptOutList.parse(LIST.splitlines())

    assert all(listed.covers_host(host) for host in ("example.org", "a.b.example.org", "farm.example.net"))
    assert not any(listed.covers_host(host) for host in ("notexample.org", "example.net", "org"))
    assert listed.covers_host("abcdefghijklmnop.onion")


def test_addresses_and_networks_are_covered_by_whatever_name_they_come() -> None:
    listed = OptOutList.parse(LIST.splitlines())

    assert listed.covers_address("5.9.1.2")
    assert listed.covers_host("5.9.1.2")
    assert listed.covers_address("2a01:4f8:1::9")
    assert not listed.covers_address("5.9.1.3")
    assert not listed.covers_address("not an address")


def test_a_malformed_entry_is_named_by_its_line() -> None:
    with pytest.raises(ValueError, match="line 2: 'what is this' is no host"):
        OptOutList.parse(["example.org", "what is this"])


def test_an_empty_list_covers_nobody() -> None:
    assert not OptOutList().covers_host("example.org")


def test_the_program_s_own_list_is_empty_but_for_its_instructions() -> None:
    assert OptOutList.bundled() == OptOutList()


def test_a_person_s_list_adds_to_the_program_s_own() -> None:
    both = OptOutList.parse(["example.org"]) | OptOutList.parse(["5.9.1.2", "example.net"])

    assert all(map(both.covers_host, ("example.org", "a.example.net", "5.9.1.2")))


BITCOIN = NETWORKS["bitcoin"]
TELLER = "171.25.1.1"


async def fetched(_url: str) -> str:
    return "gone.org:50002:s"


def told_by_a_server(**results: Any) -> dict[str, Any]:
    return {
        "sources": [typed_targets([f"{TELLER}:50002:s"], BITCOIN)],
        "answers": {(TELLER, 50002): server(**results)},
    }


WAYS: dict[str, dict[str, Any]] = {
    "typed": {"sources": [typed_targets(["gone.org:50002:s"], BITCOIN)]},
    "lines": {"sources": [server_lines("gone.org:50002:s", name="x", network=BITCOIN)]},
    "servers.json": {"sources": [electrum_servers_json('{"gone.org": {"s": "50002"}}', name="x", network=BITCOIN)]},
    "url": {"sources": [UrlList(url="https://list.example.org", network=BITCOIN, fetch=fetched)]},
    "known": {"sources": [KnownEndpoints.of([make_endpoint(host="gone.org", address="5.9.1.2")])]},
    "resumed hearsay": {
        "sources": [KnownEndpoints(known=(make_sighting(host="gone.org", source="peers_subscribe", told_by="0" * 16),))]
    },
    "peers": told_by_a_server(**{"server.peers.subscribe": [["5.9.1.2", "gone.org", ["s50002"]]]}),
    "bare address in peers": told_by_a_server(**{"server.peers.subscribe": [["5.9.1.2", "5.9.1.2", ["s50002"]]]}),
    "features": told_by_a_server(**{"server.features": {"hosts": {"gone.org": {"ssl_port": 50002}}}}),
    "another name of its address": {"sources": [typed_targets(["alias.net:50002:s"], BITCOIN)]},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_of_being_named_leads_past_an_opt_out(way: dict[str, Any]) -> None:
    scan = Scan(
        {("5.9.1.2", 50002): server(), **way.get("answers", {})},
        sources=way["sources"],
        names={"gone.org": ["5.9.1.2"], "alias.net": ["5.9.1.2"]},
        rules=Rules(opt_outs=OptOutList.parse(["gone.org", "5.9.1.0/24"])),
    )

    run_virtually(scan.run())

    assert "5.9.1.2" not in [endpoint.address for _, endpoint in scan.dialer.dials]
    assert "gone.org" not in scan.resolver.asked
    assert "policy/opted_out" in scan.sink.failures().values()


def test_the_bundled_list_is_no_exception() -> None:
    hosts = [one.host for one in bundled_list(BITCOIN).listed]
    scan = Scan({}, sources=[bundled_list(BITCOIN)], rules=Rules(opt_outs=OptOutList.parse(hosts)))

    run_virtually(scan.run())

    assert scan.dialer.dials == []
    assert scan.resolver.asked == []
