"""Whom we dial at all. Pure: advertised addresses are hostile input, and this is checked after every resolution.

Peer lists name loopback, private and provider-internal addresses, by mistake or to send crawlers against somebody.
Forms that smuggle an IPv4 address inside IPv6 are refused as such: no public server needs them.
Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries.
"""

import functools
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from electrum_observatory.model.address import IpNetwork, lies_in, parse_address

_RANGES: Mapping[str, tuple[str, ...]] = {
    "unspecified": ("0.0.0.0/8", "::/128"),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "cgnat": ("100.64.0.0/10",),
    "link_local": ("169.254.0.0/16", "fe80::/10"),
    "site_local": ("fec0::/10",),
    "documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "benchmarking": ("198.18.0.0/15", "2001:2::/48"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "broadcast": ("255.255.255.255/32",),
    "ipv4_mapped": ("::ffff:0:0/96",),
    "ipv4_compatible": ("::/96",),
    "ipv4_translated": ("::ffff:0:0:0/96",),
    "nat64": ("64:ff9b::/96", "64:ff9b:1::/48"),
    "6to4": ("192.88.99.0/24", "2002::/16"),
    "teredo": ("2001::/32",),
    "orchid": ("2001:10::/28", "2001:20::/28"),
    "discard": ("100::/64",),
    "reserved": (
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2620:4f:8000::/48",
    ),
}
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

_LOCAL_DOMAINS = frozenset({"home.arpa", "internal", "invalid", "lan", "local", "localdomain", "localhost", "test"})
"""Domains of no public DNS. Sources: RFC 6761, 6762 and 8375, ICANN on .internal, and the habits of routers."""

REASONS: frozenset[str] = frozenset({*_RANGES, "local_name", "not_an_address", "outside_the_lab"})
"""Every reason that :class:`AddressPolicy` gives."""

OWN_NETWORKS: tuple[IpNetwork, ...] = tuple(
    ipaddress.ip_network(text) for reason in ("loopback", "private", "cgnat", "link_local") for text in _RANGES[reason]
)
"""What ``--allow-private`` allows: networks that a person may own."""


def _by_specificity(version: int) -> tuple[tuple[int, int, str], ...]:
    """Return mask, network and reason of the ranges of one version, as numbers: each address is compared with all."""
    rows = [(ipaddress.ip_network(text), reason) for reason, texts in _RANGES.items() for text in texts]
    rows.sort(key=lambda row: -row[0].prefixlen)
    return tuple((int(one.netmask), int(one.network_address), reason) for one, reason in rows if one.version == version)


_TABLES: Mapping[int, tuple[tuple[int, int, str], ...]] = {4: _by_specificity(4), 6: _by_specificity(6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Which addresses may be dialled.

    Attributes:
        allow: Networks that are allowed although they are not public; empty unless a person says so.
        only_allowed: Whether everything else is refused: a scan without manners must not leave the lab.
        local_names: Whether names of no public DNS may be looked up on strangers' word: a lab's own DNS may know them.
    """

    allow: tuple[IpNetwork, ...] = ()
    only_allowed: bool = False
    local_names: bool = False

    def refusal(self, address: str) -> str | None:
        """Return the id of the reason why an address must not be dialled (one of ``REASONS``), or None."""
        return _refusal(self, address)

    def name_refusal(self, host: str) -> str | None:
        """Return ``local_name`` for a name that only a proxy's own network could know, or None.

        Behind a proxy we see no address, so the name must do; and where we look names up ourselves, nobody's word makes
        us ask a home network for one. Single labels and local domains pass only where a person allowed loopback.
        """
        if self.local_names:
            return None
        labels = host.split(".")
        is_local = len(labels) == 1 or labels[-1] in _LOCAL_DOMAINS or ".".join(labels[-2:]) in _LOCAL_DOMAINS
        return "local_name" if is_local and not self.allows_explicitly("127.0.0.1") else None

    def allows_explicitly(self, address: str) -> bool:
        """Whether an address lies in a network that a person allowed."""
        parsed = parse_address(address)
        return parsed is not None and lies_in(parsed, self.allow)


@functools.lru_cache(maxsize=4096)  # admission, the dialler and the frontier ask of the same address within a second
def _refusal(policy: AddressPolicy, address: str) -> str | None:
    parsed = parse_address(address)
    if parsed is None:
        return "not_an_address"
    if policy.allows_explicitly(address):
        return None
    number = int(parsed)
    for mask, network, reason in _TABLES[parsed.version]:
        if number & mask == network:
            return reason
    if parsed.version == 6 and parsed not in _GLOBAL_UNICAST:
        return "reserved"
    return "outside_the_lab" if policy.only_allowed else None


USUAL_PORTS: Mapping[int, str] = MappingProxyType(
    {
        443: "TLS and WebSocket behind a front proxy, for wallets in networks that let only the web through",
        **dict.fromkeys(range(50001, 50005), "mainnet: tcp, ssl, ws, wss by convention"),
        **dict.fromkeys(range(51001, 51005), "testnets: tcp, ssl, ws, wss by convention"),
        40001: "testnet4 of romanz electrs",
        40002: "testnet4 over TLS",
        57001: "Frigate",
        57002: "Frigate behind TLS",
        60001: "testnets of romanz electrs and of public servers",
        60002: "public servers, TLS",
        60401: "regtest of romanz electrs",
        60601: "signet of romanz electrs",
    }
)
"""Ports that are dialled on one teller's word, and why."""

FOREIGN_SERVICES: Mapping[int, str] = MappingProxyType(
    {
        7: "echo: would answer us with ourselves",
        9: "discard",
        19: "chargen: a flood",
        20: "FTP data",
        21: "FTP",
        22: "SSH: looks like password guessing",
        23: "Telnet: looks like password guessing",
        25: "SMTP: looks like spam",
        53: "DNS",
        102: "industrial control (S7)",
        111: "portmapper",
        135: "Windows RPC",
        137: "NetBIOS",
        138: "NetBIOS",
        139: "NetBIOS",
        143: "IMAP: looks like password guessing",
        161: "SNMP",
        179: "BGP",
        389: "LDAP",
        445: "SMB",
        465: "mail submission: looks like spam",
        502: "industrial control (Modbus)",
        512: "rexec",
        513: "rlogin",
        514: "rsh",
        515: "printer: would print us",
        587: "mail submission: looks like spam",
        631: "printer (IPP)",
        636: "LDAP",
        873: "rsync",
        993: "IMAP: looks like password guessing",
        995: "POP3: looks like password guessing",
        1080: "SOCKS: looks like a search for open proxies",
        1433: "Microsoft SQL Server",
        1521: "Oracle",
        2049: "NFS",
        2375: "Docker",
        2376: "Docker",
        2379: "etcd",
        3128: "Squid: looks like a search for open proxies",
        3306: "MySQL",
        3389: "remote desktop: looks like password guessing",
        5060: "telephony (SIP)",
        5432: "PostgreSQL",
        5900: "VNC: looks like password guessing",
        5985: "Windows remote management",
        5986: "Windows remote management",
        6000: "X11",
        6379: "Redis: takes lines as commands",
        6443: "Kubernetes",
        6667: "IRC: takes lines as commands",
        6697: "IRC: takes lines as commands",
        8332: "Bitcoin Core's RPC: looks like theft",
        8333: "Bitcoin's peer-to-peer port",
        9050: "Tor's SOCKS port",
        9051: "Tor's control port",
        9100: "printer: would print us",
        9200: "Elasticsearch",
        9735: "Lightning's peer-to-peer port",
        10250: "Kubernetes",
        11211: "memcached: takes lines as commands",
        18332: "Bitcoin Core's RPC on testnet",
        20000: "industrial control (DNP3)",
        27017: "MongoDB",
        44818: "industrial control (EtherNet/IP)",
        47808: "building control (BACnet)",
    }
)
"""Ports that are never dialled on the word of strangers, and whose they are.

Absent on purpose: 110 (POP3) and 700, which a well-known public server really uses; they take the way of any unusual
port, which is two tellers or a trusted list.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortPolicy:
    """Which ports may be dialled.

    Attributes:
        tellers_needed: Sources that have to name an unusual port before it is dialled.
    """

    tellers_needed: int = 2

    def refusal(self, port: int, *, tellers: int = 1, trusted: bool = False) -> str | None:
        """Return ``foreign_service`` or ``unusual_port``, or None where the port may be dialled.

        Args:
            port: The port.
            tellers: How many independent sources named it for this host.
            trusted: Whether a list that a person chose (or the bundled one) named it.
        """
        if port in FOREIGN_SERVICES:
            return "foreign_service"
        if port in USUAL_PORTS or trusted or tellers >= self.tellers_needed:
            return None
        return "unusual_port"
