"""Acts of hearsay: peer lists that flood, that point at others' machines, or whose names are no names.

They lie over TCP only. Over TLS the same machine is honest, so that a visit to a name that it invented for itself does
not bring the lie again.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from electrum_observatory.lab.hostile.base import HostileAct, Scene, no_tls
from electrum_observatory.lab.hostile.endings import OnConnect
from electrum_observatory.lab.hostile.texts import TEXTS
from electrum_observatory.lab.hostile.twisted import ReplaceResults, Twist, twisted
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.raw_listener import RawHandler

FLOOD_ROWS = 19_000
"""Rows of the flood in a line that is short enough, and has few enough members, to be taken."""

MILLION = 1_000_000
SUBDOMAINS = 17_000
"""Names in each of the two lists of each machine that plays ``subdomain_flood``: of three, more than 100,000."""

SUBDOMAIN_OF = "b.cc"

FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "unspecified": ("0.0.0.0", "0.255.255.255", "::"),  # noqa: S104  nothing is bound
    "loopback": ("127.0.0.1", "127.255.255.255", "::1"),
    "private": ("10.0.0.1", "172.16.0.0", "172.31.255.255", "192.168.1.1", "fc00::", "fdff:ffff::1"),
    "cgnat": ("100.64.0.0", "100.127.255.255"),
    "link_local": ("169.254.169.254", "fe80::1", "febf::1"),
    "site_local": ("fec0::1",),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1"),
    "benchmarking": ("198.18.0.0", "198.19.255.255", "2001:2::1"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1"),
    "broadcast": ("255.255.255.255",),
    "ipv4_mapped": ("::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    "ipv4_compatible": ("::127.0.0.1",),
    "ipv4_translated": ("::ffff:0:10.0.0.1",),
    "nat64": ("64:ff9b::10.0.0.1", "64:ff9b:1::1"),
    "6to4": ("192.88.99.1", "2002:7f00:1::1"),
    "teredo": ("2001:0:4136:e378:8000:63bf:3fff:fdd2",),
    "orchid": ("2001:10::1", "2001:20::1"),
    "discard": ("100::1",),
    "reserved": ("192.0.0.8", "192.31.196.1", "240.0.0.1", "255.255.255.254", "2001:100::1", "4000::1", "fe00::1"),
}
"""Addresses of every special range, by the reason for which none of them must be dialled."""

VICTIM = "88.198.99.99"
"""A stranger's machine, in no lab."""

FOREIGN_PORTS = (22, 23, 25, 53, 445, 587, 3306, 3389, 6379, 8332, 8333, 9050, 11211, 27017)
UNUSUAL_PORTS = (8080, 50123)
OWN_PORT = 8545
"""An unusual port, which a server names for its own host; it is another program's usual one."""

NAMES_OF_THE_DEAD = tuple(f"n{number}.many.example" for number in range(20))
CROWD = 500
CROWD_V4, CROWD_V6 = "91.240.%d.%d", "2a0d:1234:5678:%x::1"

MIXED, REBINDING, LOCAL = "mixed.example.org", "rebinding.example.net", "localhost"


def row(host: str, *features: str, address: str = "") -> list[object]:
    """Return one row of a peer list."""
    return [address or host, host, ["v1.4", *features]]


def _told(results: Callable[[Scene], Mapping[str, Iterable[bytes]]]) -> Callable[[Scene], Twist]:
    """Tell these results over TCP; be honest elsewhere."""

    def make(scene: Scene) -> Twist:
        return (
            ReplaceResults({method: tuple(text) for method, text in results(scene).items()})
            if _lies(scene)
            else Twist()
        )

    return make


def _lies(scene: Scene) -> bool:
    return scene.transport is Transport.TCP


def _rows(rows: Iterable[list[object]]) -> Mapping[str, Iterable[bytes]]:
    return {"server.peers.subscribe": (msgspec.json.encode(list(rows)),)}


def flood(rows: int) -> Iterable[bytes]:
    """Yield a peer list of so many hosts, each under a domain of its own, a thousand at a time."""
    yield b"["
    for first in range(0, rows, 1000):
        numbers = range(first, min(first + 1000, rows))
        yield (b"," if first else b"") + b",".join(b'["","%d.com",["t"]]' % number for number in numbers)
    yield b"]"


def subdomain(kind: str, number: int, teller: str) -> str:
    """Return one of the names that a machine of that name invents: of kind "p" as a peer, of kind "h" as its own."""
    return f"{kind}{number}.{teller.partition('.')[0]}.{SUBDOMAIN_OF}"


def _subdomains(scene: Scene) -> Mapping[str, Iterable[bytes]]:
    told = {kind: [subdomain(kind, number, scene.name).encode() for number in range(SUBDOMAINS)] for kind in "hp"}
    peers = b",".join(b'["","%b",["s"]]' % name for name in told["p"])
    hosts = b",".join(b'"%b":{"ssl_port":443}' % name for name in told["h"])
    return {"server.peers.subscribe": (b"[" + peers + b"]",), "server.features": (b'{"hosts":{' + hosts + b"}}",)}


def _ports(scene: Scene) -> Mapping[str, Iterable[bytes]]:
    services = [f"t{port}" for port in (*FOREIGN_PORTS, *UNUSUAL_PORTS)]
    own = {"tcp_port": 22, "ssl_port": 25, "ws_port": 445}
    victim = {"tcp_port": UNUSUAL_PORTS[0]}  # the same voice once more: it counts once
    features = {"hosts": {scene.name: own, VICTIM: victim}}
    return {**_rows([row(VICTIM, *services)]), "server.features": (msgspec.json.encode(features),)}


def _own_port(scene: Scene) -> Mapping[str, Iterable[bytes]]:
    return {"server.features": (msgspec.json.encode({"hosts": {scene.name: {"tcp_port": OWN_PORT}}}),)}


def dead_beside(scene: Scene) -> RawHandler:
    """Tell many names over TCP; hang up on everybody where those names lead."""
    return _names_of_the_dead(scene) if _lies(scene) else OnConnect()


def _crowd(scene: Scene) -> Mapping[str, Iterable[bytes]]:  # noqa: ARG001
    v4 = (row(CROWD_V4 % divmod(number, 250), "t") for number in range(CROWD))
    v6 = (row(CROWD_V6 % (number + 1), "t") for number in range(CROWD))
    return _rows([*v4, *v6])


def _names(scene: Scene) -> Mapping[str, Iterable[bytes]]:  # noqa: ARG001
    safe = (text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in TEXTS.values())
    return _rows([text, text, [text, "t50001"]] for text in safe)


_names_of_the_dead = twisted(_told(lambda _: _rows(row(name, "s") for name in NAMES_OF_THE_DEAD)))


def _act(act: str, summary: str, seen: str, results: Callable[[Scene], Mapping[str, Iterable[bytes]]]) -> HostileAct:
    play = twisted(_told(results))
    return HostileAct(id=act, summary=summary, seen=seen, transports=(Transport.TCP, Transport.SSL), play=play)


PEER_ACTS: tuple[HostileAct, ...] = (
    _act(
        "peer_flood",
        "Lists 19,000 peers in one line.",
        "The flood of 2019: 9,500 peers in gossip against some 90 honest ones.",
        lambda _: {"server.peers.subscribe": flood(FLOOD_ROWS)},
    ),
    HostileAct(
        id="peer_flood_million",
        summary="Lists a million peers in one line.",
        seen="As above, without restraint.",
        transports=(Transport.TCP,),
        play=twisted(lambda _: ReplaceResults({"server.peers.subscribe": lambda: flood(MILLION)})),
    ),
    _act(
        "subdomain_flood",
        "Three machines name 34,000 subdomains each, which all resolve to one of them.",
        "1,500 subdomains on a few addresses in 2019.",
        _subdomains,
    ),
    _act(
        "forbidden_addresses",
        "Lists addresses of every range that is nobody's, everybody's own or a wrapping of another.",
        "0.0.0.0, 127.0.0.1 and 127.0.1.1 stand in real peer lists, 100.64.0.0/10 in real features.",
        lambda _: _rows(row(address, "t") for addresses in FORBIDDEN.values() for address in addresses),
    ),
    _act(
        "foreign_ports",
        "Lists ports of mail, shells, databases and printers, its own among them.",
        "Crawlers that were led to other people's ports brought their hosts complaints.",
        _ports,
    ),
    _act(
        "mixed_names",
        "Lists a name that resolves to its own address and to seven forbidden ones, and localhost.",
        "Known of browsers and web hooks (server-side request forgery, CWE-918).",
        lambda _: _rows([row(MIXED, "s"), row(LOCAL, "s", "t")]),
    ),
    _act(
        "rebinding_names",
        "Lists a name whose address changes after it was looked up.",
        "DNS rebinding (CWE-350): known of every check that resolves twice.",
        lambda _: _rows([row(REBINDING, "s", "t")]),
    ),
    _act(
        "own_name_leads_elsewhere",
        "Names an unusual port of its own host, whose name leads to a stranger's address as well.",
        "DNS rebinding, with a name that needs no second voice.",
        _own_port,
    ),
    HostileAct(
        id="many_names_of_one_dead_socket",
        summary="Lists twenty names that all lead to one port, which hangs up on everybody.",
        seen="1,500 subdomains on a few addresses in 2019, most of which never answered.",
        transports=(Transport.TCP, Transport.SSL),
        play=dead_beside,
        context=no_tls,
    ),
    _act(
        "crowded_networks",
        "Lists 500 addresses of one /16 and 500 of one /48.",
        "Eclipse attacks on Bitcoin's own gossip (Heilman et al. 2015).",
        _crowd,
    ),
    _act(
        "names_that_are_no_names",
        "Lists markup, formulae, terminal sequences and paths as hosts.",
        "As hostile_texts, in a field that becomes a name.",
        _names,
    ),
)
